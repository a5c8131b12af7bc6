"""What a key can't do where keys are scoped, and a person does in a browser: told, with where to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cocalc_magic.course.plan import Change

_MAX_LINES = 500


def remarks(changes: Sequence[Change], address: str) -> Iterator[str]:
    """Yield the projects to add to the key, and the people to let in and out, each with the page for it.

    Args:
        changes: What is to be done, with the ids of the projects that were made.
        address: That of the server.
    """
    closed = [change.project_id for change in changes if change.project_id and not change.usable]
    if closed:
        where = f"Add these projects to the key, on {address}/settings/keys, then apply again:"
        yield "\n".join([where, *_few(closed)])
    people = [
        f"{step.kind} {step.what}: {change.title}"
        for change in changes
        for step in change.steps
        if step.by_hand
    ]
    if people:
        yield in_and_out(people, address)


def in_and_out(people: Sequence[str], address: str) -> str:
    """Return whom to let in and out, as `remove ADDRESS: TITLE`, with the page for it."""
    where = f"Let these people in and out by hand, in the settings of each project on {address}/projects:"
    return "\n".join([where, *_few(people)])


def _few(lines: Sequence[str]) -> Iterable[str]:
    more = len(lines) - _MAX_LINES
    return [*lines[:_MAX_LINES], *([f"and {more:,} more, which the result has"] if more > 0 else [])]
