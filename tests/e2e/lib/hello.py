# SPDX-License-Identifier: Apache-2.0
"""ClientHellos by OpenSSL, and ways to reshape them without changing what they ask for."""
import ssl
import struct

# A ServerHello of TLS 1.3, in one record; enough for whoever only wants to see that it is one.
_BODY = (b"\x03\x03" + bytes(range(32)) + b"\x00" + b"\x13\x01" + b"\x00" +
         struct.pack("!H", 6) + b"\x00\x2b\x00\x02\x03\x04")
SERVER_HELLO = (b"\x16\x03\x03" + struct.pack("!H", len(_BODY) + 4) +
                b"\x02" + struct.pack("!I", len(_BODY))[1:] + _BODY)
# The random that makes a ServerHello a HelloRetryRequest (RFC 8446 section 4.1.3).
_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
HELLO_RETRY_REQUEST = SERVER_HELLO.replace(bytes(range(32)), _RETRY_RANDOM)
UNRECOGNIZED_NAME = b"\x15\x03\x03\x00\x02\x02\x70"  # fatal alert 112


def client_hello(name):
    """One TLS record with a ClientHello for `name` (None: without SNI)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a handshake without a server cannot end")


def is_complete(stream):
    """Whether the stream begins with a whole first handshake message, over any number of records."""
    message, at = b"", 0
    while at + 5 <= len(stream):
        length = struct.unpack_from("!H", stream, at + 3)[0]
        if at + 5 + length > len(stream):
            return False
        message += stream[at + 5:at + 5 + length]
        at += 5 + length
        if len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4], "big"):
            return True
    return False


def records(hello, *sizes):
    """The same handshake message cut into records of the sizes; the last one takes the rest."""
    message, out = hello[5:], b""
    for size in sizes:
        if message:
            out += b"\x16\x03\x01" + struct.pack("!H", len(message[:size])) + message[:size]
            message = message[size:]
    return out + (b"\x16\x03\x01" + struct.pack("!H", len(message)) + message if message else b"")


def grown(hello, octets):
    """The hello with an extension of private use that adds `octets`, as a post-quantum share does."""
    body = hello[9:]
    at = 2 + 32
    at += 1 + body[at]                                    # session id
    at += 2 + struct.unpack_from("!H", body, at)[0]       # cipher suites
    at += 1 + body[at]                                    # compression methods
    extensions = body[at + 2:] + struct.pack("!HH", 0xFE00, octets - 4) + b"\xAA" * (octets - 4)
    body = body[:at] + struct.pack("!H", len(extensions)) + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(message)) + message


def name_position(stream, name):
    """Where the name stands in the stream."""
    return stream.index(name.encode())
