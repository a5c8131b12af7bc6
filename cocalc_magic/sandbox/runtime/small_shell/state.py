"""What a shell knows while it runs: its variables, arguments, folder and options."""

from __future__ import annotations

import os
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cocalc_magic.sandbox.runtime.small_shell.files import Files

MAX_DEPTH = 20  # of a shell in a shell


@dataclass
class State:
    """What a shell knows.

    Args:
        variables: All variables; those whose names are in `exported` are the environment of programs.
        limit: Bytes of a stream that are kept.
        deadline: When its time is over, on the monotonic clock.
        args: Its arguments, from `$0` on.
        lines_before: Lines before the script, in the numbers that errors show.
        depth: In how many shells it is.
    """

    files: Files
    variables: dict[str, str]
    limit: int
    deadline: float
    args: Sequence[str] = ("bash",)
    lines_before: int = 0
    depth: int = 0
    exported: set[str] = field(default_factory=set)
    code: int = 0
    line: int = 1
    ends_on_failure: bool = False
    fails_in_pipes: bool = False
    jobs: dict[str, Callable[[], int]] = field(default_factory=dict)
    last_job: str = ""

    @property
    def where(self) -> str:
        """What errors begin with: the script and the line."""
        return f"{self.args[0]}: line {self.line + self.lines_before}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of programs."""
        return {name: value for name, value in self.variables.items() if name in self.exported}

    def variable(self, name: str) -> str:
        """Return the value of a variable; empty without one."""
        if name.isdecimal():
            return self.args[int(name)] if int(name) < len(self.args) else ""
        special = {"?": str(self.code), "#": str(len(self.args) - 1), "$": self.process_id}
        special |= {"!": self.last_job} | dict.fromkeys("@*", " ".join(self.args[1:]))
        return special[name] if name in special else self.variables.get(name, "")

    @property
    def process_id(self) -> str:
        """The id that a script has of itself."""
        return str(os.getpid())

    def of_inner(self) -> State:
        """Return the state of a shell in this one, whose folder and variables are its own."""
        return replace(
            self,
            files=copy(self.files),
            variables=dict(self.variables),
            exported=set(self.exported),
            depth=self.depth + 1,
            jobs={},
        )
