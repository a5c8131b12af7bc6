"""The programs of the small shell that change files; each returns its exit code."""

from __future__ import annotations

import functools
import os
import posixpath
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from cocalc_magic.sandbox.runtime.small_shell.call import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.small_shell.call import Call


def _each(call: Call, what: str, do: Callable[[str], None]) -> int:
    """Do something with each argument; `what` is told where it can't be done."""
    call.require(1)
    for path in call.args:
        try:
            do(path)
        except OSError as problem:
            call.failed = call.fail(f"{what.format(path)}: {problem.strerror}")
    return call.failed


def mkdir(call: Call) -> int:
    """Make folders; `-p` with those that they need."""
    flags = call.flags("p")

    def make(path: str) -> None:
        is_there = call.files.exists(path)
        if is_there and ("p" not in flags or not call.files.is_folder(path)):
            raise FileExistsError(0, "File exists")
        if "p" not in flags:
            call.files.facts(posixpath.dirname(path.rstrip("/")) or ".")
        call.files.make_folder(path)

    return _each(call, "cannot create directory ‘{}’", make)


def rmdir(call: Call) -> int:
    """Remove empty folders."""
    call.flags("")

    def remove(path: str) -> None:
        if not call.files.is_folder(path):
            call.files.facts(path)
            raise NotADirectoryError(0, "Not a directory")
        if call.files.list(path):
            raise OSError(0, "Directory not empty")
        call.files.remove(path)

    return _each(call, "failed to remove '{}'", remove)


def touch(call: Call) -> int:
    """Make files that are missing, and have the others be as if they were changed now."""
    call.flags("")

    def make(path: str) -> None:
        if call.files.exists(path):
            call.files.touch(path)
        else:
            call.files.write(path, b"")

    call.require(1, "file operand")
    return _each(call, "cannot touch '{}'", make)


def rm(call: Call) -> int:
    """Remove files; `-r` folders with all that is in them, `-f` what may be missing."""
    flags = call.flags("rRfv")
    if not call.args and "f" in flags:
        return 0

    def remove(path: str) -> None:
        if not call.files.is_there(path):
            if "f" in flags:
                return
            call.files.facts(path)
        is_folder = call.files.link_text(path) is None and call.files.is_folder(path)
        if is_folder and not {"r", "R"} & flags.keys():
            raise IsADirectoryError(0, "Is a directory")
        call.files.remove(path)
        if "v" in flags:
            call.out.line(f"removed {'directory ' * is_folder}'{path}'")

    return _each(call, "cannot remove '{}'", remove)


def cp(call: Call) -> int:
    """Copy files; `-r` folders too."""
    flags = call.flags("rRafpv")
    return _each_into(call, functools.partial(_copy, call, bool({"r", "R", "a"} & flags.keys())))


def _copy(call: Call, deep: bool, source: str, target: str) -> None:
    if not call.files.is_folder(source):
        _copy_file(call, source, target)
        return
    if not deep:
        raise _Whole(f"-r not specified; omitting directory '{source}'")
    _copy_folder(call, source, target)


def _copy_folder(call: Call, source: str, target: str, first: _Copied | None = None) -> None:
    """Copy what is in a folder; `first` is the one that was named."""
    if call.files.exists(target) and not call.files.is_folder(target):
        raise _Whole(f"cannot overwrite non-directory '{target}' with directory '{source}'")
    call.files.make_folder(target)
    first = first or _Copied(source, target, call.files.facts(target))
    for entry in call.files.list(source):
        call.check_time()
        here, there = posixpath.join(source, entry.name), posixpath.join(target, entry.name)
        if entry.link is not None:
            call.files.make_link(there, entry.link)
        elif not call.files.is_folder(here):
            _copy_file(call, here, there)
        elif os.path.samestat(call.files.facts(here), first.facts):
            failure = f"cannot copy a directory, '{first.source}', into itself, '{first.target}'"
            call.failed = call.fail(failure)
        else:
            _copy_folder(call, here, there, first)


def _copy_file(call: Call, source: str, target: str) -> None:
    files, facts = call.files, call.files.facts(source)
    is_new = not files.exists(target)
    if not is_new and os.path.samestat(facts, files.facts(target)):
        raise _Whole(f"'{source}' and '{target}' are the same file")
    if files.is_folder(target):
        raise _Whole(f"cannot overwrite directory '{target}' with non-directory")
    if is_new and target.endswith("/"):
        raise _Whole(f"cannot create regular file '{target}': Not a directory")
    words = f"cannot open '{source}' for reading"
    try:
        content, words = files.read(source), f"cannot create regular file '{target}'"
        files.write(target, content)
    except OSError as problem:
        raise _Whole(f"{words}: {problem.strerror}") from None
    if is_new:
        files.set_mode(target, stat.S_IMODE(facts.st_mode))


class _Copied(NamedTuple):
    """A folder and its copy, in which it may be itself."""

    source: str
    target: str
    facts: os.stat_result


class _Whole(OSError):
    """Raised with the whole text of an error, which names the files."""

    def __init__(self, text: str) -> None:
        super().__init__(0, text)


def mv(call: Call) -> int:
    """Move or rename files and folders."""
    call.flags("fv")
    return _each_into(call, functools.partial(_move, call))


def _move(call: Call, source: str, target: str) -> None:
    if call.files.exists(target):
        facts, existing = call.files.facts(source), call.files.facts(target)
        if os.path.samestat(facts, existing):
            raise _Whole(f"'{source}' and '{target}' are the same file")
        if stat.S_ISDIR(facts.st_mode) and not stat.S_ISDIR(existing.st_mode):
            raise _Whole(f"cannot overwrite non-directory '{target}' with directory '{source}'")
        if stat.S_ISDIR(existing.st_mode) and not stat.S_ISDIR(facts.st_mode):
            raise _Whole(f"cannot overwrite directory '{target}' with non-directory")
    if f"{target}/".startswith(f"{source.rstrip('/')}/") and call.files.is_folder(source):
        raise _Whole(f"cannot move '{source}' to a subdirectory of itself, '{target}'")
    above = posixpath.dirname(target.rstrip("/"))
    try:
        if above:
            call.files.facts(above)
        call.files.move(source, target)
    except OSError as problem:
        raise _Whole(f"cannot move '{source}' to '{target}': {problem.strerror}") from None


def _each_into(call: Call, do: Callable[[str, str], None]) -> int:
    """Do something with each source and its target: the last argument, or its name in that folder."""
    call.require(1, "file operand")
    call.require(2)
    *sources, target = call.args
    into = call.files.is_folder(target)
    if len(sources) > 1 and not into:
        there = call.files.exists(target)
        return call.fail(f"target '{target}': {'Not a directory' if there else 'No such file or directory'}")
    for source in sources:
        try:
            if not call.files.is_there(source):
                call.files.facts(source)
        except OSError as problem:
            call.failed = call.fail(f"cannot stat '{source}': {problem.strerror}")
            continue
        try:
            do(source, posixpath.join(target, posixpath.basename(source.rstrip("/"))) if into else target)
        except _Whole as problem:
            call.failed = call.fail(str(problem.strerror))
        except OSError as problem:
            call.failed = call.fail(f"'{source}': {problem.strerror}")
    return call.failed


def ln(call: Call) -> int:
    """Make symbolic links (`-s`), in place of others with `-f`."""
    flags = call.flags("sfn")
    if "s" not in flags:
        raise Usage("here it makes symbolic links alone, with -s", 1)
    call.require(1, "file operand")
    text, path = call.args[0], call.args[-1] if len(call.args) > 1 else "."
    if call.files.is_folder(path) and not ("n" in flags and call.files.link_text(path)):
        path = posixpath.join(path, posixpath.basename(text.rstrip("/")))
    try:
        if "f" in flags and call.files.is_there(path):
            call.files.remove(path)
        call.files.make_link(path, text)
    except OSError as problem:
        return call.fail(f"failed to create symbolic link '{path}': {problem.strerror}")
    return 0


def chmod(call: Call) -> int:
    """Set who may do what with files: `755`, `+x`, `u+x,go-w`."""
    call.require(1)
    call.require(2)
    change = call.args.pop(0)
    if not re.fullmatch(r"[0-7]{3,4}|[ugoa]*[-+=][rwx]*(,[ugoa]*[-+=][rwx]*)*", change):
        raise Usage(f"invalid mode: ‘{change}’\nTry 'chmod --help' for more information.", 1)

    def set_mode(path: str) -> None:
        call.files.set_mode(path, _mode(stat.S_IMODE(call.files.facts(path).st_mode), change))

    return _each(call, "cannot access '{}'", set_mode)


def _mode(mode: int, change: str) -> int:
    if change.isdecimal():
        return int(change, 8) & 0o777
    for each in change.split(","):
        who, sign, what = re.split("([-+=])", each, maxsplit=1)
        bits = sum({"r": 4, "w": 2, "x": 1}[letter] for letter in set(what))
        places = {"u": 6, "g": 3, "o": 0}
        shifts = places.values() if not who or "a" in who else [places[letter] for letter in who]
        for shift in shifts:
            changed = bits << shift
            mode = (
                mode & ~(7 << shift) | changed
                if sign == "="
                else mode | changed
                if sign == "+"
                else mode & ~changed
            )
    return mode
