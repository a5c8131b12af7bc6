"""What a view is made of: a short list of blocks, the same for plain text and for HTML.

Texts in blocks are raw, as the server sent them, but cut to what is shown. The two formatters make
them harmless (:mod:`cocalc_magic.render.clean`), so a view can't forget to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Said(str):
    """A value in words for people; ``exact`` is the value itself, seen where the pointer rests on it."""

    __slots__ = ("exact",)
    exact: str

    def __new__(cls, words: str, exact: str) -> Said:
        """The words, as any text."""
        made = super().__new__(cls, words)
        made.exact = exact
        return made


class Link(str):
    """Words that lead to a page of the server; ``address`` is of http or https."""

    __slots__ = ("address",)
    address: str

    def __new__(cls, words: str, address: str) -> Link:
        """The words, as any text."""
        made = super().__new__(cls, words)
        made.address = address
        return made


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line of every view: what was asked, what came, from where, how long it took."""

    event: str
    answer: str = ""
    server: str = ""
    sandbox: bool = False
    failed: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A few names with their values, one a line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pre:
    """Text as it stands; ``skipped`` characters are left out between ``text`` and ``tail``.

    ``tone`` is empty, ``warning`` or ``error``. ``language`` is ``ansi`` for what a terminal colours,
    or the name of a Pygments lexer; colours never change what is read. ``whole`` is all of a text of
    which something is skipped, for a view that scrolls.
    """

    text: str
    label: str = ""
    tone: str = ""
    skipped: int = 0
    tail: str = ""
    language: str = ""
    whole: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Column:
    """The name of a table's column; ``numeric`` ones stand to the right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The head of a list of records: ``total`` rows and ``total_columns`` columns there are.

    ``records`` are all of them, as they are, for a table that is more than its head.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    total_columns: int
    records: Sequence[Mapping[str, Any]] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Node:
    """One named value of a tree: ``text`` is the value, or the size of what has children.

    ``kind`` is ``text``, ``number``, ``word`` (``true``, ``false``, ``null``) or ``many``; ``hidden``
    children are there but not shown.
    """

    name: str
    text: str
    kind: str
    children: tuple[Node, ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """Any JSON value, opened level by level; ``hidden`` values of the first level are not shown."""

    nodes: tuple[Node, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence of ours, for the reader."""

    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it stands in one word (``done``, ``failed``, ``running``), and what about it in a few more.

    ``tone`` is ``good``, ``warning``, ``error`` or empty.
    """

    word: str
    text: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """What a page of ours is about: its name, and one sentence."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """A list of names with a remark (a type, a default) and what each means; ``label`` stands above."""

    rows: tuple[tuple[str, str, str], ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing by its name, with an address where it can be opened, and a few facts."""

    name: str
    address: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """A few things side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in base64; ``kind`` is its MIME type, one of ``PICTURES``."""

    kind: str
    base64: str
    meaning: str


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Frame:
    """HTML of others, shown as it is meant, in a frame where nothing runs and nothing is loaded.

    ``text`` says the same without HTML.
    """

    html: str
    text: str


Block: TypeAlias = (
    Heading | Verdict | Facts | Pre | Table | Tree | Note | Title | Terms | Cards | Picture | Frame
)
