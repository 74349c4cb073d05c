# SPDX-License-Identifier: Apache-2.0
"""An HTTP origin: ADDRESS PORT. Prints one line for each request.

GET /bytes/N with Content-Length, /chunked/N with chunks, /until-close/N up to the end of the
connection, /204 and /304; PUT and POST answer the SHA-256 of the body, whichever framing it came in.
"""
import hashlib
import http.server
import socket
import sys

from bulk_origin import Handler as BulkHandler
from bulk_origin import body


class Handler(BulkHandler):
    def _octets(self):
        return int(self.path.rsplit("/", 1)[-1])

    def do_GET(self):
        kind = self.path.split("/")[1]
        if kind == "bytes":
            super().do_GET()
        elif kind == "chunked":
            self._chunked()
        elif kind == "until-close":
            self._until_close()
        elif kind in ("204", "304"):
            self.send_response(int(kind))
            self.send_header("ETag", '"same"')
            self.end_headers()
        else:
            self._say(b"hello from python\n")

    def do_OPTIONS(self):
        self._say(b"")

    def do_HEAD(self):
        self._head(self._octets())

    def do_PUT(self):
        digest = hashlib.sha256()
        for block in self._body():
            digest.update(block)
        self._say(digest.hexdigest().encode())

    do_POST = do_PUT

    def _say(self, text):
        self._head(len(text))
        self.wfile.write(text)

    def _chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Trailer", "X-Length")
        self.end_headers()
        for block in body(self._octets()):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
        self.wfile.write(b"0\r\nX-Length: %d\r\n\r\n" % self._octets())

    def _until_close(self):
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        for block in body(self._octets()):
            self.wfile.write(block)

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._body_of_chunks()
        return self._pieces(int(self.headers.get("Content-Length", 0)))

    def _pieces(self, left):
        while left > 0 and (block := self.rfile.read(min(left, 1 << 18))):
            left -= len(block)
            yield block

    def _body_of_chunks(self):
        while length := int(self.rfile.readline().split(b";")[0], 16):
            yield from self._pieces(length)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512

    def handle_error(self, request, client_address):
        print(f"{client_address[0]}:{client_address[1]} {sys.exc_info()[1]!r}", flush=True)


def main():
    Server.address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
    server = Server((sys.argv[1], int(sys.argv[2])), Handler)
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
