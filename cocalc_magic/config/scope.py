"""What a scoped key may do, as far as that is known.

Keys of cocalc.ai have capabilities (`project:exec`), most of which hold for named projects alone. No message
tells which: a person can say it, and a server tells it by what it refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidValue, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


class Grant(NamedTuple):
    """What a person says of a key: its capabilities, and the ids of its projects (empty: not said)."""

    capabilities: tuple[str, ...]
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """What is known of one key.

    Attributes:
        stated: What a person said of it, if anything.
        refused: What its server refused: pairs of a capability and the id of a project (empty: anywhere).
    """

    stated: Grant | None = None
    refused: frozenset[tuple[str, str]] = frozenset()

    def may(self, capability: str, project: str = "") -> bool | None:
        """Return whether the key may do something, in a project if it is named; `None` if not known."""
        if not self.refused.isdisjoint({(capability, ""), (capability, project)}):
            return False
        if self.stated is None:
            return None
        if capability not in self.stated.capabilities:
            return False
        if not project or not _of_projects(capability):
            return True
        return project in self.stated.projects if self.stated.projects else None

    def missing(self, capabilities: Iterable[str], project: str = "") -> str:
        """Return the first of these that the key is known to lack; empty if there is none."""
        return next((name for name in capabilities if self.may(name, project) is False), "")

    def refusing(self, capability: str, project: str = "") -> Scope:
        """Return the scope after its server has refused this."""
        return replace(self, refused=self.refused | {(capability, project)})

    def stating(self, capabilities: str | Iterable[str], projects: Iterable[str] = ()) -> Scope:
        """Return the scope after a person has said what the key has; refusals of before are forgotten.

        Raises:
            InvalidValue: There is no such capability.
        """
        names = parse(capabilities) if isinstance(capabilities, str) else _ordered(capabilities)
        return Scope(Grant(names, tuple(dict.fromkeys(project.lower() for project in projects))))


UNKNOWN = Scope()
"""The scope of a key of which nothing is known."""


def parse(text: str) -> tuple[str, ...]:
    """Return the capabilities of a list such as `project:exec,file:read`, each once, in their own order.

    Raises:
        InvalidValue: There is no such capability, or none was named.
    """
    names = [name for name in text.replace(",", " ").split() if name]
    if not names:
        raise InvalidValue("no capability is named.", f"There are {', '.join(catalog.CAPABILITIES)}.")
    return _ordered(names)


def written(capabilities: Iterable[str]) -> str:
    """Return capabilities as `parse` reads them, in their own order."""
    return ",".join(_ordered(capabilities))


def _of_projects(capability: str) -> bool:
    known = catalog.CAPABILITIES.get(capability)
    return known is not None and known.of_projects


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    wanted = list(names)
    unknown = next((name for name in wanted if name not in catalog.CAPABILITIES), None)
    if unknown is not None:
        there_are = f"There are {', '.join(catalog.CAPABILITIES)}."
        raise InvalidValue(
            f"there is no capability {unknown!r}.", did_you_mean(unknown, catalog.CAPABILITIES), there_are
        )
    return tuple(name for name in catalog.CAPABILITIES if name in wanted)
