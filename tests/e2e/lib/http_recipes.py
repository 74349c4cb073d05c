# SPDX-License-Identifier: Apache-2.0
"""Requests that servers read differently, and those that all of them read alike.

{R} and {F} are the real and the other name, of equal length; {T} is a token for each time a recipe is
played. `gate` is what the gate owes the client where the real name is allowed:

  works    the server gets exactly `first` and answers as it does without a gate
  second   the server gets exactly `first` and answers; `rest` is refused and never leaves
  refused  the gate answers by itself, and nothing of the connection is seen outside
  either   as works, or as refused

Where only the other name is allowed, every recipe is as refused: `first` names the real host, or is
ambiguous.
"""
import dataclasses

REAL_NAME, FAKE_NAME = "real.example", "fake.example"


@dataclasses.dataclass
class Recipe:
    id: str
    what: str
    first: str
    rest: str = ""
    gate: str = "refused"
    send: str = "together"  # "after": rest follows the first response; "straddling": with first's end
    responses: int = 1      # to `first`
    answers: dict = dataclasses.field(default_factory=dict)  # server -> status (None: it closes), if not 200

    def octets(self, token):
        """(first, rest) as they go on the wire."""
        def filled(text):
            text = text.replace("{R}", REAL_NAME).replace("{F}", FAKE_NAME).replace("{T}", token)
            return text.encode("latin-1")
        return filled(self.first), filled(self.rest)

    def status(self, server):
        return self.answers.get(server, 200)


def get(*fields, line="GET /{T} HTTP/1.1", end="\r\n"):
    return end.join([line, *fields, "", ""])


HOST, OTHER = "Host: {R}", "Host: {F}"
POST = "POST /{T} HTTP/1.1"
LAST = get(HOST, "Connection: close", line="GET /last HTTP/1.1")
# A body that is a request for another name. Servers that take it for one answer twice.
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: {F}\r\n\r\n"
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


def chunked(text):
    return f"{len(text.replace('{F}', FAKE_NAME)):x}\r\n{text}\r\n0\r\n\r\n"


def sized(text):
    return get(HOST, f"Content-Length: {len(text.replace('{F}', FAKE_NAME))}", line=POST) + text


RECIPES = [
    Recipe("H01", "a plain request", get(HOST), gate="works"),
    Recipe("H02", "lower case and no blank", get("host:{R}"), gate="works"),
    Recipe("H03", "tabs around the value", get("Host:\t{R}\t"), gate="either", answers={"nginx": 400}),
    Recipe("H04", "two Hosts", get(HOST, OTHER)),
    Recipe("H04b", "two Hosts, the other first", get(OTHER, HOST)),
    Recipe("H04c", "two Hosts far apart", get(HOST, "A: b", "host: {F}")),
    Recipe("H05", "two equal Hosts", get(HOST, HOST)),
    Recipe("H07", "blank before the colon", get("Host : {R}")),
    Recipe("H07b", "blank before the colon of a second Host", get(HOST, "Host : {F}")),
    Recipe("H08", "tab before the colon", get("Host\t: {R}")),
    Recipe("H09", "value on a folded line", get("Host:\r\n {R}")),
    Recipe("H10", "second Host on a folded line", get("A: b\r\n Host: {F}", HOST)),
    Recipe("H10b", "Host goes on on a folded line", get("Host: {R}\r\n\t.{F}")),
    Recipe("H11", "first field begins with a blank", get(" Host: {R}")),
    Recipe("H12", "absolute form and another Host", get(OTHER, line="GET http://{R}/{T} HTTP/1.1")),
    Recipe("H12b", "absolute form of another name", get(HOST, line="GET http://{F}/{T} HTTP/1.1")),
    Recipe("H13", "absolute form without Host", get(line="GET http://{R}/{T} HTTP/1.1")),
    Recipe("H14", "user in the absolute form", get(HOST, line="GET http://u@{R}/{T} HTTP/1.1")),
    Recipe("H14b", "a name for the user", get(HOST, line="GET http://{R}@{F}/{T} HTTP/1.1")),
    Recipe("H15", "user in Host", get("Host: u@{R}")),
    Recipe("H15b", "a name for the user in Host", get("Host: {R}@{F}")),
    Recipe("H16", "port", get("Host: {R}:80"), gate="works"),
    Recipe("H17", "empty port", get("Host: {R}:")),
    Recipe("H18", "junk for a port", get("Host: {R}:8x")),
    Recipe("H18b", "port and junk", get("Host: {R}:80@{F}")),
    Recipe("H19", "trailing dot", get("Host: {R}."), gate="works"),
    Recipe("H20", "upper case", get("Host: REAL.Example"), gate="works"),
    Recipe("H21", "path in Host", get("Host: {R}/x")),
    Recipe("H22", "NUL in Host", get("Host: {R}\0.{F}")),
    Recipe("H23", "blank in Host", get("Host: {R} {F}")),
    Recipe("H23b", "comma in Host", get("Host: {R},{F}")),
    Recipe("H24", "lines that end in LF", get(HOST, end="\n")),
    Recipe("H24b", "one line that ends in LF", get("A: b\nC: d", HOST)),
    Recipe("H25", "CR hides a second Host", get("A: b\rHost: {F}", HOST)),
    Recipe("H26", "LF hides a second Host", get("A: b\nHost: {F}", HOST)),
    Recipe("H27", "one empty line first", "\r\n" + get(HOST), gate="works", answers={"python": None}),
    Recipe("H28", "two empty lines first", "\r\n\r\n" + get(HOST)),
    Recipe("H29", "HTTP/1.0 without Host", get(line="GET /{T} HTTP/1.0")),
    Recipe("H30", "HTTP/0.9", "GET /{T}\r\n"),
    Recipe("H31", "HTTP/1.1 without Host", get("A: b")),
    Recipe("H32", "empty Host", get("Host:")),
    Recipe("H33", "two blanks in the request line", get(HOST, line="GET  /{T} HTTP/1.1")),
    Recipe("H33b", "blank at the end of the request line", get(HOST, line="GET /{T} HTTP/1.1 ")),
    Recipe("H34", "tabs in the request line", get(HOST, line="GET\t/{T}\tHTTP/1.1")),
    Recipe("H35", "unknown method", get(HOST, line="FETCH /{T} HTTP/1.1")),
    Recipe("H36", "method in lower case", get(HOST, line="get /{T} HTTP/1.1")),
    Recipe("H37", "HTTP/1.2", get(HOST, line="GET /{T} HTTP/1.2")),
    Recipe("H38", "HTTP/2.0 as text", get(HOST, line="GET /{T} HTTP/2.0")),
    Recipe("H38b", "http/1.1 in lower case", get(HOST, line="GET /{T} http/1.1")),
    Recipe("H39", "preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    Recipe("H40", "CONNECT to the other name", get(HOST, line="CONNECT {F}:443 HTTP/1.1")),
    Recipe("H40b", "CONNECT to the real name", get("Host: {R}:80", line="CONNECT {R}:80 HTTP/1.1")),
    Recipe("H41", "OPTIONS *", get(HOST, "A: {T}", line="OPTIONS * HTTP/1.1"), gate="works",
           answers={"nginx": 400}),
    Recipe("H42", "line without a colon", get("colonless", HOST)),
    Recipe("H43", "empty name", get(": {F}", HOST)),
    Recipe("H44", "NUL in the name", get("Host\0: {R}")),
    Recipe("H44b", "second Host with NUL in its name", get(HOST, "Host\0: {F}")),
    Recipe("H45", "16 KiB before Host", get("A: " + "x" * 16384, HOST)),
    Recipe("H46", "200 fields before Host", get(*(f"A{n}: b" for n in range(200)), HOST)),
    Recipe("H47", "IPv6 literal", get("Host: [2001:db8::1]")),
    Recipe("H47b", "IPv4 literal", get("Host: 198.51.100.30")),
    Recipe("H48", "decimal address", get("Host: 3325256734")),
    Recipe("H49", "%2e for a dot", get("Host: real%2eexample")),
    Recipe("H51", "# in the absolute form", get(HOST, line="GET http://{R}#@{F}/{T} HTTP/1.1")),
    Recipe("H52", "backslash in the absolute form", get(HOST, line="GET http://{R}\\@{F}/{T} HTTP/1.1")),
    Recipe("H53", "second request in the same segment", get(HOST), get(OTHER, line="GET /second HTTP/1.1"),
           gate="second"),
    Recipe("H54", "Content-Length and chunked",
           get(HOST, "Content-Length: 6", "Transfer-Encoding: chunked", line=POST) + "0\r\n\r\n" + SMUGGLED),
    Recipe("H54b", "chunked and Content-Length",
           get(HOST, "Transfer-Encoding: chunked", "Content-Length: 6", line=POST) + "0\r\n\r\n" + SMUGGLED),
    Recipe("H54c", "two lengths", get(HOST, "Content-Length: 0", "Content-Length: 3", line=POST) + "abc"),
    Recipe("H54d", "length with a sign", get(HOST, "Content-Length: +3", line=POST) + "abc"),
    Recipe("H55", "unknown Transfer-Encoding",
           get(HOST, "Transfer-Encoding: xchunked", line=POST) + "0\r\n\r\n" + SMUGGLED),
    Recipe("H55b", "Transfer-Encoding behind a tab",
           get(HOST, "Transfer-Encoding:\x0bchunked", line=POST) + "0\r\n\r\n" + SMUGGLED),
    Recipe("H55c", "chunked twice",
           get(HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", line=POST) + "0\r\n\r\n"),
    Recipe("H56", "VT before the name", get("Host:\x0b{R}")),
    Recipe("H57", "byte order mark before Host", get("\xef\xbb\xbfHost: {R}")),
    Recipe("H57b", "byte order mark before the method", "\xef\xbb\xbf" + get(HOST)),
    Recipe("H58", "CR CR LF", get("Host: {R}\r")),
    Recipe("P01", "another name after the first response", get(HOST), get(OTHER), gate="second", send="after"),
    Recipe("P02", "another name after an upgrade that was not taken", get(HOST, *UPGRADE), get(OTHER),
           gate="second", send="after"),
    Recipe("P02b", "upgrade to HTTP/2",
           get(HOST, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")),
    Recipe("P02c", "upgrade to something", get(HOST, "Connection: Upgrade", "Upgrade: xyz")),
    Recipe("P03", "another name in the segment of the body's end", sized("0123456789"), get(OTHER),
           gate="second", send="straddling"),
    Recipe("P03b", "another name in the segment of the last chunk",
           get(HOST, "Transfer-Encoding: chunked", line=POST) + chunked("0123456789"), get(OTHER),
           gate="second", send="straddling"),
    Recipe("P04", "a body that is a request for another name", sized(SMUGGLED) + LAST, gate="works", responses=2),
    Recipe("P04b", "a chunk that is a request for another name",
           get(HOST, "Transfer-Encoding: chunked", line=POST) + chunked(SMUGGLED) + LAST, gate="works",
           responses=2),
]


def named(identifier):
    return next(r for r in RECIPES if r.id == identifier)


# ---- playing ----

def play_first(chosen, connection, token):
    """Sends `first` and what comes with it; returns the responses to `first`."""
    first, rest = chosen.octets(token)
    if chosen.send == "after":
        connection.send(first)
    elif chosen.send == "straddling":
        connection.send(first[:-5])
        connection.send(first[-5:] + rest)
    else:
        connection.send(first + rest)
    responses = [connection.response() for _ in range(chosen.responses)]
    if chosen.send == "after":
        connection.send(rest)
    return responses


def check_answers(chosen, connection, token, server):
    """The server's answers to `first` must be those of the table."""
    if chosen.status(server) is None:
        connection.send(chosen.octets(token)[0])
        octets = connection.rest()
        # A gate says that the server gave none.
        assert not octets or octets.startswith(b"HTTP/1.1 502"), f"an answer where the table has none: {octets}"
        return
    statuses = [r.status for r in play_first(chosen, connection, token)]
    wanted = [chosen.status(server)] * chosen.responses
    assert statuses == wanted, f"{statuses} instead of {wanted}"


def check_refusal(octets, ended):
    """What a client may see of a refusal: a page, or nothing, and the end."""
    assert ended, "the connection is still open"
    assert not octets or octets.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), f"answer {octets[:200]!r}"
