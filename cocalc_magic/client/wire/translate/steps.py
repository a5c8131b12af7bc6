"""The parts of a translation: routes, and the steps that they yield."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from cocalc_magic import catalog

Options: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """A message of today to send; its value is sent back in, or its failure thrown in.

    `keyless`: send neither key nor session, whoever may send it.
    """

    event: str
    options: Options = field(default_factory=dict)
    keyless: bool = False


@dataclass(frozen=True)
class Pause:
    """Seconds to wait before the next step; `job`: for a job that an interrupt ends."""

    seconds: float
    job: bool = False


@dataclass(frozen=True)
class Upload:
    """A file that is too large for a message, to upload into a project."""

    project_id: str
    path: str
    data: bytes


Steps: TypeAlias = Generator[Ask | Pause | Upload, Any, dict[str, Any]]
"""Yields what to do and returns the fields of the v1 answer, besides `id` and `event`."""


@dataclass(frozen=True)
class Route:
    """One way to do a v1 message today.

    `to`: the events that it sends, the one that does the work first. `takes`: the v1 options that have
    an effect. `run` makes the steps. `lost`: what an answer of v1 had and this one has not. `fits` says
    whether the route can carry these options.
    """

    to: tuple[str, ...]
    takes: frozenset[str]
    run: Callable[[Options], Steps]
    lost: str = ""
    fits: Callable[[Options], bool] = lambda _: True

    @property
    def needs(self) -> frozenset[str]:
        """The generations that a server must speak."""
        return frozenset(map(catalog.generation_of, self.to))

    def is_possible(self, generations: Collection[str]) -> bool:
        """Return whether a server that speaks these generations has all that the route sends."""
        if self.needs <= set(generations):
            return True
        # A generation that builds on others has only some of their messages.
        return any(generation.builds_on for generation in catalog.generations.of(generations)) and all(
            not set(catalog.find(event).generations).isdisjoint(generations) for event in self.to
        )

    def dropped(self, options: Options) -> list[str]:
        """Return the given options that have no effect."""
        return [name for name in options if name not in self.takes and name != "id"]


@dataclass(frozen=True)
class Translation:
    """All ways to do one v1 message today, the best first.

    `fit`: `exact`, `close` or `partial`. `answer`: the event of a good answer. `failed` makes the
    fields of a bad one from the server's words, where v1 had a form of its own for it.
    """

    fit: str
    routes: tuple[Route, ...]
    answer: str
    failed: Callable[[str], dict[str, Any]]

    def possible(self, generations: Collection[str]) -> list[Route]:
        """Return the routes that a server has which speaks these generations."""
        return [route for route in self.routes if route.is_possible(generations)]

    def lacking(self, generations: Collection[str]) -> list[str]:
        """Return what such a server lacks for the best route."""
        return sorted(self.routes[0].needs - set(generations))


def _error(text: str) -> dict[str, Any]:
    return {"event": "error", "error": text}


def _translation(
    fit: str, *routes: Route, answer: str = "success", failed: Callable[[str], dict[str, Any]] = _error
) -> Translation:
    return Translation(fit, routes, answer, failed)


exact, close, partly = (partial(_translation, fit) for fit in ("exact", "close", "partial"))
"""Make a translation of that fit: its routes, the best first, then `answer` and `failed` by name."""

Back: TypeAlias = Callable[[Any, Options], dict[str, Any]]
"""Makes the fields of the v1 answer from the value that came back and the options."""


def nothing(_value: Any, _options: Options) -> dict[str, Any]:
    """Return no fields, for a message without a result."""
    return {}


def via(
    event: str,
    names: str = "",
    back: Back = nothing,
    *,
    also: Options | None = None,
    lost: str = "",
    fits: Callable[[Options], bool] = lambda _: True,
    keyless: bool = False,
) -> Route:
    """Return a route of one message. `names` are its options, `v1 name:name of today` where they differ."""
    pairs = dict(name.partition(":")[::2] for name in names.split())

    def run(options: Options) -> Steps:
        sent = {new or old: options[old] for old, new in pairs.items() if old in options}
        value = yield Ask(event, {**(also or {}), **sent}, keyless)
        return back(value, options)

    return Route((event,), frozenset(pairs), run, lost, fits)


def many(
    to: str,
    takes: str,
    run: Callable[[Options], Steps],
    *,
    lost: str = "",
    fits: Callable[[Options], bool] = lambda _: True,
) -> Route:
    """Return a route with steps of its own; `to` and `takes` are names separated by blanks."""
    return Route(tuple(to.split()), frozenset(takes.split()), run, lost, fits)


def has(*names: str) -> Callable[[Options], bool]:
    """Return a predicate: one of these options is given, and neither false nor empty."""
    return lambda options: any(options.get(name) for name in names)


def without(*names: str) -> Callable[[Options], bool]:
    """Return a predicate: none of these options is given, unless false or empty."""
    return lambda options: not any(options.get(name) for name in names)
