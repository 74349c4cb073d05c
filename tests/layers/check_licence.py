#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every source, script and build file begins with its licence.

    check_licence.py ROOT
"""
import pathlib
import sys

FOLDERS = ["tcpstack", "config", "dataplane", "control", "tools", "tests", ".ci"]
SUFFIXES = {".h", ".cc", ".def", ".py", ".sh", ".in"}
LICENCE = "SPDX-License-Identifier: Apache-2.0"


def needs_licence(path, text):
    return path.suffix in SUFFIXES or path.name == "meson.build" or text.startswith("#!")


def lacks_licence(text):
    lines = text.splitlines()
    first = lines[1:2] if text.startswith("#!") else lines[:1]
    return not first or first[0] not in (f"// {LICENCE}", f"# {LICENCE}")


def files(root):
    yield root / "meson.build"
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            # A fuzzer's inputs are octets, not text of ours.
            if path.is_file() and "corpus" not in path.parts and "__pycache__" not in path.parts:
                yield path


def main():
    root = pathlib.Path(sys.argv[1])
    if not lacks_licence("int x;\n") or not lacks_licence("") or lacks_licence(f"// {LICENCE}\n"):
        print("the check itself is broken")
        return 1
    checked, found = 0, []
    for path in files(root):
        text = path.read_bytes().decode("utf-8", "replace")
        if needs_licence(path, text):
            checked += 1
            if lacks_licence(text):
                found.append(f"{path.relative_to(root)}:1: does not begin with its licence")
    print("\n".join(found))
    print(f"{checked} files, {len(found)} without a licence")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
