"""What cmd.exe and PowerShell share.

No kept library reads them. Of their grammar people paste little, which two small readers know: words, quotes,
line ends, variables, pipes and redirections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.from_curl.commands import Stdin, program, runs_curl

if TYPE_CHECKING:
    from cocalc_magic.from_curl.commands import Script

LOOPS = re.compile(r"\s*(for|if|foreach|while|switch|function)\b", re.IGNORECASE)


@dataclass
class Stage:
    """One command of a pipeline, and the redirections behind it."""

    words: list[str] = field(default_factory=list)
    redirects: list[str] = field(default_factory=list)


def take(script: Script, stages: list[Stage], into: str = "") -> None:
    """Add the commands of one pipeline to a script."""
    curl = next((at for at, stage in enumerate(stages) if runs_curl(stage.words)), None)
    for stage in stages:
        for redirect in stage.redirects:
            script.leave(redirect)
    if curl is None:
        for stage in stages:
            if stage.words:
                script.add(stage.words)
        return
    stdin = _written_by(stages[curl - 1].words) if curl else None
    script.add(stages[curl].words, stdin, into)
    for stage in stages[curl + 1 :]:
        script.leave(f"| {program(stage.words)}")


def _written_by(words: list[str]) -> Stdin:
    """Return what a command writes, as far as that is known without running it."""
    if program(words) == "echo":
        return Stdin(" ".join(words[1:]) + "\n")
    if program(words) in ("type", "get-content", "gc", "cat") and len(words) > 1:
        return Stdin(file=words[-1])
    return Stdin(words[0]) if len(words) == 1 else Stdin(source=program(words))
