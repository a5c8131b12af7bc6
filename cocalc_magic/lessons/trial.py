"""Test an exercise: the right answer passes, each mistake gets its hint, no answer is not done.

The answers run in a kernel of their own with a sandbox of its own, as a student's cells do.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

    from cocalc_magic.lessons.exercise import Exercise

CELL_TIMEOUT = 120.0  # seconds
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
print({mark!r} + _json.dumps([_grade.done, _grade.missing, _grade.hints]))
"""


@dataclass(frozen=True)
class Outcome:
    """What an answer led to: the first error of its cells, and the grade."""

    error: str
    done: bool
    missing: list[str]
    hints: list[str]


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
            if error := self._cell(cell).error:
                raise CoCalcError(f"{exercise.name}: the setup fails.", cell, error)
        errors = [self._cell(cell).error for cell in cells]
        line = f'check {exercise.name} --from "{self.file}"'
        checked = self._cell(_CHECK.format(line=line, mark=_MARK))
        if _MARK not in checked.text:
            raise CoCalcError(f"{exercise.name} cannot be checked.", checked.error or checked.text)
        done, missing, hints = json.loads(checked.text.partition(_MARK)[2])
        return Outcome(next(filter(None, errors), ""), done, missing, hints)

    def _cell(self, source: str) -> _Ran:
        ran = _Ran()
        self.client.execute_interactive(
            source, allow_stdin=False, timeout=CELL_TIMEOUT, output_hook=ran.hear, stop_on_error=False
        )
        return ran


@dataclass
class _Ran:
    """What a cell printed, and its error."""

    text: str = ""
    error: str = ""
    hear: Any = field(init=False)

    def __post_init__(self) -> None:
        self.hear = self._hear

    def _hear(self, message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            self.text += content["text"]
        if message["msg_type"] == "error":
            self.error = f"{content['ename']}: {content['evalue']}"


@contextmanager
def trials(file: Path) -> Iterator[Trials]:
    """Start a kernel with the extension loaded, for the exercises of a file."""
    from jupyter_client.manager import start_new_kernel  # late: few people test exercises

    manager, client = start_new_kernel(
        extra_arguments=["--HistoryManager.enabled=False"], stderr=subprocess.DEVNULL
    )
    try:
        ready = Trials(client, file.absolute())
        ready._cell("%load_ext cocalc_magic")
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
        yield f"the right answer is not done: {' '.join((*right.missing, right.error))}"
    for number, hint in enumerate(exercise.hints, 1):
        outcome = tried.run(exercise, hint.wrong)
        if outcome.done:
            yield f"hint {number}: its wrong answer is done"
        elif hint.say not in outcome.hints:
            others = " ".join(outcome.hints) or "none"
            yield f"hint {number}: its wrong answer gets other hints: {others} {outcome.error}".rstrip()
