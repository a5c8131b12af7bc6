"""Who may send what to a server with scoped keys: the rules of `ai_policy.yaml`, one for each message.

A rule is a list of steps, which a request passes in their order; the head of the file says what each means.
The sandbox enforces them, and what they mean for a key is the `permission` of a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cocalc_magic.catalog.generations import SCOPED, TABLE
from cocalc_magic.catalog.types import Permission

FILE = TABLE[SCOPED[-1]].policy
HUB, PROJECT = "hub", "project"

Step = Mapping[str, str]
"""What is looked at -> the words or the name that go with it, and more of it by other names."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The steps that a message's requests pass, and whether they are sure."""

    steps: tuple[Step, ...]
    sure: bool

    def names(self, kind: str) -> tuple[str, ...]:
        """Return what stands with all steps of this kind."""
        return tuple(step[kind] for step in self.steps if kind in step)

    @property
    def permission(self) -> Permission:
        """What the steps mean for those who would send the message."""
        project, other, *_ = (
            *(step["of"] for step in self.steps if "capability" in step and "of" in step),
            "",
            "",
        )
        refusals = [words for kind in ("no key", "browser", "always") for words in self.names(kind)]
        return Permission(
            capabilities=self.names("capability"),
            project=project,
            other_project=other,
            key=not refusals,
            session=not any(map(self.names, ("no session", "bridge", "fresh", "admin", "always"))),
            nobody=not any(map(self.names, ("signed in", "bridge", "browser", "admin", "always"))),
            refusal=self._refusal_of_keys if refusals else "",
            sure=self.sure,
        )

    @property
    def _refusal_of_keys(self) -> str:
        """The words of the first step that no key passes."""
        kinds = ("no key", "admin", "browser", "always")
        return next(step[kind] for step in self.steps for kind in kinds if kind in step)


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_name(f"{FILE}.json").read_bytes())
    return document


@cache
def texts() -> Mapping[str, str]:
    """Return the words that many rules share."""
    return MappingProxyType(_document()["texts"])


@cache
def rules(kind: str) -> Mapping[str, Rule]:
    """Return the rules of API v2 (`v2`), or those of a bridge (`hub`, `project`), by the server's names."""
    document = _document()
    likely = set(document["likely"].split())
    prefix = f"{PROJECT}:" if kind == PROJECT else ""
    table = {}
    for entry in document[kind]:
        steps = tuple(map(_step, (*document["bridge"].get(kind, ()), *entry["steps"])))
        for name in entry["names"].split():
            table[name] = Rule(steps, f"{prefix}{name}" not in likely)
    return MappingProxyType(table)


def bridge(kind: str) -> Rule:
    """Return what the hub or the bridge to projects asks for, whatever is called."""
    return Rule(tuple(map(_step, _document()["bridge"][kind])), sure=True)


def _step(step: str | Step) -> Step:
    return {step: ""} if isinstance(step, str) else step


def rule(event: str) -> Rule | None:
    """Return the rule for an event of the catalog; `None` where servers with scoped keys lack it."""
    kind, _, name = event.rpartition(":")
    if kind:
        return rules(kind).get(name) if kind == PROJECT else None
    return rules("v2").get(event.removeprefix("/")) if "/" in event else rules(HUB).get(event)
