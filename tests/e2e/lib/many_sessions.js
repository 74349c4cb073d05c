// SPDX-License-Identifier: Apache-2.0
// Node's own clients, a connection for each request: ADDRESS NAME CA COUNT OCTETS. Every second one is TLS.
// Prints the SHA-256 of each body.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');

const [address, name, ca, count, octets] = process.argv.slice(2);
const tls = { servername: name, ca: fs.readFileSync(ca) };

function fetch(client, options) {
    return new Promise((resolve, reject) => {
        const request = client.get({ host: address, path: `/bytes/${octets}`, agent: false, headers: { Host: name }, ...options });
        request.on('error', reject);
        request.on('response', (response) => {
            const digest = crypto.createHash('sha256');
            response.on('data', (piece) => digest.update(piece));
            response.on('error', reject);
            response.on('end', () => resolve(digest.digest('hex')));
        });
    });
}

(async () => {
    for (let i = 0; i < Number(count); ++i)
        console.log(await (i % 2 ? fetch(https, tls) : fetch(http, {})));
})();
