"""Redirections: a command's streams from and to files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import FileInput, Output, Streams

if TYPE_CHECKING:
    from cocalc_magic.sandbox.runtime.small_shell.symbols import Redirection
    from cocalc_magic.sandbox.runtime.small_shell.words import Words

Files = list[tuple[str, Output]]
"""Files to write to their ends, with what is written."""


def redirected(redirections: list[Redirection], before: Streams, words: Words) -> tuple[Streams, Files]:
    """Return the streams of a command, and the files to write afterwards. Raises `OSError`."""
    stdin, streams, files = before.stdin, {1: before.out, 2: before.err}, Files()
    for redirection in redirections:
        if redirection.sign == "<<":
            text = words.text(redirection.target)
            stdin = io.BytesIO(text.encode("utf-8", "surrogateescape"))
            continue
        target = " ".join(words.expanded([redirection.target]))
        try:
            if redirection.sign == "<":
                stdin = FileInput(words.state.files.read(target))
            elif redirection.sign == ">&":
                streams[redirection.stream] = streams[int(target)]
            else:
                words.state.files.write(target, b"", append=redirection.sign == ">>")
                streams[redirection.stream] = Output(words.state.limit, deadline=words.state.deadline)
                files.append((target, streams[redirection.stream]))
        except OSError as problem:
            raise OSError(0, problem.strerror, target) from None
        except (KeyError, ValueError):
            raise OSError(0, "Bad file descriptor", target) from None
    return Streams(stdin, streams[1], streams[2]), files
