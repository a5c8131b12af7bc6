"""Code that runs in this Python, where no other can be started.

It has a fresh `__main__`, its own arguments, environment and working directory while it runs, and its output
is captured. It is **not isolated**: it is in the process of the sandbox and of the notebook, whose modules
and memory it can reach, nothing limits its time or memory, and one runs at a time.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import threading
import types
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

_alone = threading.RLock()


@contextmanager
def running(
    folder: str, environ: Mapping[str, str], out: TextIO, err: TextIO, argv: Sequence[str] = ("",)
) -> Iterator[dict[str, Any]]:
    """Have this Python be one of its own while the block runs; its `__main__` is yielded as a namespace.

    Args:
        folder: The working directory, which modules are found in.
        environ: The environment variables, in place of those of this process.
        argv: `sys.argv`.
    """
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    with _alone, redirect_stdout(out), redirect_stderr(err), _replaced(main, argv, folder, environ):
        yield main.__dict__


@contextmanager
def _replaced(
    main: types.ModuleType, argv: Sequence[str], folder: str, environ: Mapping[str, str]
) -> Iterator[None]:
    before = os.getcwd(), dict(os.environ), sys.argv, sys.path[:], sys.modules.get("__main__")
    no_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a later run reads sources
    exit_at_once: Any = os._exit
    modules = set(sys.modules)
    try:
        os.chdir(folder)
        _set_environ(environ)
        sys.argv, sys.path[:0] = list(argv), [folder]
        sys.modules["__main__"] = main
        setattr(os, "_exit", sys.exit)  # noqa: B010 - the notebook would end with the program
        yield
    finally:
        setattr(os, "_exit", exit_at_once)  # noqa: B010 - as above
        for name in set(sys.modules) - modules:
            if _is_in(folder, sys.modules[name]):  # a later run reads it anew
                del sys.modules[name]
        sys.dont_write_bytecode = no_bytecode
        sys.argv, sys.path[:] = before[2], before[3]
        if before[4] is not None:
            sys.modules["__main__"] = before[4]
        _set_environ(before[1])
        with suppress(OSError):  # it is gone
            os.chdir(before[0])


def _is_in(folder: str, module: types.ModuleType) -> bool:
    return str(getattr(module, "__file__", None) or "").startswith(f"{folder}{os.sep}")


def _set_environ(environ: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environ)


def text_stream(data: io.RawIOBase) -> TextIO:
    """Return a text stream that writes to one of bytes at once."""
    raw: Any = data  # which takes the place of a buffered one
    return io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", write_through=True)
