"""The programs of the small shell that run others, or a shell again."""

from __future__ import annotations

import io
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from cocalc_magic.sandbox.runtime.small_shell.call import Killed, Usage
from cocalc_magic.sandbox.runtime.small_shell.state import MAX_DEPTH, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.small_shell.call import Call, Streams

_NOT_EXECUTABLE, _NOT_FOUND, _SYNTAX, _SIGNAL, _ONE_FAILED = 126, 127, 2, 128, 123


class Shell(Protocol):
    """The shell that these are called in."""

    state: State

    def run(self, text: str, *, is_argument: bool = False) -> int:
        """Run a script and return its exit code."""

    def program(self, words: list[str], environ: dict[str, str], streams: Streams) -> int:
        """Run a program and return its exit code."""

    def finish_jobs(self) -> None:
        """Run what was left to the background."""

    def of(self, state: State, streams: Streams) -> Shell:
        """Return another shell."""


def run_file(shell: Shell, call: Call) -> int:
    """Run a file as a script of this shell, or of `python` where its first line says so."""
    path, call.name = call.name, shell.state.where
    if path.rpartition("/")[0] in ("/bin", "/usr/bin", "/usr/local/bin"):
        return shell.program([path.rpartition("/")[2], *call.args], call.environ, call.streams)
    try:
        content = call.read(path)
        is_executable = call.files.facts(path).st_mode & 0o100
    except FileNotFoundError as problem:
        return call.fail(f"{path}: {problem.strerror}", _NOT_FOUND)
    except OSError as problem:
        return call.fail(f"{path}: {problem.strerror}", _NOT_EXECUTABLE)
    if not is_executable:
        return call.fail(f"{path}: Permission denied", _NOT_EXECUTABLE)
    program = "python3" if re.match(rb"#!.*python", content) else "bash"
    return shell.program([program, path, *call.args], call.environ, call.streams)


def bash(shell: Shell, call: Call) -> int:
    """Run a script of an argument (`-c`), a file or standard input, in a shell of its own."""
    if shell.state.depth >= MAX_DEPTH:
        return call.fail("too many shells in each other")
    flags = [word for word in call.args if word in ("-l", "-e", "-c", "-lc", "-ec")]
    args = call.args[len(flags) :] if call.args[: len(flags)] == flags else call.args
    is_argument = any("c" in word for word in flags)
    if is_argument:
        if not args:
            return call.fail("-c: option requires an argument", _SYNTAX)
        text, names = args[0], args[1:] or [call.name]
    elif args:
        try:
            text, names = call.read(args[0]).decode("utf-8", "replace"), args
        except OSError as problem:
            return call.fail(f"{args[0]}: {problem.strerror}", _NOT_FOUND)
    else:
        text, names = call.stdin.read().decode("utf-8", "replace"), [call.name]
    state = replace(shell.state.of_inner(), variables=dict(call.environ), exported=set(call.environ))
    state.args, state.lines_before, state.code = names, 0, 0
    state.ends_on_failure = any("e" in word for word in flags)
    try:
        return shell.of(state, call.streams).run(text, is_argument=is_argument)
    except Killed as problem:
        return _SIGNAL + problem.signal


def env(shell: Shell, call: Call) -> int:
    """Run a program with variables (`env`), or write them."""
    while call.args and "=" in call.args[0]:
        name, _, value = call.args.pop(0).partition("=")
        call.environ[name] = value
    if call.args:
        return shell.program(call.args, call.environ, call.streams)
    for name, value in call.environ.items():
        call.out.line(f"{name}={value}")
    return 0


def as_it_is(shell: Shell, call: Call) -> int:
    """Run a program (`nohup`, `command`)."""
    if call.args[:1] == ["-v"]:
        return shell.program(["which", *call.args[1:]], call.environ, call.streams)
    return shell.program(call.args, call.environ, call.streams) if call.args else 0


def xargs(shell: Shell, call: Call) -> int:
    """Run a program, `echo` if none is named, with the words of its input; with `-n`, so many at a time."""
    size = _words_at_once(call)
    try:
        words = shlex.split(call.stdin.read().decode("utf-8", "surrogateescape"))
    except ValueError:
        return call.fail("unmatched quote in the input")
    program, streams = call.args or ["echo"], call.streams._replace(stdin=io.BytesIO())
    for begin in range(0, len(words) or 1, size or len(words) or 1):
        call.check_time()
        some = words[begin : begin + size] if size else words
        code = shell.program([*program, *some], dict(call.environ), streams)
        if code in (_NOT_EXECUTABLE, _NOT_FOUND):
            return code
        call.failed = call.failed or (_ONE_FAILED if code else 0)
    return call.failed


def _words_at_once(call: Call) -> int:
    """Take `-n` out of the arguments before a program's own; 0 is all. Raises `Usage`."""
    if not call.args or not call.args[0].startswith("-"):
        return 0
    option = call.args.pop(0)
    number = (option[2:] or (call.args.pop(0) if call.args else "")) if option.startswith("-n") else ""
    if not re.fullmatch("[1-9][0-9]{0,6}", number):
        raise Usage("here it has -n NUMBER alone", 1)
    return int(number)


def wait(shell: Shell, call: Call) -> int:
    """Run what was left to the background."""
    del call
    shell.finish_jobs()
    return 0


EXECUTABLE: dict[str, Callable[[Shell, Call], int]] = {
    "bash": bash,
    "env": env,
    "nohup": as_it_is,
    "sh": bash,
    "xargs": xargs,
}
"""Those that can be called without a shell."""

RUNNERS = {**EXECUTABLE, "command": as_it_is, "wait": wait}
"""All of them."""
