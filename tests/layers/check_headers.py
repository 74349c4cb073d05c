#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every header compiles alone.

    check_headers.py ROOT COMPILER...

A header that some source file includes first is proven by the build; the others are compiled here.
Those of dataplane/dpdk are left out where pkg-config does not know libdpdk.
"""
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDERS = ["tcpstack", "config", "dataplane", "control", "tools", "tests"]
FIRST_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def proven_by_build(root):
    proven = set()
    for folder in FOLDERS:
        for source in (root / folder).rglob("*.cc"):
            match = FIRST_INCLUDE.search(source.read_text())
            if match:
                proven.add(match.group(1))
    return proven


def dpdk_flags():
    if not shutil.which("pkg-config"):
        return None
    answer = subprocess.run(["pkg-config", "--cflags", "libdpdk"], capture_output=True, text=True)
    return answer.stdout.split() if answer.returncode == 0 else None


def headers(root, with_dpdk):
    proven = proven_by_build(root)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.h")):
            name = path.relative_to(root).as_posix()
            if name not in proven and (with_dpdk or "/dpdk/" not in name):
                yield name


def compile_alone(root, compiler, flags, name):
    source = f'#include "{name}"\n#include "{name}"\n'
    command = [*compiler, "-std=c++23", "-fsyntax-only", "-w", f"-I{root}", *flags, "-xc++", "-"]
    return name, subprocess.run(command, input=source, capture_output=True, text=True)


def failures(root, compiler, flags, names):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, result in pool.map(lambda n: compile_alone(root, compiler, flags, n), names):
            if result.returncode != 0:
                first = [l for l in result.stderr.splitlines() if "error" in l][:1]
                yield f"{name}: does not compile alone: {' '.join(first)}"


def gate_can_fail(compiler):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "good.h").write_text("#pragma once\n#include <span>\nusing A = std::span<int>;\n")
        (root / "bad.h").write_text("#pragma once\nusing A = std::span<int>;\n")
        found = list(failures(root, compiler, [], ["good.h", "bad.h"]))
    return len(found) == 1 and found[0].startswith("bad.h")


def main():
    root, compiler = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    if not gate_can_fail(compiler):
        print("a planted header that lacks an include was not found")
        return 1
    flags = dpdk_flags()
    names = list(headers(root, flags is not None))
    found = list(failures(root, compiler, flags or [], names))
    print("\n".join(found))
    print(f"{len(names)} headers compiled alone, {len(found)} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
