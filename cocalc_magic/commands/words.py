"""The words of a command: what stands by itself, and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


def sort(command: str, words: list[str], flags: Mapping[str, bool]) -> tuple[list[str], dict[str, str]]:
    """The words by themselves, and the flags with their values.

    ``flags`` says for each ``--name`` whether a value follows it; one without is given as ``"yes"``.
    Raises :class:`InvalidSyntax` for any other flag and for a value that is missing.
    """
    alone: list[str] = []
    given: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            alone.append(word)
            continue
        name, sign, value = word.partition("=")
        if name not in flags:
            raise InvalidSyntax(
                f"{command} has no flag {name}.",
                did_you_mean(name, flags),
                f"Its flags: {', '.join(flags)}." if flags else "",
            )
        if flags[name] and not sign:
            value = next(rest, "")
        if flags[name] != bool(value):
            raise InvalidSyntax(f"{name} of {command} takes {'a value' if flags[name] else 'no value'}.")
        given[name.removeprefix("--")] = value or "yes"
    return alone, given
