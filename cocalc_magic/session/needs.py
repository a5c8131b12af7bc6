"""What messages need of a key on a server with scoped keys: the least that will do.

A message of v1 needs what the messages need that go out in its place there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog import is_uuid
from cocalc_magic.client.wire import permission, translate
from cocalc_magic.errors import NoEquivalent, NotSent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.catalog import Message

SCOPED = catalog.generations.SCOPED
SERVER = catalog.generations.TABLE[SCOPED[-1]].label
LISTS = "projects/get"  # finds projects by their titles
RUNS = "projects/start"  # what moving files and all else inside a project comes down to
MAKES = "projects.createProject"  # a project, as the actions of a class do
_ALL_THAT_MAKE = ("create_project", MAKES, "projects/create")

Pair = tuple[str, str]
"""A capability, and the project that it is for, if any."""


@dataclass
class Needs:
    """What messages need.

    Attributes:
        by_event: The capabilities that each event needs; none where any key will do.
        wanted: The projects in which capabilities are wanted, as ids, titles or `$name`.
        signed_in: Events that a person has to be signed in for, whatever the key may do.
        impossible: Events that the server has nothing for, and why.
        makes_projects: Whether projects are made, which the key may not use until it is one of its projects.
    """

    by_event: dict[str, tuple[str, ...]] = field(default_factory=dict)
    wanted: dict[str, None] = field(default_factory=dict)
    signed_in: dict[str, None] = field(default_factory=dict)
    impossible: dict[str, str] = field(default_factory=dict)
    makes_projects: bool = False

    @classmethod
    def of(cls, messages: Iterable[tuple[Message, Mapping[str, Any]]]) -> Needs:
        """Return what these messages need, given with their options."""
        needs = cls()
        for message, options in messages:
            needs.add(message, options)
        return needs

    @property
    def capabilities(self) -> tuple[str, ...]:
        """All capabilities, in the order of the page on which keys are made."""
        needed = {name for names in self.by_event.values() for name in names}
        return tuple(name for name in catalog.CAPABILITIES if name in needed)

    @property
    def projects(self) -> tuple[str, ...]:
        """All projects."""
        return tuple(self.wanted)

    def add(self, message: Message, options: Mapping[str, Any]) -> None:
        """Add what one message needs."""
        try:
            pairs = list(_needed(message, options))
        except NoEquivalent as problem:
            self.impossible[message.event] = problem.problem
            return
        except NotSent:
            self.signed_in[message.event] = None
            return
        self.makes_projects |= message.event in _ALL_THAT_MAKE
        self.require(message.event, pairs)

    def require(self, name: str, pairs: Iterable[Pair]) -> None:
        """Add capabilities that something needs, which is an event or a command."""
        names = dict.fromkeys(self.by_event.get(name, ()))
        for capability, project in pairs:
            names[capability] = None
            if project and catalog.CAPABILITIES[capability].of_projects:
                self.wanted[project] = None
        self.by_event[name] = tuple(names)


def needed_by(event: str, project: str = "") -> Iterator[Pair]:
    """Yield what a message of that server needs, if it is about this project."""
    message = catalog.find(event)
    options = dict.fromkeys(message.permission.projects, project) if message.permission else {}
    yield from permission.needed(message, options)


def _needed(message: Message, options: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield what a message needs of a key. Raises `NotSent` where no key can send it."""
    projects = list(_projects_in(message, options))
    if any(not is_uuid(project) and not project.startswith("$") for project in projects):
        yield from needed_by(LISTS)
    for event in _sent_for(message, options):
        sent = catalog.find(event)
        names = sent.permission.projects if sent.permission else ()
        about = dict(zip(names, [*projects, *projects[-1:] * 2], strict=False))
        about |= {name: value for name, value in options.items() if name in names}
        yield from permission.needed(sent, about)


def _sent_for(message: Message, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the messages that go out for one."""
    if translate.applies_to(message.event):
        plan = translate.plan(message.event, options, SCOPED, SERVER, permit=_refused_to_keys)
        return plan.route.to
    if message.permission is None and not message.raw:
        raise translate.not_possible(message.event, SCOPED, SERVER, f"https://{SERVER}")
    if problem := _refused_to_keys(message.event):
        raise problem
    return (message.event,)


def _refused_to_keys(event: str) -> NotSent | None:
    allowed = catalog.find(event).permission
    if allowed is None or allowed.key or (allowed.nobody and not allowed.session):
        return None
    if allowed.session:
        return NotSent(f"no key may send {event}.")
    return NoEquivalent(f"{event} is not possible on {SERVER}: people do it in a browser.")


def _projects_in(message: Message, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the projects that options name; those of a query stand in its rows."""
    for option in message.options:
        if option.names_project and options.get(option.name):
            value = options[option.name]
            yield from map(str, value if isinstance(value, list) else [value])
    query = options.get("query") if message.event == "query" else None
    for part in query.values() if isinstance(query, dict) else ():
        for row in part if isinstance(part, list) else [part]:
            if isinstance(row, dict) and isinstance(row.get("project_id"), str):
                yield row["project_id"]
