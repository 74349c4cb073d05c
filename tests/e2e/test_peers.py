# SPDX-License-Identifier: Apache-2.0
"""Real TLS clients other than curl, and servers with special manners."""
from lib.capture import Capture
from lib.families import bracketed
from lib.gate import Gate
from lib.netns import PUBLIC, server
from lib.origin import Nginx, OpensslServer
from lib.process import run
from lib.scenario import equal, no_packet_of, scenario


def s_client(lab, name, address, *args):
    return run(["openssl", "s_client", "-connect", f"{bracketed(address)}:443", "-servername", name, "-CAfile",
                lab.authority.ca, "-verify_return_error", "-ign_eof", *args], ns=lab.wire.client,
               check=False, data=f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n")


def gnutls(lab, name, address):
    return run(["gnutls-cli", "--x509cafile", lab.authority.ca, "--sni-hostname", name,
                "--verify-hostname", name, "-p", "443", address], ns=lab.wire.client, check=False,
               data=f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n")


@scenario
def openssl_allowed(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with Gate(lab):
        for version in ("-tls1_2", "-tls1_3"):
            done = s_client(lab, "allowed.example", server(10), version)
            equal(f"exit {version}", done.returncode, 0)
            assert "hello from allowed.example" in done.stdout, done.stdout + done.stderr


@scenario
def openssl_denied(lab):
    Nginx(lab, {"denied.example": server(11)})
    with Gate(lab), Capture(lab, lab.wire.internet, "s0") as capture:
        done = s_client(lab, "denied.example", server(11))
        assert done.returncode != 0 and "alert number 112" in done.stderr, done.stderr
        no_packet_of(capture.stop(), server(11), PUBLIC)


@scenario
def gnutls_allowed(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with Gate(lab):
        done = gnutls(lab, "allowed.example", server(10))
        assert "hello from allowed.example" in done.stdout, done.stdout + done.stderr


@scenario
def gnutls_denied(lab):
    Nginx(lab, {"denied.example": server(11)})
    with Gate(lab), Capture(lab, lab.wire.internet, "s0") as capture:
        done = gnutls(lab, "denied.example", server(11))
        assert done.returncode != 0, done.stdout
        text = done.stdout + done.stderr
        assert "unrecognized" in text.lower() or "not recognized" in text.lower(), text
        no_packet_of(capture.stop(), server(11), PUBLIC)


@scenario
def hello_retry_request_with_the_same_name(lab):
    """The server insists on another group, so the client sends its hello twice."""
    OpensslServer(lab, "allowed.example", server(10), extra=("-groups", "P-521"))
    with Gate(lab) as gate:
        done = s_client(lab, "allowed.example", server(10), "-groups", "X25519:P-521")
        equal("exit", done.returncode, 0)
        assert "HTTP/1.0 200" in done.stdout, done.stdout[-500:]
        equal("retries", gate.counter("hello_retries"), 1)
        equal("spliced", gate.counter("sessions_spliced"), 1)
