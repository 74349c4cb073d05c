// SPDX-License-Identifier: Apache-2.0
// Node's HTTP client with one kept connection: ADDRESS NAME. GET, a chunked PUT, GET; prints what it got.
'use strict';
const http = require('http');

const [address, name] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, path, pieces) {
    return new Promise((resolve, reject) => {
        const request = http.request({ host: address, method, path, agent, headers: { Host: name } }, (response) => {
            let octets = 0;
            response.on('data', (piece) => { octets += piece.length; });
            response.on('end', () => resolve(`${method} ${response.statusCode} ${octets} ${request.reusedSocket}`));
        });
        request.on('error', reject);
        for (const piece of pieces) request.write(piece);
        request.end();
    });
}

(async () => {
    console.log(await ask('GET', '/chunked/1000000', []));
    console.log(await ask('PUT', '/up', ['a'.repeat(70000), 'b']));
    console.log(await ask('GET', '/bytes/10', []));
    agent.destroy();
})();
