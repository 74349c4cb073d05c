# SPDX-License-Identifier: Apache-2.0
"""A TLS origin for bulk: ADDRESS PORT CERTIFICATE KEY. Prints one line for each request."""
import hashlib
import http.server
import socket
import socketserver
import ssl
import sys

BLOCK = bytes(range(256)) * 256  # 64 KiB


def body(length):
    """The octets that GET /bytes/LENGTH returns."""
    while length > 0:
        yield BLOCK[:min(length, len(BLOCK))]
        length -= len(BLOCK)


def body_sha256(length):
    digest = hashlib.sha256()
    for block in body(length):
        digest.update(block)
    return digest.hexdigest()


def write_body(path, length):
    """A file of the octets that GET /bytes/LENGTH returns."""
    with open(path, "wb") as f:
        for block in body(length):
            f.write(block)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _head(self, length):
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def do_GET(self):
        length = int(self.path.rsplit("/", 1)[-1] or 0)
        self._head(length)
        for block in body(length):
            self.wfile.write(block)

    def do_PUT(self):
        digest, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while left > 0:
            block = self.rfile.read(min(left, 1 << 18))
            if not block:
                break
            digest.update(block)
            left -= len(block)
        answer = digest.hexdigest().encode()
        self._head(len(answer))
        self.wfile.write(answer)

    def log_message(self, format, *args):
        print(f"{self.client_address[0]}:{self.client_address[1]}", format % args, flush=True)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512

    def get_request(self):
        # The handshake happens in the connection's own thread, at its first read.
        sock, peer = super().get_request()
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), peer

    def handle_error(self, request, client_address):
        print(f"{client_address[0]}:{client_address[1]} {sys.exc_info()[1]!r}", flush=True)


def main():
    address, port, certificate, key = sys.argv[1:5]
    Server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Server.context.load_cert_chain(certificate, key)
    Server.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = Server((address, int(port)), Handler)
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
