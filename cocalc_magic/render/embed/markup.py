"""HTML of anybody taken apart into tags and text, in time that grows with its length alone.

Python's own parser stops on some input and takes minutes for other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag by its name in small letters; one that closes has no attributes."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """What stands in a script or a style, as it stands."""

    inside: str
    text: str


Part: TypeAlias = Tag | Raw | str

_START = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
# An attribute, or one character that is none. A quote that does not close is met once.
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?|[\s/]*[^>]""")
_RAW = {"script": re.compile("</script", re.IGNORECASE), "style": re.compile("</style", re.IGNORECASE)}


def parts(html: str) -> Iterator[Part]:
    """Tags and texts in their order; texts with their entities resolved. What does not end is left out."""
    place = 0
    while (start := html.find("<", place)) >= 0:
        if start > place:
            yield unescape(html[place:start])
        found = _START.match(html, start)
        if found is None:
            place = _after_other(html, start)
            if place == start + 1:
                yield "<"
        else:
            place, attributes = _attributes(html, found.end())
            if place < 0:
                return
            name = found[2].lower()
            yield Tag(name, () if found[1] else attributes, bool(found[1]))
            if name in _RAW and not found[1]:
                end = _RAW[name].search(html, place)
                yield Raw(name, html[place : end.start() if end else len(html)])
                place = end.start() if end else -1
        if place < 0:
            return
    yield unescape(html[place:])


def _after_other(html: str, start: int) -> int:
    """The place behind a comment or a declaration; behind the sign alone where it is neither."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 2)
        return end if end < 0 else end + 3
    if html.startswith(("<!", "<?", "</"), start):
        end = html.find(">", start)
        return end if end < 0 else end + 1
    return start + 1


def _attributes(html: str, place: int) -> tuple[int, tuple[tuple[str, str], ...]]:
    """The place behind the tag's end, -1 where there is none, and its attributes."""
    found: list[tuple[str, str]] = []
    while (match := _ATTRIBUTE.match(html, place)) is not None:
        place = match.end()
        if match[1]:
            value = match[2] or ""
            if value[:1] in ('"', "'") and value[-1:] == value[:1] and len(value) > 1:
                value = value[1:-1]
            found.append((match[1].lower(), unescape(value)))
    end = html.find(">", place)
    return (end + 1 if end >= 0 else -1), tuple(found)
