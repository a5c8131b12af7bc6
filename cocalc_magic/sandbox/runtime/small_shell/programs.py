"""The programs of the small shell by their names."""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Callable

from cocalc_magic.sandbox.runtime.small_shell import file_programs, listing_programs, text_programs
from cocalc_magic.sandbox.runtime.small_shell.call import Call, Usage
from cocalc_magic.sandbox.runtime.small_shell.conditions import bracket, test
from cocalc_magic.sandbox.runtime.small_shell.grep import grep
from cocalc_magic.sandbox.runtime.small_shell.printf import echo, printf
from cocalc_magic.sandbox.runtime.small_shell.python import python
from cocalc_magic.sandbox.runtime.small_shell.sort import sort

Program = Callable[[Call], int]
"""Runs one call, and returns its exit code."""

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_NOT_HERE = (
    "awk bc cc clang curl diff docker ed emacs file g++ gcc git gzip htop ipython java jq julia jupyter less"
    " make man more nano node npm octave perl php pip pip3 ps R rsync ruby rust sage scp sed sqlite3 ssh sudo"
    " tar top tree unzip vi vim wget xz zip zsh"
)
ELSEWHERE = frozenset(_NOT_HERE.split())
"""Programs that a machine often has, and a page has not."""


def sleep(call: Call) -> int:
    """Sleep so many seconds."""
    call.require(1)
    match = re.fullmatch(r"(\d*\.?\d+)([smhd]?)", call.args[0])
    if not match:
        raise Usage(f"invalid time interval ‘{call.args[0]}’\nTry 'sleep --help' for more information.", 1)
    call.sleep(float(match[1]) * _UNITS[match[2]])
    return 0


def date(call: Call) -> int:
    """Write the time, in a format after `+`, or as ISO 8601 has it (`-I`, `-Is`)."""
    now, form = time.time(), "%a %b %e %H:%M:%S UTC %Y"
    for word in call.args:
        if word.startswith("+"):
            form = word[1:]
        elif word in ("-Is", "-Iseconds", "--iso-8601=seconds"):
            form = "%Y-%m-%dT%H:%M:%S+00:00"
        elif word in ("-I", "--iso-8601"):
            form = "%Y-%m-%d"
        elif word != "-u":
            raise Usage(f"{word}: here it takes +FORMAT, -I, -Is and -u", 1)
    form = form.replace("%N", f"{time.time_ns() % 10**9:09}").replace("%s", str(int(now)))
    call.out.line(time.strftime(form.replace("%Z", "UTC").replace("%z", "+0000"), time.gmtime(now)))
    return 0


def basename(call: Call) -> int:
    """Write the last name of a path, without an ending."""
    call.require(1)
    name = posixpath.basename(call.args[0].rstrip("/")) or "/"
    ending = call.args[1] if len(call.args) > 1 else ""
    call.out.line(name.removesuffix(ending) or name)
    return 0


def dirname(call: Call) -> int:
    """Write paths without their last names."""
    call.require(1)
    for path in call.args:
        above = posixpath.dirname(path.rstrip("/")).rstrip("/")
        call.out.line(above or ("/" if path.startswith("/") else "."))
    return 0


def realpath(call: Call) -> int:
    """Write where paths lead to."""
    call.require(1)
    for path in call.args:
        try:
            call.out.line(call.files.real_path(path))
        except OSError as problem:
            call.failed = call.fail(f"{path}: {problem.strerror}")
    return call.failed


def readlink(call: Call) -> int:
    """Write the text of links; with `-f` where they lead to."""
    if "f" in call.flags("f"):
        return realpath(call)
    texts = [call.files.link_text(path) for path in call.args]
    for text in filter(None, texts):
        call.out.line(text)
    return int(None in texts)


def which(call: Call) -> int:
    """Write where programs are."""
    for name in call.args:
        if name in PROGRAMS:
            call.out.line(f"/usr/bin/{name}")
        else:
            call.failed = 1
    return call.failed


def whoami(call: Call) -> int:
    """Write who it is that runs programs here."""
    call.out.line(call.environ.get("USER", "user"))
    return 0


PROGRAMS: dict[str, Program] = {
    "[": bracket,
    "basename": basename,
    "cat": text_programs.cat,
    "chmod": file_programs.chmod,
    "cp": file_programs.cp,
    "cut": text_programs.cut,
    "date": date,
    "dirname": dirname,
    "du": listing_programs.du,
    "echo": echo,
    "false": lambda _: 1,
    "find": listing_programs.find,
    "grep": grep,
    "head": text_programs.head,
    "ln": file_programs.ln,
    "ls": listing_programs.ls,
    "mkdir": file_programs.mkdir,
    "mv": file_programs.mv,
    "printf": printf,
    "pwd": listing_programs.working_directory,
    "python": python,
    "python3": python,
    "readlink": readlink,
    "realpath": realpath,
    "rm": file_programs.rm,
    "rmdir": file_programs.rmdir,
    "seq": text_programs.seq,
    "sleep": sleep,
    "sort": sort,
    "stat": listing_programs.show_facts,
    "tac": text_programs.reverse,
    "tail": text_programs.tail,
    "tee": text_programs.tee,
    "test": test,
    "touch": file_programs.touch,
    "tr": text_programs.tr,
    "true": lambda _: 0,
    "uniq": text_programs.uniq,
    "wc": text_programs.wc,
    "which": which,
    "whoami": whoami,
}
