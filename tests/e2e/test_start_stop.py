# SPDX-License-Identifier: Apache-2.0
"""Starting, refusing to start, stopping, and being killed: nothing crosses, nothing is left behind."""
import glob
import json
import os
import signal
import stat

from lib import hello, packet
from lib.capture import MARKER, Capture, read
from lib.gate import Gate, config
from lib.netns import CLIENT, GATE_INSIDE, PUBLIC, server
from lib.origin import BulkOrigin, Nginx, Sink
from lib.process import Process, run
from lib.raw_host import RawHost
from lib.scenario import equal, no_packet_of, only_on, scenario
from lib.waiting import wait_until


NO_KERNEL_DEVICE = "no device of the kernel is the gate's"


def refuses(lab, *needles, text=None, file=None, ns=None):
    """The daemon ends by itself: non-zero, one sentence with the needles, nothing left behind."""
    if file is None:
        file = lab.path("sallyport.yaml")
        with open(file, "w") as f:
            f.write(text)
    before = set(glob.glob("/dev/hugepages/*"))
    done = run([lab.daemon, "--config", file], ns=ns or lab.wire.gate, check=False, seconds=15)
    output = done.stdout + done.stderr
    assert done.returncode not in (0, None) and done.returncode > 0, f"exit {done.returncode}: {output}"
    for needle in needles:
        assert needle in output, f"no {needle!r} in: {output}"
    for bad in ("terminate called", "Sanitizer", "Aborted"):
        assert bad not in output, output
    assert not os.path.exists(lab.path("control.sock")), "the control socket was left behind"
    equal("hugepage files left", set(glob.glob("/dev/hugepages/*")) - before, set())
    return output


@scenario
@only_on("af_packet", because=NO_KERNEL_DEVICE)
def address_on_the_gate_device_is_refused(lab):
    lab.wire.gate.ip("addr", "add", "10.10.0.250/24", "dev", "gi")
    refuses(lab, "gi", "ip addr", text=config(lab))


@scenario
@only_on("af_packet", "tap", because=NO_KERNEL_DEVICE)
def forwarding_in_the_namespace_is_refused(lab):
    lab.wire.gate.sysctl("net.ipv4.ip_forward", 1)
    refuses(lab, "forward", "sysctl", text=config(lab))


@scenario
@only_on("af_packet", because=NO_KERNEL_DEVICE)
def ipv6_on_the_gate_device_is_refused(lab):
    lab.wire.gate.sysctl("net.ipv6.conf.go.disable_ipv6", 0)
    refuses(lab, "go", "disable_ipv6", text=config(lab))


@scenario
@only_on("af_packet", because="a missing tap is made, and a missing switch is waited for")
def missing_device(lab):
    refuses(lab, "nosuch", text=config(lab).replace("iface=gi", "iface=nosuch"))


@scenario
def unreadable_file(lab):
    refuses(lab, "nowhere.yaml", file=lab.path("nowhere.yaml"))


@scenario
def bad_configuration(lab):
    """Every finding at once, with its place; nothing starts."""
    text = config(lab).replace("hosts:", "hosst:").replace("count: 1", "count: many")
    output = refuses(lab, "sallyport.yaml:3:", "hosst", "hosts", text=text)
    assert "count" in output, output


@scenario
def check_needs_neither_root_nor_ports(lab):
    file = lab.path("check.yaml")
    with open(file, "w") as f:
        f.write(config(lab).replace("iface=gi", "iface=nosuch"))
    os.chmod(lab.directory, 0o755)
    os.chmod(os.path.dirname(file), 0o755)
    good = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", lab.daemon, "--check", file],
               check=False)
    equal("exit", (good.returncode, good.stderr), (0, good.stderr))
    with open(file, "a") as f:
        f.write("polciy: {}\n")
    bad = run([lab.daemon, "--check", file], check=False)
    assert bad.returncode != 0 and "polciy" in bad.stdout + bad.stderr, bad


@scenario
@only_on("af_packet", "tap", because=NO_KERNEL_DEVICE)
def no_permission(lab):
    """An ordinary user gets a sentence, not a stack of EAL lines and a crash."""
    file = lab.path("sallyport.yaml")
    with open(file, "w") as f:
        f.write(config(lab))
    for directory in (lab.directory, os.path.dirname(file)):
        os.chmod(directory, 0o777)
    done = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all",
                "--inh-caps=-all", lab.daemon, "--config", file], ns=lab.wire.gate, check=False, seconds=15)
    output = done.stdout + done.stderr
    assert done.returncode > 0, f"exit {done.returncode}: {output}"
    assert "permission" in output.lower() or "CAP_NET_RAW" in output or "root" in output, output


@scenario
def second_daemon_on_the_same_socket(lab):
    with Gate(lab) as gate:
        done = run([lab.daemon, "--config", gate.file], ns=lab.wire.gate, check=False, seconds=15)
        output = done.stdout + done.stderr
        assert done.returncode > 0, f"exit {done.returncode}: {output}"
        assert "control.sock" in output, output
        assert gate.answers(), "the first daemon lost its socket to the second"


@scenario
def sigterm_and_sigint_stop_cleanly(lab):
    Nginx(lab, {"allowed.example": server(10)})
    for sig in (signal.SIGTERM, signal.SIGINT):
        with Gate(lab) as gate:
            equal("curl", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)
            equal("exit", gate.stop(sig), 0)
            assert not os.path.exists(gate.socket), "the control socket was left behind"


@scenario
def sessions_alive_at_the_stop_are_logged(lab):
    with Gate(lab) as gate, Sink(lab), RawHost(lab, "10.10.0.11") as host:
        c = host.connect(server(20))
        c.data(0, hello.client_hello("allowed.example"))
        c.wait_received(hello.SERVER_HELLO)
        equal("exit", gate.stop(), 0)
        gate.wait_entry(termination="shutdown", sni="allowed.example")


@scenario
def control_socket_is_not_for_everyone(lab):
    with Gate(lab) as gate:
        mode = stat.S_IMODE(os.stat(gate.socket).st_mode)
        equal("others' access", mode & 0o007, 0)


@scenario
def sallyctl_shows_what_the_socket_says(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with Gate(lab) as gate:
        lab.curl("https://allowed.example/", server=server(10))
        for command in ("status", "workers", "ports", "sessions", "counters"):
            assert gate.sallyctl(command).stdout.strip(), f"sallyctl {command} printed nothing"
            json.loads(gate.sallyctl("-o", "json", command).stdout)
        counters = json.loads(gate.sallyctl("-o", "json", "counters").stdout)
        spliced = [c["value"] for c in counters["counters"] if c["name"] == "sessions_spliced"]
        equal("sessions_spliced", spliced, [1])


@scenario
def nothing_crosses_after_kill_minus_nine(lab):
    """Killed under load: after the process is gone no packet of the gate is on the outside link."""
    BulkOrigin(lab, "allowed.example", server(10))
    gate = Gate(lab).start()
    loads = [Process(["curl", "-sS", "--cacert", lab.authority.ca, "--resolve", f"allowed.example:443:{server(10)}",
                      "--max-time", "20", "-o", "/dev/null", "https://allowed.example/bytes/2000000000"],
                     log=lab.path("load.log"), ns=lab.wire.client) for _ in range(2)]
    gate_mac = gate.mac("outside")
    with Capture(lab, lab.wire.internet, "s0", 110) as capture:
        wait_until("traffic through the gate", lambda: os.path.getsize(capture.path) > 5_000_000, 20)
        gate.stop(signal.SIGKILL)
        capture.mark()
        # The clients are still sending; a new one knocks and must wait in vain.
        knock = lab.curl("https://allowed.example/", server=server(10), seconds=2)
        assert knock.returncode == 28, f"curl exit {knock.returncode} after the kill"
        capture.stop()
        frames = list(read(capture.path))
    killed = next(i for i, p in enumerate(frames) if p.ethertype == MARKER)
    sent = [p for p in frames[killed:] if p.raw[6:12] == gate_mac]
    assert [p for p in frames[:killed] if p.raw[6:12] == gate_mac], "the gate never sent anything"
    assert not sent, f"the gate's device sent after the kill: {sent[0]}"
    for load in loads:
        load.stop()
    with Gate(lab):
        equal("curl after a new start", lab.curl("https://allowed.example/bytes/5", server=server(10)).returncode, 0)


@scenario
def nothing_but_the_public_address_is_ever_outside(lab):
    """Whatever a client sends: UDP, ICMP, other protocols, fragments, IPv6, spoofed frames."""
    with Gate(lab) as gate, RawHost(lab, "10.10.0.11") as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        host.resolve(GATE_INSIDE)
        echo = b"\x08\x00\xf7\xff\x00\x00\x00\x00"
        for proto, body in ((1, echo), (17, b"\x13\x88\x00\x35\x00\x0c\x00\x00dns?"), (47, b"\0" * 20),
                            (132, b"\0" * 20), (4, packet.ipv4(CLIENT, server(10), 1, echo)), (253, b"?")):
            host.send_ip(packet.ipv4(host.address, server(10), proto, body))
        host.send_ip(packet.ipv4(host.address, server(10), 6, b"\0" * 20, flags_fragment=0x2000))
        host.send_ip(packet.ipv4(host.address, server(10), 6, b"\0" * 20, flags_fragment=0x0003))
        host.send_frame(packet.ethernet(host.gate_mac, host.mac, 0x86DD, b"\x60" + b"\0" * 60))
        host.send_frame(packet.ethernet(host.gate_mac, host.mac, 0x8100, b"\0\x05\x08\x00" + b"\x45" + b"\0" * 40))
        host.barrier()
        no_packet_of(capture.stop(), host.address, server(10), PUBLIC, CLIENT)
        counters = gate.counters()
    for reason in ("udp_denied", "icmp_denied", "unsupported_protocol", "vlan_tagged", "ipv6_extension_header"):
        assert counters[reason] >= 1, f"{reason} was not counted"
