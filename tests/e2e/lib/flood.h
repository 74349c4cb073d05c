// SPDX-License-Identifier: Apache-2.0
// What the floods of the tests share: frames with TCP between two addresses of either family, which leave one
// device in batches, at a rate, until there were enough or SIGTERM comes. Then the last line of output says how many.
#ifndef SALLYPORT_FLOOD_H
#define SALLYPORT_FLOOD_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { kBatch = 64, kFrameMax = 128, kIpAt = 14 };

static void put16(uint8_t* at, uint32_t v) { at[0] = (uint8_t)(v >> 8), at[1] = (uint8_t)v; }
static void put32(uint8_t* at, uint32_t v) { put16(at, v >> 16), put16(at + 2, v & 0xffff); }

static uint32_t sum(const uint8_t* p, int n, uint32_t s) {
    for (int i = 0; i + 1 < n; i += 2) s += (uint32_t)(p[i] << 8 | p[i + 1]);
    return n % 2 != 0 ? s + (uint32_t)(p[n - 1] << 8) : s;
}
static uint32_t fold(uint32_t s) {
    while (s >> 16) s = (s & 0xffff) + (s >> 16);
    return ~s & 0xffff;
}

static int read_mac(const char* text, uint8_t* mac) {
    return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) == 6;
}

struct family {
    int kind, ethertype;
    int header, address;  // octets of the IP header, which ends with two addresses, and of one of these
    uint8_t begin[12];    // of a header before TCP, as far as the addresses
};
static const struct family kFamilies[] = {
    {AF_INET, ETH_P_IP, 20, 4, {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, IPPROTO_TCP}},
    {AF_INET6, ETH_P_IPV6, 40, 16, {0x60, 0, 0, 0, 0, 0, IPPROTO_TCP, 64}},
};
// Between whom the frames go, and the family of both.
static uint8_t ends[32];
static const struct family* family;

static int read_ends(const char* source, const char* server) {
    for (family = kFamilies; family != kFamilies + 2; ++family)
        if (inet_pton(family->kind, source, ends) == 1 && inet_pton(family->kind, server, ends + family->address) == 1) return 1;
    return 0;
}

static uint8_t* behind_ip(uint8_t* f) { return f + kIpAt + family->header; }
static uint8_t* addresses(uint8_t* f) { return behind_ip(f) - 2 * family->address; }

// What all frames have in common; finish_ip() when the length and all fields are known.
static void begin_frame(uint8_t* f, const uint8_t* to, const uint8_t* from) {
    memcpy(f, to, 6), memcpy(f + 6, from, 6);
    put16(f + 12, (uint32_t)family->ethertype);
    memcpy(f + kIpAt, family->begin, sizeof family->begin);
    memcpy(addresses(f), ends, 2 * (size_t)family->address);
}
static void finish_ip(uint8_t* f, int length) {
    uint8_t* ip = f + kIpAt;
    if (family->kind == AF_INET6) {
        put16(ip + 4, (uint32_t)(f + length - behind_ip(f)));
    } else {
        put16(ip + 2, (uint32_t)(f + length - ip)), put16(ip + 10, 0);
        put16(ip + 10, fold(sum(ip, family->header, 0)));
    }
}
// The pseudo-headers of both families have the same sum.
static void finish_tcp(uint8_t* f, int length) {
    uint8_t* tcp = behind_ip(f);
    const int segment = (int)(f + length - tcp);
    put16(tcp + 16, 0);
    put16(tcp + 16, fold(sum(tcp, segment, sum(addresses(f), 2 * family->address, IPPROTO_TCP + (uint32_t)segment))));
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static void pace(double ahead) {
    struct timespec t = {0, (long)(ahead * 1e9)};
    if (ahead > 0) nanosleep(&t, NULL);
}

static volatile sig_atomic_t stopped;
static void stop(int signal) { (void)signal, stopped = 1; }

// `make` writes frame `n` over an earlier one and returns its length.
static int flood(const char* device, uint32_t count, double rate, const uint8_t* to, const uint8_t* from,
                 int (*make)(uint8_t*, uint32_t)) {
    static uint8_t frames[kBatch][kFrameMax];
    static struct mmsghdr messages[kBatch];
    static struct iovec vectors[kBatch];
    struct sockaddr_ll there = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device)};
    const int s = socket(AF_PACKET, SOCK_RAW, 0);
    if (s < 0 || bind(s, (struct sockaddr*)&there, sizeof there) != 0) return perror("bind"), 1;
    signal(SIGTERM, stop);
    for (int i = 0; i < kBatch; ++i) {
        begin_frame(frames[i], to, from);
        vectors[i].iov_base = frames[i];
        messages[i].msg_hdr.msg_iov = &vectors[i], messages[i].msg_hdr.msg_iovlen = 1;
    }
    // A slow flood sends smaller batches: a burst every millisecond or so.
    const uint32_t batch = rate / 1000 < 1 ? 1 : rate / 1000 > kBatch ? kBatch : (uint32_t)(rate / 1000);
    const double begun = now();
    uint32_t sent = 0;
    while (sent < count && !stopped) {
        pace(begun + sent / rate - now());
        const uint32_t n = count - sent < batch ? count - sent : batch;
        for (uint32_t i = 0; i < n; ++i) vectors[i].iov_len = (size_t)make(frames[i], sent + i);
        const int done = sendmmsg(s, messages, n, 0);
        if (done > 0) sent += (uint32_t)done;
    }
    printf("sent %u in %.1f s\n", sent, now() - begun);
    return 0;
}

#endif
