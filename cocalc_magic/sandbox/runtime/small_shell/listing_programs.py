"""The programs of the small shell that tell what files there are; each returns its exit code."""

from __future__ import annotations

import fnmatch
import os
import posixpath
import re
import stat
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.sandbox.runtime.small_shell.call import Call

Row = tuple[str, os.stat_result, str | None]
"""A name as it is shown, the status, and the text of a link."""

_BLOCK = 4096
_FIND = "here it has -name, -iname, -path, -type f|d|l, -maxdepth, -mindepth, -empty, ! and -print"


def working_directory(call: Call) -> int:
    """Write the working directory (`pwd`)."""
    call.out.line(call.files.cwd)
    return 0


def ls(call: Call) -> int:
    """List folders: `-a` with hidden names, `-l` in long lines, `-R` with all below, `-d -t -S -r -F`."""
    flags = call.flags("alR1dAhtrFSCin")
    paths, code = call.args or ["."], 0
    files, folders = list[Row](), list[str]()
    for path in sorted(paths):
        try:
            row = _row(call, path, path, follow="l" not in flags or path.endswith("/"))
        except OSError as problem:
            call.err.line(f"ls: cannot access '{path}': {problem.strerror}")
            code = 2
            continue
        if "d" in flags or not stat.S_ISDIR(row[1].st_mode):
            files.append(row)
        else:
            folders.append(path)
    _write_rows(call, _ordered(files, flags), flags)
    for place, path in enumerate(folders):
        _list(call, path, flags, head=len(paths) > 1 or "R" in flags, blank=bool(place or files))
    return code


def _row(call: Call, path: str, name: str, *, follow: bool) -> Row:
    link = None if follow else call.files.link_text(path)
    try:
        return name, call.files.facts(path), link
    except OSError:
        link = call.files.link_text(path)
        if link is None:
            raise
        above = posixpath.dirname(path) or "."
        listed = {entry.name: entry.facts for entry in call.files.list(above)}[posixpath.basename(path)]
        return name, listed or call.files.facts(above), link


def _list(call: Call, path: str, flags: dict[str, str], *, head: bool, blank: bool) -> None:
    call.check_time()
    if head:
        call.out.line(f"{chr(10) if blank else ''}{path}:")
    entries = call.files.list(path, hidden=bool({"a", "A"} & flags.keys()))
    here = call.files.facts(path)
    rows = [(entry.name, entry.facts or here, entry.link) for entry in entries]
    rows = [(".", here, None), ("..", here, None), *rows] if "a" in flags else rows
    if "l" in flags:
        call.out.line(f"total {sum(_blocks(facts) for _, facts, _ in rows)}")
    rows = _ordered(rows, flags)
    _write_rows(call, rows, flags)
    if "R" in flags:
        for name, facts, link in rows:
            if stat.S_ISDIR(facts.st_mode) and link is None and name not in (".", ".."):
                _list(call, posixpath.join(path, name), flags, head=True, blank=True)


def _ordered(rows: list[Row], flags: dict[str, str]) -> list[Row]:
    if "t" in flags:
        rows = sorted(rows, key=lambda row: -row[1].st_mtime_ns)
    elif "S" in flags:
        rows = sorted(rows, key=lambda row: -row[1].st_size)
    return rows[::-1] if "r" in flags else rows


def _write_rows(call: Call, rows: list[Row], flags: dict[str, str]) -> None:
    sizes = [_size(facts.st_size, flags) for _, facts, _ in rows]
    width = max(map(len, sizes), default=1)
    links = max((len(str(facts.st_nlink)) for _, facts, _ in rows), default=1)
    for (name, facts, link), size in zip(rows, sizes, strict=True):
        shown = f"{name}{_sign(facts, link)}" if "F" in flags else name
        if "l" not in flags:
            call.out.line(shown)
            continue
        mode = stat.filemode(facts.st_mode) if link is None else "lrwxrwxrwx"
        moment = time.strftime("%b %e %H:%M", time.localtime(facts.st_mtime))
        target = "" if link is None else f" -> {link}"
        call.out.line(f"{mode} {facts.st_nlink:{links}} user user {size:>{width}} {moment} {shown}{target}")


def _sign(facts: os.stat_result, link: str | None) -> str:
    """Return what `-F` adds to a name."""
    if link is not None:
        return "@"
    return "/" if stat.S_ISDIR(facts.st_mode) else "*" if facts.st_mode & 0o111 else ""


def _blocks(facts: os.stat_result) -> int:
    """Return the kilobytes that a file takes, in whole blocks."""
    return -(-facts.st_size // _BLOCK) * _BLOCK // 1024


def _size(size: float, flags: dict[str, str]) -> str:
    """Return a size, as people read it with `-h`."""
    if "h" not in flags or size < 1024:
        return str(int(size))
    letters = iter("KMGTP")
    while size >= 1000:
        size, letter = size / 1024, next(letters)
    text = f"{-(-size * 10 // 1) / 10:.1f}" if size < 10 else f"{-(-size // 1):.0f}"
    return f"{text}{letter}"


# -- find, du, stat --------------------------------------------------------------------------------


def _below(call: Call, row: Row, depth: int = 0) -> Iterator[tuple[Row, int]]:
    """Yield what has a path and all below it, with how far below each is."""
    call.check_time()
    yield row, depth
    if _kind(row) != "d" or depth >= 100:
        return
    for entry in call.files.list(row[0]):
        path = posixpath.join(row[0], entry.name)
        inside = (path, entry.facts, entry.link) if entry.facts else _row(call, path, path, follow=False)
        yield from _below(call, inside, depth + 1)


def find(call: Call) -> int:
    """Write the paths below folders that some tests hold for."""
    place = next((place for place, word in enumerate(call.args) if word[:1] in ("-", "!")), len(call.args))
    paths, tests = call.args[:place] or ["."], _tests(iter(call.args[place:]))
    for path in paths:
        try:
            for row, depth in _below(call, _row(call, path, path, follow=False)):
                if all(test(row, depth) for test in tests):
                    call.out.line(row[0])
        except OSError as problem:
            call.failed = call.fail(f"‘{path}’: {problem.strerror}")
    return call.failed


def _tests(words: Iterator[str]) -> list[Callable[[Row, int], bool]]:
    tests, negated = list[Callable[[Row, int], bool]](), False
    for word in words:
        if word in ("!", "-not"):
            negated = not negated
        elif word != "-print":
            test = _test(word, words)
            tests.append(_negated(test) if negated else test)
            negated = False
    return tests


def _negated(test: Callable[[Row, int], bool]) -> Callable[[Row, int], bool]:
    return lambda row, depth: not test(row, depth)


def _test(word: str, words: Iterator[str]) -> Callable[[Row, int], bool]:
    if word == "-empty":
        return lambda row, _: not row[1].st_size
    value = next(words, "")
    if word in ("-name", "-iname", "-path"):
        matches = re.compile(fnmatch.translate(value), re.IGNORECASE if word == "-iname" else 0).match
        whole = word == "-path"
        return lambda row, _: bool(matches(row[0] if whole else posixpath.basename(row[0]) or row[0]))
    if word == "-type" and value in ("f", "d", "l"):
        return lambda row, _: _kind(row) == value
    if word in ("-maxdepth", "-mindepth") and value.isdecimal():
        return lambda _, depth: depth <= int(value) if word == "-maxdepth" else depth >= int(value)
    raise Usage(f"{word} {value}".rstrip() + f"; {_FIND}", 1)


def _kind(row: Row) -> str:
    return "l" if row[2] is not None else "d" if stat.S_ISDIR(row[1].st_mode) else "f"


def du(call: Call) -> int:
    """Write how much folders take, in kilobytes: `-s` in all, `-a` files too, `-h` in units, `-c`."""
    flags = call.flags("sahkc")
    total = 0
    for path in call.args or ["."]:
        try:
            rows = list(_below(call, _row(call, path, path, follow=False)))
        except OSError as problem:
            call.failed = call.fail(f"cannot access '{path}': {problem.strerror}")
            continue
        total += sum(_blocks(row[1]) for row, _ in rows)
        sizes = Counter[str]()  # of what is in a folder comes before the folder's own
        for row, depth in reversed(rows):
            size = sizes[row[0].rstrip("/")] + _blocks(row[1])
            sizes[posixpath.dirname(row[0])] += size
            if depth and ("s" in flags or (_kind(row) != "d" and "a" not in flags)):
                continue
            call.out.line(f"{_size(size * 1024, flags) if 'h' in flags else size}\t{row[0]}")
    if "c" in flags:
        call.out.line(f"{_size(total * 1024, flags) if 'h' in flags else total}\ttotal")
    return call.failed


def show_facts(call: Call) -> int:
    """Write the facts of files in a format (`stat -c`): `%n`, `%s`, `%a`, `%A`, `%F`, `%Y`."""
    flags = call.flags("L", "c")
    call.require(1)
    form = flags.get("c", "%n: %F, %s bytes, %A, %y")
    for path in call.args:
        try:
            name, facts, link = _row(call, path, path, follow="L" in flags)
        except OSError as problem:
            call.failed = call.fail(f"cannot statx '{path}': {problem.strerror}")
            continue
        kinds = {"l": "symbolic link", "d": "directory", "f": "regular file"}
        kind = kinds[_kind((name, facts, link))]
        values = {
            "n": name,
            "s": facts.st_size,
            "a": f"{stat.S_IMODE(facts.st_mode):o}",
            "A": stat.filemode(facts.st_mode),
            "F": kind if facts.st_size or kind != "regular file" else "regular empty file",
            "Y": int(facts.st_mtime),
            "y": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(facts.st_mtime)),
        }
        call.out.line(re.sub("%([nsaAFYy])", lambda match: str(values[match[1]]), form))  # noqa: B023
    return call.failed
