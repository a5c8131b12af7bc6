"""What a view is made of: a short list of blocks, the same for plain text and for HTML.

Texts in blocks are raw, as the server sent them, but cut to what is shown. The two formatters make
them harmless (:mod:`cocalc_magic.render.clean`), so a view can't forget to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


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

    ``tone`` is empty, ``warning`` or ``error``.
    """

    text: str
    label: str = ""
    tone: str = ""
    skipped: int = 0
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The name of a table's column; ``numeric`` ones stand to the right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The head of a list of records: ``total`` rows and ``total_columns`` columns there are."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    total_columns: int


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
class Title:
    """What a page of ours is about: its name, and one sentence."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """A list of names with a remark (a type, a default) and what each means; ``label`` stands above."""

    rows: tuple[tuple[str, str, str], ...]
    label: str = ""


Block: TypeAlias = Heading | Facts | Pre | Table | Tree | Note | Title | Terms
