// SPDX-License-Identifier: Apache-2.0
// vlan_trunk TRUNK VLAN:DEVICE ...
// A switch: frames from DEVICE go out of TRUNK with a tag, tagged ones from TRUNK without it to the
// DEVICE of their VLAN; what belongs to none is lost. It does what needs the module 8021q elsewhere.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { kDevicesMax = 8, kFrameMax = 16 * 1024, kMacs = 12, kTag = 4, kBatch = 64, kVlanMask = 0xfff };

struct device {
    int fd;
    int vlan;
};

static uint8_t buffer[2 * kTag + kFrameMax];
static uint8_t* const received = buffer + 2 * kTag;

static void must(int good, const char* what) {
    if (good) return;
    perror(what);
    exit(1);
}

static int open_device(const char* name) {
    const int on = 1, octets = 8 << 20;
    // Bound before it listens to a protocol, so that it never sees the frames of other devices.
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    address.sll_ifindex = (int)if_nametoindex(name);
    must(fd >= 0 && address.sll_ifindex > 0, name);
    must(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0, "PACKET_IGNORE_OUTGOING");
    must(setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) == 0, "PACKET_AUXDATA");
    must(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) == 0, "SO_RCVBUFFORCE");
    must(bind(fd, (const struct sockaddr*)&address, sizeof address) == 0, name);
    return fd;
}

// The VLAN of a received message, which the kernel has taken out of the frame; -1: it had no tag.
static int vlan_of(struct msghdr* message) {
    for (struct cmsghdr* c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        struct tpacket_auxdata aux;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA) continue;
        memcpy(&aux, CMSG_DATA(c), sizeof aux);
        if (aux.tp_status & TP_STATUS_VLAN_VALID) return aux.tp_vlan_tci & kVlanMask;
    }
    return -1;
}

// Receives behind room for two tags; the length, or 0 when nothing waits.
static size_t receive(int fd, int* vlan) {
    char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    struct iovec vector = {received, kFrameMax};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    const ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
    if (length < kMacs + 2) return 0;
    *vlan = vlan_of(&message);
    return (size_t)length;
}

// A frame that the device does not take is lost, as on a wire.
static void send_frame(int fd, const uint8_t* frame, size_t length) {
    if (send(fd, frame, length, 0) < 0) return;
}

static uint8_t* put_tag(uint8_t* frame, int vlan) {
    const uint8_t tag[kTag] = {0x81, 0x00, (uint8_t)(vlan >> 8), (uint8_t)vlan};
    memmove(frame - kTag, frame, kMacs);
    memcpy(frame - kTag + kMacs, tag, kTag);
    return frame - kTag;
}

// A tag that the host itself has put on stays, inside.
static void send_tagged(int trunk, int vlan, int inner, size_t length) {
    uint8_t* frame = inner < 0 ? received : put_tag(received, inner);
    frame = put_tag(frame, vlan);
    send_frame(trunk, frame, length + (size_t)(received - frame));
}

static void to_trunk(int trunk, const struct device* from) {
    int vlan;
    for (int i = 0; i < kBatch; ++i) {
        const size_t length = receive(from->fd, &vlan);
        if (length == 0) return;
        send_tagged(trunk, from->vlan, vlan, length);
    }
}

static void from_trunk(int trunk, const struct device* devices, int count) {
    int vlan;
    for (int i = 0; i < kBatch; ++i) {
        const size_t length = receive(trunk, &vlan);
        if (length == 0) return;
        for (int d = 0; d < count; ++d)
            if (devices[d].vlan == vlan) send_frame(devices[d].fd, received, length);
    }
}

int main(int argc, char** argv) {
    const int count = argc - 2;
    struct device devices[kDevicesMax];
    struct pollfd waiting[kDevicesMax + 1];
    must(argc > 2 && count <= kDevicesMax, "usage: vlan_trunk TRUNK VLAN:DEVICE ...");
    const int trunk = open_device(argv[1]);
    for (int d = 0; d < count; ++d) {
        char* name = strchr(argv[d + 2], ':');
        must(name != NULL, argv[d + 2]);
        devices[d] = (struct device){open_device(name + 1), atoi(argv[d + 2])};
        waiting[d] = (struct pollfd){devices[d].fd, POLLIN, 0};
    }
    waiting[count] = (struct pollfd){trunk, POLLIN, 0};
    puts("ready");
    fflush(stdout);
    for (;;) {
        poll(waiting, (nfds_t)count + 1, -1);
        for (int d = 0; d < count; ++d)
            if (waiting[d].revents) to_trunk(trunk, &devices[d]);
        if (waiting[count].revents) from_trunk(trunk, devices, count);
    }
}
