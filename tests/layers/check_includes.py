#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every #include of the tree against the layers of the design.

    check_includes.py ROOT         prints each crossing as file:line: sentence; status 1 if there is one
    check_includes.py --self-test  plants crossings in a tree of its own and checks that each is found

A layer is a folder; the longest one that matches a file counts. What a layer may include stands in
LAYERS; what single files may include beyond that, each with its reason, in EXCEPTIONS.
"""
import pathlib
import re
import sys
import tempfile

FOLDERS = ["tcpstack", "config", "dataplane", "control", "tools", "tests"]
SUFFIXES = {".h", ".cc", ".def"}

# Values only: no allocation, clock, thread, stream or random device.
PLAIN = set("""algorithm array bit chrono climits compare concepts cstddef cstdint cstring expected
    initializer_list iterator limits numeric optional ranges span string_view tuple type_traits
    utility variant""".split())
# What takes its memory at construction; the symbol gate sees to it that it does so only there.
STORED = PLAIN | set("atomic cstdlib deque functional map memory new set string unordered_map vector".split())
ANY = None  # no restriction on <headers>, but for those in RESERVED

BASE, WIRE, TCP = "tcpstack/base", "tcpstack/wire", "tcpstack/tcp"
STACK = [BASE, WIRE, TCP]
PURE = ["dataplane", "dataplane/inspect", "dataplane/policy", "dataplane/nat", "dataplane/resolve",
        "dataplane/session"]
EVERYTHING = STACK + PURE + ["config", "control", "dataplane/dpdk", "tools", "tests"]

# layer: (layers it may include, <headers> it may include)
LAYERS = {
    BASE: ([BASE], PLAIN),
    WIRE: ([BASE, WIRE], PLAIN),
    TCP: (STACK, PLAIN),
    "config": (["config", BASE], ANY),
    # The folder itself holds the words that all of the data plane shares, and the packet's way.
    "dataplane": (STACK + PURE, STORED),
    "dataplane/inspect": (STACK + ["dataplane", "dataplane/inspect"], STORED),
    "dataplane/policy": (STACK + ["dataplane", "dataplane/policy"], STORED),
    "dataplane/nat": (STACK + PURE, STORED),
    "dataplane/resolve": (STACK + ["dataplane", "dataplane/policy", "dataplane/resolve"], STORED),
    "dataplane/session": (STACK + PURE, STORED),
    "dataplane/dpdk": (STACK + PURE + ["dataplane/dpdk"], ANY),
    "control": (STACK + PURE + ["config", "control", "dataplane/dpdk"], ANY),
    "tools": (STACK + PURE + ["config", "tools"], ANY),
    "tests": (EVERYTHING, ANY),
}

# (includer, included): why
EXCEPTIONS = {
    ("dataplane/policy/", "config/model.h"): "a generation is compiled from the model",
    ("dataplane/dataplane.h", "config/model.h"): "the door at which control hands the model in",
    ("dataplane/dpdk/", "config/model.h"): "ports and memory are set up from the model",
    ("tools/sallyctl/", "control/candidate_text.h"): "one form of suggestions, live and offline",
    ("tools/sallyctl/", "control/explain_question.h"): "one way to ask, live and offline",
    ("tools/sallyctl/", "control/explanation.h"): "one explanation, live and offline",
    ("tools/sallyctl/", "control/route_table.h"): "one table makes server and client; data only",
    ("tools/sallyctl/", "control/registrable.h"): "one idea of a registrable domain",
    ("tools/sallyctl/", "control/suggestions.h"): "one gathering, live and offline",
    ("tools/sallyctl/", "control/text.h"): "one way to write addresses and times",
    ("tools/sallyctl/", "control/version.h"): "one version text",
    ("tools/sallyctl/", "control/finding_json.h"): "one form of findings on the wire",
}

# <prefix>: where alone it may stand (tests excepted)
RESERVED = {
    "rte_": ["dataplane/dpdk/"],
    "yaml-cpp/": ["config/parse_yaml.cc"],
    "boost/": ["control/", "tools/"],
    "nlohmann/": ["control/", "tools/"],
    "spdlog/": ["control/"],
    "ares": ["control/"],
    "fmt/": ["control/"],
    "openssl/": [],
    "pcap/": ["tools/sallyctl/replay/capture_file.cc"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')


def layer_of(path):
    while path not in LAYERS:
        path, _, rest = path.rpartition("/")
        if not path:
            return None
    return path


def is_excepted(includer, included):
    return any(includer.startswith(who) and included == what for who, what in EXCEPTIONS)


def judge_header(includer, header):
    for prefix, places in RESERVED.items():
        if header.startswith(prefix) and not any(includer.startswith(p) for p in places):
            return None if includer.startswith("tests/") else f"<{header}> is reserved for " + (
                ", ".join(places) or "tests")
    allowed = LAYERS[layer_of(includer)][1]
    if allowed is not ANY and header not in allowed:
        return f"{layer_of(includer)} may not include <{header}>"
    return None


def judge_file(root, includer, included):
    if not (root / included).is_file():
        return f'"{included}" is no path from the root'
    target = layer_of(included)
    if target in LAYERS[layer_of(includer)][0] or is_excepted(includer, included):
        return None
    return f'{layer_of(includer)} may not include {target} ("{included}")'


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield path


def crossings(root):
    for path in sources(root):
        includer = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header, included = match.groups()
            wrong = judge_header(includer, header) if header else judge_file(
                root, includer, included)
            if wrong:
                yield f"{includer}:{number}: {wrong}"


PLANTED = {
    "tcpstack/base/a.h": "#include <cstdint>\n",
    "tcpstack/base/up.h": '#include "tcpstack/wire/b.h"\n',
    "tcpstack/base/clock.cc": "#include <cstdint>\n#include <ctime>\n",
    "tcpstack/wire/b.h": '#include "tcpstack/base/a.h"\n#include <vector>\n',
    "config/model.h": '#include "tcpstack/base/a.h"\n',
    "config/parse_yaml.cc": "#include <yaml-cpp/parser.h>\n",
    "config/load.cc": "#include <yaml-cpp/parser.h>\n",
    "dataplane/reason.h": '#include "tcpstack/wire/b.h"\n#  include <mutex>\n',
    "dataplane/inspect/hello.h": '#include "config/model.h"\n',
    "dataplane/policy/table.h": '#include "config/model.h"\n#include "control/c.h"\n',
    "dataplane/session/s.cc": "#include <rte_mbuf.h>\n",
    "dataplane/dpdk/port.cc": '#include <rte_mbuf.h>\n#include "control/c.h"\n',
    "control/c.h": '#include <rte_ring.h>\n#include "c.h"\n',
    "tools/sallyctl/main.cc": '#include "control/c.h"\n#include <boost/asio.hpp>\n',
    "tests/unit/t.cc": '#include <rte_mbuf.h>\n#include "control/c.h"\n',
}
EXPECTED = {
    "tcpstack/base/up.h:1", "tcpstack/base/clock.cc:2", "tcpstack/wire/b.h:2", "config/load.cc:1",
    "dataplane/reason.h:2", "dataplane/inspect/hello.h:1", "dataplane/policy/table.h:2",
    "dataplane/session/s.cc:1", "dataplane/dpdk/port.cc:2", "control/c.h:1", "control/c.h:2",
    "tools/sallyctl/main.cc:1",
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in PLANTED.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = {":".join(c.split(":")[:2]) for c in crossings(root)}
    for missed in sorted(EXPECTED - found):
        print(f"{missed}: a planted crossing was not found")
    for wrong in sorted(found - EXPECTED):
        print(f"{wrong}: found, but it is allowed")
    return found == EXPECTED


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 0 if self_test() else 1
    root = pathlib.Path(sys.argv[1])
    found = list(crossings(root))
    print("\n".join(found))
    count = len(list(sources(root)))
    print(f"{count} files, {len(found)} crossings")
    return 1 if found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
