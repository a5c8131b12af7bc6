"""Blocks that views are made of, the same for plain text and for HTML.

Texts in blocks are raw, as the server sent them, but cut to what is shown. The two formatters make
them harmless (`cocalc_magic.sanitize`), so a view cannot forget to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Humanized(str):
    """A value in words for people; `exact` is the value itself, shown as a tooltip."""

    __slots__ = ("exact",)
    exact: str

    def __new__(cls, words: str, exact: str) -> Humanized:
        """Return the words with the attribute."""
        text = super().__new__(cls, words)
        text.exact = exact
        return text


class Link(str):
    """Words that lead to a page of the server, an http or https URL; `exact` as in `Humanized`."""

    __slots__ = ("address", "exact")
    address: str
    exact: str

    def __new__(cls, words: str, address: str, exact: str = "") -> Link:
        """Return the words with the attributes."""
        text = super().__new__(cls, words)
        text.address, text.exact = address, exact
        return text


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line of every view: event sent, event received, server, duration, and more remarks.

    A project is what it is in the message (`project`, `src project`) and its title or id.
    """

    event: str
    answer: str = ""
    server: str = ""
    sandbox: bool = False
    failed: bool = False
    remarks: tuple[str, ...] = ()
    projects: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A few names with their values, one per line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pre:
    """Preformatted text.

    Args:
        text: The text, or its beginning.
        label: A name above it.
        tone: Empty, `warning` or `error`.
        skipped: Number of characters left out between `text` and `tail`.
        tail: The end of a long text.
        language: `ansi` for text with terminal colours, or the name of a Pygments lexer.
        whole: All of a text of which something is skipped, for a view that scrolls.
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
    """The name of a table's column; `numeric` ones are aligned to the right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The head of a list of records.

    Args:
        columns: The columns that are shown.
        rows: The cells of the rows that are shown.
        total: Number of all rows.
        total_columns: Number of all columns.
        records: All records, for a table that scrolls.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    total_columns: int
    records: Sequence[Mapping[str, Any]] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """A state in a word; `tone` is `good`, `warning`, `error` or empty."""

    word: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A row of a board: a name, a cell for each step, and its last messages, the latest at the end."""

    name: str
    cells: tuple[Cell, ...]
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """People or other rows by steps, each cell a state in a word.

    Args:
        steps: The names of the columns.
        rows: All rows.
        noun: What a row is.
        moment: When that was so, where it goes on; empty where it does not.
    """

    steps: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    noun: str = "row"
    moment: str = ""

    def counts(self) -> tuple[str, ...]:
        """Return how many cells of each step are good, of those that there are: `12/30`."""
        columns = ([row.cells[place] for row in self.rows] for place in range(len(self.steps)))
        return tuple(
            f"{sum(cell.tone == 'good' for cell in column):,}/{sum(bool(cell.word) for cell in column):,}"
            for column in columns
        )

    def table(self) -> Table:
        """Return the same as words in a table."""
        names = (Column(self.noun), *map(Column, self.steps), Column("last message"))
        rows = tuple(
            (row.name, *(cell.word for cell in row.cells), *(row.messages[-1:] or ("",))) for row in self.rows
        )
        return Table(names, rows, len(rows), len(names))


@dataclass(frozen=True, slots=True)
class Node:
    """One named value of a tree.

    Args:
        name: Its name, or its place in a list.
        text: The value, or the number of its children.
        kind: `text`, `number`, `word` (`true`, `false`, `null`) or `many`.
        children: The values it holds.
        hidden: Number of children that are not shown.
    """

    name: str
    text: str
    kind: str
    children: tuple[Node, ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """Any JSON value, opened level by level; `hidden` values of the first level are not shown."""

    nodes: tuple[Node, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the reader."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph in pieces: every second one, from the second on, is code or a `Link`."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status in one word (`done`, `failed`, `running`), and details in a few more.

    `tone` is `good`, `warning`, `error` or empty.
    """

    word: str
    text: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What has happened, as a sentence in pieces: every second one, from the second on, is a value."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """What a page is about: a name, and one sentence."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """A list of names with a remark (a type, a default) and a meaning each; `label` is above it."""

    rows: tuple[tuple[str, str, str], ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A project or a person: name, URL of its page, a few facts."""

    name: str
    address: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """A few cards side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in base64; `kind` is its MIME type, one of `PICTURES`."""

    kind: str
    base64: str
    meaning: str


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Frame:
    """Untrusted HTML, rendered in a frame in which nothing runs and nothing is loaded.

    `text` says the same without HTML.
    """

    html: str
    text: str


Block: TypeAlias = (
    Heading
    | Verdict
    | Done
    | Facts
    | Pre
    | Table
    | Board
    | Tree
    | Note
    | Prose
    | Title
    | Terms
    | Cards
    | Picture
    | Frame
)
