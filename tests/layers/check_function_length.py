#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that no function on the way of a packet is longer than a screen.

    check_function_length.py ROOT
    check_function_length.py --self-test

A function begins at the line that ends in an opening brace and ends at the line that closes it with
the same indentation, as clang-format leaves them. Types, namespaces and tables are no functions.
"""
import pathlib
import re
import sys

LINES_MAX = 60
FOLDERS = ["tcpstack", "dataplane/inspect", "dataplane/nat", "dataplane/resolve", "dataplane/session"]
NO_FUNCTION = re.compile(r"^\s*(namespace|struct|class|enum|union|extern|concept|template)\b")
OPENS = re.compile(r"\)[^;={}()]*\{$")
DEEPEST = 4  # of a member function; what lies deeper is a block or a lambda


def indent_of(line):
    return len(line) - len(line.lstrip())


def first_line(lines, i):
    """The line on which the parameter list that ends on line i begins."""
    open_ones = lines[i].count(")") - lines[i].count("(")
    while open_ones > 0 and i > 0:
        i -= 1
        open_ones += lines[i].count(")") - lines[i].count("(")
    return i


def functions(text):
    """(first line, length) of each function."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if not OPENS.search(line):
            continue
        first = first_line(lines, i)
        indent = indent_of(lines[first])
        if indent > DEEPEST or NO_FUNCTION.match(lines[first]):
            continue
        for j in range(i + 1, len(lines)):
            if lines[j].startswith(" " * indent + "}"):  # of a lambda in a call: "});"
                yield first + 1, j - first + 1
                break


def too_long(root):
    seen = 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".cc", ".h"):
                continue
            for line, length in functions(path.read_text()):
                seen += 1
                if length > LINES_MAX:
                    yield f"{path.relative_to(root)}:{line}: a function of {length} lines"
    if seen < 500:
        yield f"only {seen} functions were found: the check has gone blind"


def self_test():
    body = "    work();\n" * 70
    for head in ("void f() {", "bool A::g(int a) const {", "auto h() -> int {",
                 "void k(int a,\n       int b) {", "    void member() {"):
        text = f"namespace x {{\n{head}\n{body}{'    ' if head[0] == ' ' else ''}}}\n}}\n"
        if [length for _, length in functions(text)] != [72 + head.count("\n")]:
            return f"a long function was not found: {head}"
    for head in ("struct S {", "constexpr int kTable[] = {", "enum class E {", "namespace {"):
        if list(functions(f"{head}\n{body}}};\n")):
            return f"this is no function: {head}"
    return None


def main(argv):
    if argv == ["--self-test"]:
        fault = self_test()
        if fault:
            print(fault)
        return 1 if fault else 0
    faults = list(too_long(pathlib.Path(argv[0])))
    print("\n".join(faults) if faults else "ok")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
