#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the hot archives reference nothing that could block, allocate or ask the outside.

    symbol_gate.py ARCHIVE...             prints each forbidden reference; status 1 if there is one
    symbol_gate.py --self-test ARCHIVE    the archive of tests/layers/planted: finds what was planted
    symbol_gate.py --skip REASON          says why this build cannot be judged; status 77

Every undefined symbol of a hot object must be defined by a hot object or be one of a short list of
pure functions. There is no list of forbidden names: what is not known to be pure fails.

Memory is taken at construction and returned at destruction, in translation units of their own: their
names end in `_storage.cc` (or are `compile.cc`). These construction objects may reference allocators
and nothing else beyond the rest; and a hot object that calls what only a construction object defines
fails as well, because then it would allocate on the packet path.
"""
import re
import subprocess
import sys

SKIPPED = 77

PURE = re.compile(r"""^(
    mem(cpy|move|set|cmp|chr) | bcmp | strlen
    | __stack_chk_fail                    # ends the process
    | _GLOBAL_OFFSET_TABLE_
    | __(u)?(div|mod|divmod|mul)[sdt]i[34] | __(popcount|clz|ctz|ffs|parity|bswap)[sdt]i2
)$""", re.VERBOSE)

# With what the library calls when an allocation cannot be.
ALLOCATOR = re.compile(r"""^(
    operator\ (new|delete)(\[\])?\(.*\)
    | malloc | calloc | realloc | free | aligned_alloc | posix_memalign
    | std::__throw_(length_error|bad_alloc|bad_array_new_length)\(.*\)
    | __cxa_throw_bad_array_new_length
)$""", re.VERBOSE)

CONSTRUCTION = re.compile(r"(^|_)(storage|compile)\.cc\.o$")


def run(*command, text_in=None):
    return subprocess.run(command, input=text_in, capture_output=True, text=True,
                          check=True).stdout


def symbols(archive):
    """Yields (object, name, type) of every symbol; nm's posix format is one symbol a line."""
    for line in run("nm", "--format=posix", "-A", archive).splitlines():
        match = re.match(r".*\[([^]]+)\]: (\S+) (\S)", line)
        if match:
            member, name, kind = match.groups()
            yield member.rsplit("/", 1)[-1], name, kind  # a thin archive names a path


def read(archives):
    undefined, defined = [], {}
    for archive in archives:
        for member, name, kind in symbols(archive):
            if kind in "Uwv":
                undefined.append((archive, member, name))
            elif kind.isupper() or kind == "u":
                defined.setdefault(name, set()).add(bool(CONSTRUCTION.search(member)))
    return undefined, defined


def demangled(names):
    names = sorted(names)
    return dict(zip(names, run("c++filt", text_in="\n".join(names)).splitlines()))


def violations(archives):
    undefined, defined = read(archives)
    plain = demangled({name for _, _, name in undefined})
    for archive, member, name in undefined:
        construction = bool(CONSTRUCTION.search(member))
        where = f"{archive.rsplit('/', 1)[-1]}[{member}]"
        if name in defined:
            if not construction and defined[name] == {True}:
                yield f"{where}: calls construction: {plain[name]}"
        elif not PURE.match(name) and not (construction and ALLOCATOR.match(plain[name])):
            yield f"{where}: references {plain[name]}"


# What tests/layers/planted does, and of it what a construction object may do.
PLANTED = {
    "planted_planted.cc.o]: references operator new(unsigned long)",
    "planted_planted.cc.o]: references pthread_mutex_lock",
    "planted_planted.cc.o]: references clock_gettime",
    "planted_planted.cc.o]: references puts",
    "planted_planted.cc.o]: calls construction: sallyport::planted::make()",
    "planted_planted_storage.cc.o]: references pthread_mutex_lock",
}


def self_test(archive):
    found = {v.split("[", 1)[1] for v in violations([archive])}
    for missed in sorted(PLANTED - found):
        print(f"not found though planted: {missed}")
    for wrong in sorted(found - PLANTED):
        print(f"found though allowed: {wrong}")
    return found == PLANTED


def main():
    if sys.argv[1] == "--skip":
        print(f"skipped: {sys.argv[2]}")
        return SKIPPED
    if sys.argv[1] == "--self-test":
        return 0 if self_test(sys.argv[2]) else 1
    archives = sys.argv[1:]
    members = {(a, member) for a in archives for member, _, _ in symbols(a)}
    found = sorted(set(violations(archives)))
    print("\n".join(found))
    print(f"{len(archives)} archives, {len(members)} objects, {len(found)} forbidden references")
    return 1 if found or not members else 0


if __name__ == "__main__":
    sys.exit(main())
