"""Parse what servers say of a command that failed in a project.

Recorded from servers of 2024 and 2026: `command 'x' (args=) exited with nonzero code 3 -- stderr='…'` and
`killed command 'x'`, with `Error executing command 'x' with args '' -- ` before it except in conat, and
`, undefined, undefined` behind it on v1. stderr is cut to 1,024 characters there; stdout is not given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.errors import CommandFailed

if TYPE_CHECKING:
    from cocalc_magic.response import Response

KEEP = "What it had printed is lost there. A file keeps it: … > out.txt 2>&1"
_LONG = 100_000  # characters of a sentence that is looked through
_BEHIND = r"(?:, undefined)*(?:-- Email \S+ if you need full internet access[^\n]*)?\s*\Z"
_ENDED = re.compile(
    rf"(?:exited with nonzero code (\d{{1,9}})|was not able to run) -- stderr='(.*)'{_BEHIND}", re.DOTALL
)
_KILLED = re.compile(rf"(?:^|-- )killed command '.*'{_BEHIND}", re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """How a command ended: with an exit code, killed, or without having been started (`problem`)."""

    exit_code: int | None = None
    stderr: str = ""
    killed: bool = False
    problem: str = ""


def read(text: str) -> Outcome | None:
    """Return how a command ended by a server's sentence about it; `None` for any other sentence."""
    text = text[:_LONG]
    if _KILLED.search(text):
        return Outcome(killed=True)
    if (match := _ENDED.search(text)) is None:
        return None
    if (problem := _not_started(match[2])) or match[1] is None:
        return Outcome(problem=problem or match[2])
    return Outcome(int(match[1]), match[2])


def failure(response: Response, text: str) -> CommandFailed | None:
    """Return the error for a sentence about a command; `None` for any other."""
    options = _options(response)
    ended = read(_without_command(text, options)) if options else None
    if ended is None:
        return None
    # Where any signal is told of in these words; servers of 2026 have them for the time limit alone.
    elapsed = response.elapsed if response.request.event == "project_exec" else 0.0
    return error_for(ended, options, response=response, elapsed=elapsed)


def error_for(
    ended: Outcome,
    options: Mapping[str, Any],
    *,
    response: Response | None = None,
    stdout: str = "",
    elapsed: float = 0.0,
) -> CommandFailed:
    """Return the error for the outcome of a command, with its options; `elapsed` is 0 where unknown."""
    if ended.killed:
        return CommandFailed(*_of_killed(options, elapsed), response=response, stdout=stdout)
    if ended.problem:
        hint = "There is no such program in the project, or no such folder (path)."
        problem = f"the command could not be started: {ended.problem}."
        return CommandFailed(problem, hint if ended.problem.startswith("ENOENT") else "", response=response)
    return CommandFailed(
        f"the command ended with exit code {ended.exit_code}.",
        "" if stdout else "err_on_exit=no gives all that it printed, in place of this error.",
        response=response,
        exit_code=ended.exit_code,
        stderr=ended.stderr,
        stdout=stdout,
    )


def _of_killed(options: Mapping[str, Any], elapsed: float) -> tuple[str, str, str]:
    limit = options.get("timeout")
    if not isinstance(limit, int | float) or limit <= 0:
        return "the command was killed, most likely at its time limit.", "timeout=60 gives it longer.", KEEP
    if 0 < elapsed < 0.9 * limit:
        return f"the command was killed, before its time limit of {limit:g} s.", "", KEEP
    longer = 60 if limit < 60 else 10 * round(limit)
    return (
        f"the command was killed at its time limit of {limit:g} s.",
        f"timeout={longer} gives it longer.",
        KEEP,
    )


def _options(response: Response) -> Mapping[str, Any]:
    """Return the options of the command in a message, with its time limit; empty for other messages."""
    event, options = response.request.event, response.request.options
    if event == "projects/call":
        inner = options.get("mesg")
        return inner if isinstance(inner, Mapping) and inner.get("event") == "project_exec" else {}
    if event not in ("project_exec", "/exec", "project:system.exec"):
        return {}
    default = next(
        (option.default for option in catalog.find(event).options if option.name == "timeout"), None
    )
    return {"timeout": default, **options}


def _without_command(text: str, options: Mapping[str, Any]) -> str:
    """Return the sentence after the command, which may contain anything."""
    command = f"command '{options.get('command', '')}' "
    text = text.removeprefix(f"Error executing {command}")
    place, match = text.find(command), _ENDED.search(text) or _KILLED.search(text)
    return text[place + len(command) :] if match and 0 <= place < match.start() else text


def _not_started(stderr: str) -> str:
    """Return why the command did not start, where stderr holds that as JSON."""
    try:
        problem = json.loads(stderr)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(problem, dict) or not str(problem.get("syscall", "")).startswith("spawn"):
        return ""
    return f"{problem.get('code')} {problem.get('path', '')}".strip()
