"""The generations of CoCalc's API, as one table: what a new one needs besides its file of the catalog.

Who deals with a server asks here what is true of its generations, so that none is named elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of the API, and what is true of the servers that have it.

    Args:
        era: Which servers have it, in words.
        probe: Where a request without a key shows whether a server has it: a path and a body.
        label: What its messages are said to travel by; empty for the first, which goes without saying.
        since: The day from which servers have it.
        builds_on: The generations whose messages it has too, as far as there is a rule for them. It stands in
            their place on its servers, and refuses what its probe says.
        policy: The file of the catalog with these rules, where keys are scoped: they have capabilities,
            people alone make them, and people may sign in on a page besides.
        uploads: Whether files go into a project by HTTP beside the API.
        downloads: Whether files come out of one so, from the same server.
        project_keys: Whether it knows keys of projects, which its `ping` refuses.
    """

    era: str
    probe: tuple[str, str]
    label: str = ""
    since: str = ""
    builds_on: tuple[str, ...] = ()
    policy: str = ""
    uploads: bool = False
    downloads: bool = False
    project_keys: bool = False


_FIELDS = '{"fields": ["siteName", "siteURL", "version", "kucalc", "jupyterApiEnabled"]}'
TABLE = {
    "v1": Generation("the first API, which servers had until May 2025", ("/api/v1/ping", "")),
    "v2": Generation(
        "API v2, which servers have since 2021",
        ("/api/v2/customize", _FIELDS),
        label="API v2",
        since="2021-10-01",
        uploads=True,
        downloads=True,
        project_keys=True,
    ),
    "conat": Generation(
        "the conat bridge, which servers have since August 2025",
        ("/api/conat/hub", "{}"),
        label="conat",
        since="2025-08-29",
        project_keys=True,
    ),
    "ai": Generation(
        "scoped keys, as cocalc.ai has since July 2026",
        ("/api/v2/auth/cli/login/status", "{}"),
        label="cocalc.ai",
        since="2026-07-01",
        builds_on=("v2", "conat"),
        policy="ai_policy",
        uploads=True,
    ),
}
GENERATIONS = tuple(TABLE)
SCOPED = tuple(name for name, generation in TABLE.items() if generation.policy)
"""Those whose keys are scoped."""


def of(names: Iterable[str]) -> list[Generation]:
    """Return the generations of these names, as far as they are known."""
    return [TABLE[name] for name in names if name in TABLE]


def scoped(names: Iterable[str]) -> bool:
    """Return whether keys are scoped on servers that speak these generations."""
    return any(generation.policy for generation in of(names))


def building_on(name: str) -> tuple[str, ...]:
    """Return the generations that build on this one."""
    return tuple(other for other, generation in TABLE.items() if name in generation.builds_on)
