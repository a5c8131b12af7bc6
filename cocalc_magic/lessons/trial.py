"""Test an exercise: the right answer passes, each mistake gets its hint, no answer is not done.

The answers run in a kernel of their own with a sandbox of its own, as a student's cells do.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty
from time import monotonic
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize import cut
from cocalc_magic.syntax.format import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

    from cocalc_magic.lessons.exercise import Exercise

CELL_TIMEOUT = 120.0  # seconds
_LOOK = 0.5  # seconds until one looks whether the kernel still lives
_FRESH = """
%cocalc server use sandbox
%cocalc sandbox {begin}
%cocalc use --clear
%cocalc check --reset
%reset -f
"""
_SANDBOX = "%cocalc sandbox"
_MARK = "cocalc-magic-grade:"
_CHECK = """
import json as _json
_grade = get_ipython().run_line_magic("cocalc", {line!r})
print({mark!r} + _json.dumps([_grade.done, _grade.missing, _grade.hints, _grade.grade.broken]))
"""


@dataclass(frozen=True)
class Outcome:
    """What an answer led to: the first error of its cells, the grade, and conditions that are broken."""

    error: str
    done: bool
    missing: list[str]
    hints: list[str]
    broken: dict[str, str]

    def why(self, conditions: Iterable[str]) -> str:
        """Return the error of the cells, and those of these conditions that cannot be evaluated."""
        broken = (f"{when} ({self.broken[when]})" for when in conditions if when in self.broken)
        return _joined((self.error, *broken))


def _joined(sentences: Iterable[str]) -> str:
    """Return sentences as one, without the full stop at its end."""
    return "; ".join(filter(None, (cut(sentence, 300).rstrip(".") for sentence in sentences)))


@dataclass
class Trials:
    """Runs answers in one kernel; between them all is as it was at first."""

    client: BlockingKernelClient
    file: Path
    _begin: str = "start"  # or `reset`, which is ten times as fast, where the last answer left the sandbox be

    def run(self, exercise: Exercise, cells: Iterable[str]) -> Outcome:
        """Run cells after those of the setup, then check the exercise."""
        cells, begin = tuple(cells), self._begin
        is_left = not any(_SANDBOX in cell for cell in (*exercise.setup, *cells))
        self._begin = "reset" if is_left else "start"
        for cell in (_FRESH.format(begin=begin), *exercise.setup):
            if error := self._cell(cell, exercise.name).error:
                raise CoCalcError(f"{exercise.name}: the setup fails.", cell, error)
        errors = [self._cell(cell, exercise.name).error for cell in cells]
        line = f"check {format_value(exercise.name)} --from {format_value(str(self.file))}"
        checked = self._cell(_CHECK.format(line=line, mark=_MARK), exercise.name)
        if _MARK not in checked.text:
            raise CoCalcError(f"{exercise.name} cannot be checked.", checked.error or checked.text)
        return Outcome(next(filter(None, errors), ""), *json.loads(checked.text.partition(_MARK)[2]))

    def _cell(self, source: str, name: str) -> _Ran:
        """Run a cell of an exercise. Raises `CoCalcError` if it does not come to an end."""
        ran = _Ran(self.client.execute(source, allow_stdin=False, stop_on_error=False))
        end = monotonic() + CELL_TIMEOUT
        while not ran.ended:
            try:
                ran.hear(self.client.get_iopub_msg(timeout=_LOOK))
            except Empty:
                if not self.client.is_alive():
                    raise CoCalcError(f"{name}: the kernel ended in the cell {_begin(source)}") from None
            if monotonic() > end:
                raise CoCalcError(f"{name}: longer than {CELL_TIMEOUT:.0f} s took the cell {_begin(source)}")
        with suppress(Empty):  # the reply, which came before
            self.client.get_shell_msg(timeout=_LOOK)
        return ran


def _begin(source: str) -> str:
    return cut(" ".join(source.split()), 80)


@dataclass
class _Ran:
    """What a cell printed, and its error."""

    request: str
    text: str = ""
    error: str = ""
    ended: bool = False

    def hear(self, message: dict[str, Any]) -> None:
        """Take in what the kernel says of this cell."""
        if message["parent_header"].get("msg_id") != self.request:
            return
        content = message["content"]
        if message["msg_type"] == "stream":
            self.text += content["text"]
        if message["msg_type"] == "error":
            self.error = f"{content['ename']}: {content['evalue']}"
        self.ended = self.ended or content.get("execution_state") == "idle"


@contextmanager
def trials(file: Path) -> Iterator[Trials]:
    """Start a kernel with the extension loaded, for the exercises of a file."""
    from jupyter_client.manager import start_new_kernel  # late: few people test exercises

    manager, client = start_new_kernel(
        extra_arguments=["--HistoryManager.enabled=False"], stderr=subprocess.DEVNULL
    )
    try:
        ready = Trials(client, file.absolute())
        ready._cell("%load_ext cocalc_magic", file.name)
        yield ready
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def problems(tried: Trials, exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with an exercise; nothing if it is good."""
    untouched = tried.run(exercise, ())
    if untouched.done:
        yield "it is done before anybody has answered"
    right = tried.run(exercise, exercise.right)
    if not right.done:
        reasons = (*right.missing, right.why(check.when for check in exercise.checks))
        yield f"the right answer is not done: {_joined(reasons)}"
    for number, hint in enumerate(exercise.hints, 1):
        outcome = tried.run(exercise, hint.wrong)
        if outcome.done:
            yield f"hint {number}: its wrong answer is done"
        elif hint.say not in outcome.hints:
            others = _joined((_joined(outcome.hints) or "none", outcome.why([hint.when])))
            yield f"hint {number}: its wrong answer gets other hints: {others}"
