"""The programs that are parts of the shell: they know its state, and their errors say the line."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Exit, Killed, LoopEnd, Usage
from cocalc_magic.sandbox.runtime.small_shell.conditions import bracket, test
from cocalc_magic.sandbox.runtime.small_shell.listing_programs import working_directory
from cocalc_magic.sandbox.runtime.small_shell.printf import echo, printf

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.small_shell.call import Call
    from cocalc_magic.sandbox.runtime.small_shell.state import State

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def cd(state: State, call: Call) -> int:
    """Change the working directory; `cd -` to the one before."""
    target = call.args[0] if call.args else call.files.home
    if target == "-":
        target = state.variables.get("OLDPWD", "")
        call.out.line(target)
    before = call.files.cwd
    try:
        call.files.change_to(target)
    except OSError as problem:
        return call.fail(f"{target}: {problem.strerror}")
    state.variables |= {"OLDPWD": before, "PWD": call.files.cwd}
    return 0


def leave(state: State, call: Call) -> int:
    """End the script (`exit`)."""
    text = call.args[0] if call.args else str(state.code)
    if not re.fullmatch(r"-?\d+", text):
        call.fail(f"{text}: numeric argument required")
        raise Exit(2)
    raise Exit(int(text) & 0xFF)


def end_loop(state: State, call: Call) -> int:
    """End a loop (`break`), or what it is at (`continue`)."""
    del state
    raise LoopEnd(goes_on=call.name.endswith("continue"))


def export(state: State, call: Call) -> int:
    """Have variables be in the environment of programs."""
    for word in call.args:
        name, sign, value = word.partition("=")
        if not _NAME.fullmatch(name):
            call.failed = call.fail(f"`{word}': not a valid identifier")
            continue
        state.exported.add(name)
        if sign:
            state.variables[name] = value
    return call.failed


def unset(state: State, call: Call) -> int:
    """Remove variables."""
    for name in call.args:
        state.variables.pop(name, None)
        state.exported.discard(name)
    return 0


def options(state: State, call: Call) -> int:
    """Set options (`set`): `-e` and `-o pipefail`; or the arguments, after `--`."""
    words = iter(call.args)
    for word in words:
        if word == "--":
            state.args = (state.args[0], *words)
        elif word == "-e":
            state.ends_on_failure = True
        elif word == "+e":
            state.ends_on_failure = False
        elif re.fullmatch("-e?o", word) and next(words, "") == "pipefail":
            state.fails_in_pipes = True
            state.ends_on_failure = state.ends_on_failure or "e" in word
        else:
            raise Usage("it takes -e, +e and -o pipefail here", 2)
    return 0


def shift(state: State, call: Call) -> int:
    """Drop the first argument of the script, or so many."""
    count = int(call.args[0]) if call.args and call.args[0].isdecimal() else 1
    if count > len(state.args) - 1:
        return 1
    state.args = (state.args[0], *state.args[count + 1 :])
    return 0


def read(state: State, call: Call) -> int:
    """Read a line into variables."""
    flags = call.flags("r", "p")
    line = call.stdin.readline().decode("utf-8", "surrogateescape")
    text = line.removesuffix("\n")
    if "r" not in flags:
        text = re.sub(r"\\(.)", r"\1", text)
    signs = call.environ.get("IFS", state.variables.get("IFS", " \t\n"))
    names = call.args or ["REPLY"]
    blank = "".join(sign for sign in signs if sign.isspace())
    text = text.strip(blank) if blank and call.args else text
    splits = rf"[{re.escape(blank)}]+" if blank else f"[{re.escape(signs)}]"
    values = re.split(splits, text, maxsplit=len(names) - 1) if signs and len(names) > 1 else [text]
    state.variables |= dict(zip(names, [*values, *[""] * len(names)], strict=False))
    return int(not line.endswith("\n"))


def kill(state: State, call: Call) -> int:
    """Send a signal: to the script itself, which ends it, or to what is in its background."""
    flags = [word for word in call.args if word.startswith("-")]
    number = _signal(flags[0][1:]) if flags else signal.SIGTERM
    ids = [word for word in call.args if word not in flags[:1]]
    if not ids:
        raise Usage("usage: kill [-signal] pid", 2)
    for word in ids:
        if not re.fullmatch(r"-?\d+", word):
            call.failed = call.fail(f"{word}: arguments must be process or job IDs")
        elif word == state.process_id:
            raise Killed(number)
        elif state.jobs.pop(word, None) is None:
            call.failed = call.fail(f"({word}) - No such process")
    return call.failed


def _signal(name: str) -> int:
    known = {each.name.removeprefix("SIG"): int(each) for each in signal.Signals}
    number = int(name) if name.isdecimal() else known.get(name.upper().removeprefix("SIG"), 0)
    if not 0 < number < 65:
        raise Usage(f"{name}: invalid signal specification", 1)
    return number


def _plain(program: Callable[[Call], int]) -> Callable[[State, Call], int]:
    """Return a program as a part of the shell."""
    return lambda _, call: program(call)


BUILTINS: dict[str, Callable[[State, Call], int]] = {
    ":": lambda _, __: 0,
    "[": _plain(bracket),
    "break": end_loop,
    "cd": cd,
    "continue": end_loop,
    "echo": _plain(echo),
    "exit": leave,
    "export": export,
    "false": lambda _, __: 1,
    "kill": kill,
    "printf": _plain(printf),
    "pwd": _plain(working_directory),
    "read": read,
    "set": options,
    "shift": shift,
    "test": _plain(test),
    "true": lambda _, __: 0,
    "unset": unset,
}
