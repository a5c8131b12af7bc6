"""`run`: a command in every project, its outputs grouped, and who differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.course.classroom import (
    how_many,
    listed,
    members,
    message,
    outcome_state,
    starting,
    without_project,
)
from cocalc_magic.course.result import CourseResult
from cocalc_magic.sanitize import cut, visible_line
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.bulk.outcome import Outcomes
    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.course.classroom import Classroom
    from cocalc_magic.response import Response

DEFAULT_TIME = 45.0  # seconds: what takes longer is a job on some servers, whose end is asked for
_MAX_OUTPUTS = 6  # different ones that are told
_MAX_OUTPUT = 60  # characters of each


def run(room: Classroom, command: str, *, group: str = "", seconds: float = DEFAULT_TIME) -> CourseResult:
    """Run a bash command in every project, each time anew, and return its outputs: a row a student.

    A command that ends with another exit code than 0 has run; its code is in the row.

    Args:
        room: The class.
        command: What bash is to run.
        group: Only for the students of this group.
        seconds: That it may take in each project.
    """
    people, others = members(room, room.read(), group)
    event = catalog.find("project_exec")

    def send(row: RowMessage) -> Response:
        return room.client.router.exchange(event, row.options)

    sent = {"command": command, "bash": True, "err_on_exit": False, "timeout": seconds}
    messages = [
        message(member, event.event, check(event, {**sent, "project_id": member.project.project_id}))
        for member in people
    ]
    outcomes = room.send_each(messages, send, "run")
    remarks = [*starting(people), *without_project(others), *_alike(outcomes)]
    state = outcome_state(len(people), len(others))
    return CourseResult(
        outcomes, "run", summary=_counted(outcomes), remarks=remarks, state=state, **room.shown
    )


def _counted(outcomes: Outcomes) -> str:
    nonzero = [outcome.row.name for outcome in outcomes if outcome.fields.get("exit_code")]
    ran = f"{len(outcomes):,} ran"
    return f"{ran}, {len(nonzero):,} with another exit code than 0: {listed(nonzero)}" if nonzero else ran


def _alike(outcomes: Outcomes) -> Iterator[str]:
    """Yield the different outputs, the most frequent first, with whose they are."""
    names: dict[tuple[Any, ...], list[str]] = {}
    for outcome in outcomes:
        if outcome.ok:
            output = tuple(outcome.fields.get(name) for name in ("exit_code", "stdout", "stderr"))
            names.setdefault(output, []).append(outcome.row.name)
    ranked = sorted(names.items(), key=lambda item: -len(item[1]))
    if len(ranked) == 1 and len(outcomes) > 1:
        yield "All outputs are equal."
    elif 1 < len(ranked) < len(outcomes):
        yield from (
            f"{_shown(output)} ({len(who):,}): {listed(who)}" for output, who in ranked[:_MAX_OUTPUTS]
        )
        if len(ranked) > _MAX_OUTPUTS:
            yield f"And {how_many(len(ranked) - _MAX_OUTPUTS, 'more output')}."
    elif len(ranked) > 1:
        yield "Each output is another."


def _shown(output: tuple[Any, ...]) -> str:
    code, stdout, stderr = output
    words = cut(visible_line(" ".join(f"{stdout or ''} {stderr or ''}".split())), _MAX_OUTPUT) or "no output"
    return f"exit code {code}, {words}" if code else words
