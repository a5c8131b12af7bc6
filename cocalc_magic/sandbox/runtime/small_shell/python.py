"""`python` in the small shell: this Python, which is not isolated."""

from __future__ import annotations

import io
import posixpath
import sys
import traceback
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import TimeOver, Usage
from cocalc_magic.sandbox.runtime.this_python import running, text_stream

if TYPE_CHECKING:
    from cocalc_magic.sandbox.runtime.small_shell.call import Call, Output

_USAGE = "it takes -c CODE, or a file, and their arguments here"


class _Stream(io.RawIOBase):
    """An output of a call as a stream of bytes."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # what has a buffer
        self._output.write(piece)
        return len(piece)


def python(call: Call) -> int:
    """Run code or a file, by this Python."""
    words = [word for word in call.args if word not in ("-u", "-B", "-s", "-E", "-I")]
    if words[:1] in (["--version"], ["-V"]):
        call.out.line(f"Python {sys.version.split()[0]}")
        return 0
    if words[:1] == ["-c"] and len(words) > 1:
        return _run(call, words[1], "<string>", ["-c", *words[2:]])
    if words and words[0].startswith("-") and words[0] != "-":
        raise Usage(f"{words[0]}: {_USAGE}")
    name = words[0] if words else "-"
    if name == "-":
        return _run(call, call.stdin.read().decode("utf-8", "replace"), "<stdin>", ["-", *words[1:]])
    try:
        source = call.read(name)
    except OSError as problem:
        call.err.line(
            f"{call.name}: can't open file '{posixpath.join(call.files.cwd, name)}': {problem.strerror}"
        )
        return 2
    return _run(call, source, posixpath.join(call.files.cwd, name), words)


def _run(call: Call, source: str | bytes, name: str, argv: list[str]) -> int:
    out, err = text_stream(_Stream(call.out)), text_stream(_Stream(call.err))
    text = io.TextIOWrapper(call.stdin, "utf-8", "surrogateescape")
    stdin, sys.stdin = sys.stdin, text
    try:
        with running(call.files.cwd, call.environ, out, err, argv) as namespace:
            return _outcome(call, source, name, namespace)
    finally:
        sys.stdin = stdin
        text.detach()  # what follows in a loop reads on, and it is not closed


def _outcome(call: Call, source: str | bytes, name: str, namespace: dict[str, object]) -> int:
    """Run code and return its exit code; what it raises is written to standard error."""
    namespace["__file__"] = name
    try:
        exec(compile(source, name, "exec"), namespace)  # noqa: S102 - that is what python is for
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        call.err.line(str(end.code))
        return 1
    except (KeyboardInterrupt, TimeOver):
        raise
    except BaseException as problem:  # noqa: BLE001 - a program shows it and ends
        frames = problem.__traceback__.tb_next if problem.__traceback__ else None
        call.err.write("".join(traceback.format_exception(type(problem), problem, frames)).encode())
        return 1
    return 0
