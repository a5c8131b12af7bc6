"""A v1 message by what servers of today have, and their answer back in the shape of v1.

The tables (projects, files, accounts, commands, services) say by which messages each event can be done, best
first; ``refusals`` says why the others can't be. Nothing here sends: a route yields what to ask, and whoever
has the connection asks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire.translate import accounts, commands, files, projects, services
from cocalc_magic.client.wire.translate.refusals import REFUSED
from cocalc_magic.client.wire.translate.steps import Ask, Options, Pause, Route, Steps, Translation, Upload
from cocalc_magic.errors import NoEquivalent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = [
    "REFUSED",
    "Ask",
    "Pause",
    "Plan",
    "Route",
    "Steps",
    "Translation",
    "Upload",
    "outlook",
    "plan",
    "translations",
]

ERAS = {
    "v1": "the first API, which servers had until May 2025",
    "v2": "API v2, which servers have since 2021",
    "conat": "the conat bridge, which servers have since August 2025",
}


@cache
def translations() -> Mapping[str, Translation]:
    """All translations by their v1 event."""
    tables = (*projects.TABLE, *files.TABLE, *accounts.TABLE, *commands.TABLE, *services.TABLE)
    return MappingProxyType({one.event: one for one in tables})


@dataclass(frozen=True)
class Plan:
    """How one v1 message will be done."""

    translation: Translation
    route: Route
    options: Options

    def steps(self) -> Steps:
        """What to ask; they return the fields of the answer."""
        return self.route.run(self.options)

    @property
    def lost(self) -> tuple[str, ...]:
        """What of the message or of its answer goes missing on this way, in words."""
        dropped = self.route.dropped(self.options)
        told = (f"without effect: {', '.join(dropped)}",) if dropped else ()
        return (*told, self.route.lost) if self.route.lost else told

    def answer(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A good answer in the shape of v1."""
        return {"event": self.translation.answer, **self._id(), **fields}

    def failed(self, text: str) -> dict[str, Any]:
        """A bad answer in the shape of v1."""
        return {**self._id(), **self.translation.failed(text)}

    def _id(self) -> dict[str, Any]:
        return {"id": self.options["id"]} if "id" in self.options else {}


def plan(event: str, options: Options, spoken: Collection[str], server: str = "the server") -> Plan:
    """The best way to do a v1 message on a server that speaks these generations.

    Raises :class:`NoEquivalent`, which says why and what there is instead, where there is none.
    """
    refusal = REFUSED.get(event)
    found = translations().get(event)
    if refusal or found is None:
        reason, nearest = refusal or ("nothing of today corresponds to it.", "")
        raise NoEquivalent(f"{event} is not possible on {server}: {reason}", nearest)
    able = [route for route in found.routes if route.needs <= set(spoken)]
    for route in able:
        if route.fits(options):
            return Plan(found, route, options)
    if able:
        raise NoEquivalent(f"{server} has nothing that takes {event} with these options.", _what_fits(able))
    lacking = sorted(found.routes[0].needs - set(spoken))
    raise NoEquivalent(f"{event} needs {' and '.join(ERAS[one] for one in lacking)}; {server} has it not.")


def outlook(event: str, spoken: Collection[str]) -> tuple[str, str]:
    """How a v1 message fares on a server that speaks these generations, and by what or why.

    ``as it is``, ``exact``, ``close``, ``partial`` (translated), or ``no``.
    """
    if "v1" in spoken:
        return "as it is", ""
    found = translations().get(event)
    if found is None:
        return "no", REFUSED[event].reason
    able = [route for route in found.routes if route.needs <= set(spoken)]
    if not able:
        return "no", f"needs {' and '.join(sorted(found.routes[0].needs - set(spoken)))}"
    ways = f"by {' or '.join(route.to[0] for route in able)}"
    return found.fit, f"{ways}; not as in v1: {able[0].lost}" if able[0].lost else ways


def _what_fits(routes: list[Route]) -> str:
    names = " or ".join(route.to[0] for route in routes)
    return f"What does it there is {names}: %cocalc help {routes[0].to[0]}"
