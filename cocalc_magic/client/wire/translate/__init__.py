"""A v1 message by what servers of today have, and their answer back in the shape of v1.

Each generation has a module that says by which messages each event can be done, best first, and why the
others can't be: a `Dialect`. Nothing here sends: a route yields what to send next.

From the bottom up: refusals, steps, accounts, commands, files, projects, run_steps, services, older,
ai_query, ai_refusals, ai.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from cocalc_magic import catalog
from cocalc_magic.client.wire.translate.refusals import Refusal
from cocalc_magic.client.wire.translate.steps import Ask, Options, Pause, Route, Steps, Translation, Upload
from cocalc_magic.errors import NoEquivalent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from cocalc_magic.errors import NotSent

__all__ = [
    "Ask",
    "Dialect",
    "Pause",
    "Plan",
    "Route",
    "Steps",
    "Translation",
    "Upload",
    "anything",
    "applies_to",
    "not_possible",
    "outlook",
    "plan",
    "refusal_of",
    "translation_of",
]

ERAS = {name: generation.era for name, generation in catalog.generations.TABLE.items()}

Permit: TypeAlias = "Callable[[str], NotSent | None]"
_NOTHING = Refusal("nothing of today corresponds to it.")


class Dialect(Protocol):
    """What messages come to on the servers of a generation; the modules older and ai are such."""

    TABLE: dict[str, Translation]
    """How v1 messages are done there, by event."""

    def refusal_of(self, event: str) -> Refusal | None:
        """Return why a message can't be sent there, and what to use instead, where that is known."""


def _older() -> Dialect:
    from cocalc_magic.client.wire.translate import older  # late: many servers need no translation

    return older


def _ai() -> Dialect:
    from cocalc_magic.client.wire.translate import ai  # late, as above

    return ai


DIALECTS: Mapping[str, Callable[[], Dialect]] = {"v1": _older, "v2": _older, "conat": _older, "ai": _ai}
"""The dialect of each generation; those that a server may have side by side share one."""


def dialect_of(generations: Collection[str]) -> Dialect:
    """Return the dialect of servers that speak these generations."""
    known = (DIALECTS[name] for name in generations if name in DIALECTS)
    return next(known, _older)()


def translation_of(event: str, generations: Collection[str]) -> Translation | None:
    """Return how a v1 message is done on servers that speak these generations, if it is."""
    return dialect_of(generations).TABLE.get(event)


def refusal_of(event: str, generations: Collection[str]) -> Refusal:
    """Return why a message is not possible on servers that speak these generations."""
    return dialect_of(generations).refusal_of(event) or _NOTHING


def applies_to(event: str) -> bool:
    """Return whether an event is one of v1 in the catalog: only those are translated."""
    return not catalog.raw.is_raw(event) and catalog.generation_of(event) == "v1"


def anything(_: str) -> None:
    """Forbid nothing."""


@dataclass(frozen=True)
class Plan:
    """How one v1 message will be done."""

    translation: Translation
    route: Route
    options: Options

    def steps(self) -> Steps:
        """Return what to do, step by step; the steps return the fields of the answer."""
        return self.route.run(self.options)

    @property
    def lost(self) -> tuple[str, ...]:
        """What of the message or of its answer goes missing on this way, in words."""
        dropped = self.route.dropped(self.options)
        losses = (f"without effect: {', '.join(dropped)}",) if dropped else ()
        return (*losses, self.route.lost) if self.route.lost else losses

    def answer(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return a good answer in the shape of v1."""
        return {"event": self.translation.answer, **self._id(), **fields}

    def failed(self, text: str) -> dict[str, Any]:
        """Return a bad answer in the shape of v1."""
        return {**self._id(), **self.translation.failed(text)}

    def _id(self) -> dict[str, Any]:
        return {"id": self.options["id"]} if "id" in self.options else {}


def plan(
    event: str,
    options: Options,
    generations: Collection[str],
    server: str = "the server",
    *,
    address: str = "SERVER",
    permit: Permit = anything,
) -> Plan:
    """Return the best way to do a v1 message on a server that speaks these generations.

    Args:
        event: The message.
        options: Its options.
        generations: What the server speaks.
        server: The server's name.
        address: Its address, for pages of it.
        permit: Returns what forbids to send another event, if anything does.

    Raises:
        NoEquivalent: There is none; it says why, and what there is instead.
        NotSent: What forbids the best way, where no other can carry the options.
    """
    translation = translation_of(event, generations)
    if translation is None:
        raise not_possible(event, generations, server, address)
    possible = translation.possible(generations)
    forbidden = {id(route): next(filter(None, map(permit, route.to)), None) for route in possible}
    fitting = [route for route in possible if route.fits(options)]
    for route in fitting:
        if forbidden[id(route)] is None:
            return Plan(translation, route, options)
    for route in fitting:
        raise forbidden[id(route)] or AssertionError
    if possible:
        raise NoEquivalent(
            f"{server} has nothing that takes {event} with these options.", _what_fits(possible)
        )
    needed = " and ".join(ERAS[generation] for generation in translation.lacking(generations))
    raise NoEquivalent(f"{event} needs {needed}; {server} does not have it.")


def not_possible(event: str, generations: Collection[str], server: str, address: str) -> NoEquivalent:
    """Return the error for a message that a server has nothing for, with what to use instead."""
    why = dialect_of(generations).refusal_of(event)
    if why is None and not applies_to(event):
        needed = ERAS[catalog.find(event).generations[0]]
        return NoEquivalent(f"{event} needs {needed}; {server} does not have it.")
    reason, nearest = why or _NOTHING
    return NoEquivalent(f"{event} is not possible on {server}: {reason}", nearest.replace("SERVER", address))


def outlook(event: str, generations: Collection[str]) -> tuple[str, str]:
    """Return how a v1 message fares on a server that speaks these generations, and by what or why.

    `as it is`, `exact`, `close`, `partial` (translated), or `no`.
    """
    if "v1" in generations:
        return "as it is", ""
    translation = translation_of(event, generations)
    if translation is None:
        return "no", refusal_of(event, generations).reason
    possible = translation.possible(generations)
    if not possible:
        return "no", f"needs {' and '.join(translation.lacking(generations))}"
    ways = f"by {' or '.join(dict.fromkeys(route.to[0] for route in possible))}"
    return translation.fit, f"{ways}; not as in v1: {possible[0].lost}" if possible[0].lost else ways


def _what_fits(routes: list[Route]) -> str:
    names = " or ".join(dict.fromkeys(route.to[0] for route in routes))
    return f"What does it there is {names}: %cocalc help {routes[0].to[0]}"
