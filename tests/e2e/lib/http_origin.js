// SPDX-License-Identifier: Apache-2.0
// An HTTP origin on node: ADDRESS PORT. Prints one line for each request once its body is complete.
'use strict';
const http = require('http');

const [address, port] = process.argv.slice(2);
const server = http.createServer((request, response) => {
    let octets = 0;
    request.on('data', (piece) => { octets += piece.length; });
    request.on('end', () => {
        const peer = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
        const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
        console.log(`${peer} ${JSON.stringify(request.headers.host)} ${JSON.stringify(line)} ${octets}`);
        response.end('hello from node\n');
    });
});
server.keepAliveTimeout = 30000;
server.listen(Number(port), address, () => console.log('listening'));
