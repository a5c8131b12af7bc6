"""The generations of CoCalc's API, as one table: what a new one needs besides its file of the catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of the API.

    Args:
        era: Which servers have it, in words.
        label: What its messages are said to travel by; empty for the first, which goes without saying.
        since: The day from which servers have it.
        builds_on: The generations whose messages it has too, as far as there is a rule for them.
    """

    era: str
    label: str = ""
    since: str = ""
    builds_on: tuple[str, ...] = ()


TABLE = {
    "v1": Generation("the first API, which servers had until May 2025"),
    "v2": Generation("API v2, which servers have since 2021", "API v2", "2021-10-01"),
    "conat": Generation("the conat bridge, which servers have since August 2025", "conat", "2025-08-29"),
    "ai": Generation(
        "scoped keys, as cocalc.ai has since July 2026", "cocalc.ai", "2026-07-01", ("v2", "conat")
    ),
}
GENERATIONS = tuple(TABLE)
SCOPED = "ai"  # the one whose keys are scoped
