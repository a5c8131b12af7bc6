"""The messages that the steps of a plan are: one event a stage, sent side by side, stage after stage."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.course.definition import Course
    from cocalc_magic.course.plan import Change, Step

PREPARE_TIME = 300  # seconds that the commands of a new project may take


@dataclass(frozen=True)
class Stage:
    """Messages of one event that are sent side by side.

    Args:
        way: The `way` of the steps that belong to it.
        event: The event.
        options: Gives the options of a step, without the project.
        journaled: Whether carrying it out twice would do harm.
    """

    way: str
    event: str
    options: Callable[[Course, Change, Step], dict[str, Any]]
    journaled: bool = False


def _title(_: Course, __: Change, step: Step) -> dict[str, Any]:
    return {"title": step.what}


def _member(_: Course, change: Change, step: Step) -> dict[str, Any]:
    return {"project_id": change.project_id, "account_id": step.account_id}


def _invitation(course: Course, change: Change, step: Step) -> dict[str, Any]:
    words = escape(f"Welcome to {course.name}. Your project is called {change.title}.", quote=False)
    return {
        "project_id": change.project_id,
        "to": step.what,
        "email": words,
        "title": change.title,
        "link2proj": "",
        "subject": course.name,
    }


def _commands(course: Course, change: Change, _: Step) -> dict[str, Any]:
    script = "set -e\n" + "\n".join(course.prepare)
    return {"project_id": change.project_id, "command": script, "bash": True, "timeout": PREPARE_TIME}


def _new_title(_: Course, change: Change, step: Step) -> dict[str, Any]:
    return {"query": {"projects": {"project_id": change.project_id, "title": step.what}}}


def _deletion(_: Course, change: Change, __: Step) -> dict[str, Any]:
    return {"query": {"projects": {"project_id": change.project_id, "deleted": True}}}


CREATE = Stage("create", "create_project", _title, journaled=True)
ADD = Stage("add", "add_collaborator", _member)
INVITE = Stage("invite", "invite_noncloud_collaborators", _invitation, journaled=True)
STAGES = (
    CREATE,
    Stage("rename", "query", _new_title),
    ADD,
    INVITE,
    Stage("remove", "remove_collaborator", _member),
    Stage("prepare", "project_exec", _commands, journaled=True),
    Stage("delete", "query", _deletion),
)
