"""`docs`: pages of the documentation of this version, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.docs.blocks import page_blocks, plain
from cocalc_magic.docs.pages import doc_pages
from cocalc_magic.docs.search import find, page_named
from cocalc_magic.errors import CoCalcError, did_you_mean
from cocalc_magic.render.blocks import Note, Terms, Title
from cocalc_magic.render.help import message_page
from cocalc_magic.render.page import Page
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session

KINDS = {
    "learn": "Learn",
    "how-to": "Do",
    "reference": "Look up",
    "understand": "Understand",
    "carry-on": "Carry on",
}
MAX_HITS, MAX_ERRORS, MAX_LINE = 12, 6, 160


def docs(_session: Session, argv: list[str]) -> Page:
    """Show a page, or what is found about words; without a word, all pages.

    Raises:
        CoCalcError: Nothing is found.
    """
    if not argv:
        return _contents()
    name = " ".join(argv)
    if page := page_named(name):
        return Page(tuple(page_blocks(page)))
    if message := catalog.get(name) if len(argv) == 1 else None:
        return Page((*message_page(message).blocks, *_found(argv)))
    if blocks := _found(argv):
        return Page((Title(name, "in the documentation"), *blocks))
    titles = [page.name.rpartition("/")[2] for page in doc_pages()]
    raise CoCalcError(
        f"the documentation has nothing about {name!r}.",
        did_you_mean(name, [*titles, *catalog.names()]),
        "%cocalc docs lists all pages, %cocalc events all messages.",
    )


def _contents() -> Page:
    blocks: list[Block] = [Title("Documentation", "of this version")]
    for folder, kind in KINDS.items():
        rows = (
            (page.name.partition("/")[2], "", page.title)
            for page in doc_pages()
            if page.name.startswith(folder)
        )
        blocks.append(Terms(tuple(rows), kind))
    return Page(
        (*blocks, Note("%cocalc docs NAME shows a page, %cocalc docs WORD finds what is said about it."))
    )


def _found(words: list[str]) -> tuple[Block, ...]:
    """Return the sections, messages and errors with all of the words."""
    hits = find(words)[:MAX_HITS]
    sections = tuple(
        (hit.page.name.partition("/")[2], hit.section.heading, cut(_one_line(hit.line), MAX_LINE))
        for hit in hits
    )
    labelled = {
        "Pages: %cocalc docs NAME": sections,
        "Messages: %cocalc help NAME": tuple(_messages(words)),
        "Errors of servers": tuple(_errors(words)),
    }
    return tuple(Terms(rows, label) for label, rows in labelled.items() if rows)


def _one_line(text: str) -> str:
    """Return a line of Markdown, a row of a table as a sentence."""
    return plain(text).strip("| ").replace(" | ", ": ")


def _messages(words: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return messages whose name or options have the words."""
    return [
        (message.event, "", message.summary)
        for message in catalog.all_messages()
        if _has([message.event, message.summary, *(option.name for option in message.options)], words)
    ][:MAX_HITS]


def _errors(words: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return what servers answer with the words in it, and when."""
    return [
        (message.event, failure.error, failure.when)
        for message in catalog.all_messages()
        for failure in message.errors
        if _has([failure.error], words)
    ][:MAX_ERRORS]


def _has(texts: Iterable[str], words: Iterable[str]) -> bool:
    whole = "\n".join(texts).lower()
    return all(word.lower() in whole for word in words)
