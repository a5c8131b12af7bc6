"""A v1 message by what servers of today have, and their answer back in the shape of v1.

The tables (projects, files, accounts, commands, services) say by which messages each event can be done, best
first; `refusals` says why the others can't be. Nothing here sends: a route yields what to send next.

From the bottom up: refusals, steps, accounts, commands, files, projects, run_steps, services.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
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
    "applies_to",
    "outlook",
    "plan",
    "translations",
]

ERAS = {name: generation.era for name, generation in catalog.generations.TABLE.items()}


@cache
def translations() -> Mapping[str, Translation]:
    """Return all translations by their v1 event."""
    return MappingProxyType(projects.TABLE | files.TABLE | accounts.TABLE | commands.TABLE | services.TABLE)


def applies_to(event: str) -> bool:
    """Return whether an event is one of v1 in the catalog: only those are translated."""
    return not catalog.raw.is_raw(event) and catalog.generation_of(event) == "v1"


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


def plan(event: str, options: Options, generations: Collection[str], server: str = "the server") -> Plan:
    """Return the best way to do a v1 message on a server that speaks these generations.

    Raises:
        NoEquivalent: There is none; it says why, and what there is instead.
    """
    refusal = REFUSED.get(event)
    translation = translations().get(event)
    if refusal or translation is None:
        reason, nearest = refusal or ("nothing of today corresponds to it.", "")
        raise NoEquivalent(f"{event} is not possible on {server}: {reason}", nearest)
    possible = translation.possible(generations)
    for route in possible:
        if route.fits(options):
            return Plan(translation, route, options)
    if possible:
        raise NoEquivalent(
            f"{server} has nothing that takes {event} with these options.", _what_fits(possible)
        )
    needed = " and ".join(ERAS[generation] for generation in translation.lacking(generations))
    raise NoEquivalent(f"{event} needs {needed}; {server} does not have it.")


def outlook(event: str, generations: Collection[str]) -> tuple[str, str]:
    """Return how a v1 message fares on a server that speaks these generations, and by what or why.

    `as it is`, `exact`, `close`, `partial` (translated), or `no`.
    """
    if "v1" in generations:
        return "as it is", ""
    translation = translations().get(event)
    if translation is None:
        return "no", REFUSED[event].reason
    possible = translation.possible(generations)
    if not possible:
        return "no", f"needs {' and '.join(translation.lacking(generations))}"
    ways = f"by {' or '.join(route.to[0] for route in possible)}"
    return translation.fit, f"{ways}; not as in v1: {possible[0].lost}" if possible[0].lost else ways


def _what_fits(routes: list[Route]) -> str:
    names = " or ".join(route.to[0] for route in routes)
    return f"What does it there is {names}: %cocalc help {routes[0].to[0]}"
