"""`docs`: pages of the documentation of this version, without a network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.docs.blocks import page_blocks, plain
from cocalc_magic.docs.known import failures, message_named, unquoted
from cocalc_magic.docs.pages import doc_pages
from cocalc_magic.docs.ranking import Texts, ranked, roots
from cocalc_magic.docs.search import find, is_subject, page_named
from cocalc_magic.errors import CoCalcError, did_you_mean
from cocalc_magic.render.blocks import Note, Terms, Title
from cocalc_magic.render.help import message_page
from cocalc_magic.render.page import Page
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.catalog import Message
    from cocalc_magic.catalog.types import Failure
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
MAX_TEXT = 1_000  # characters of what is looked for: people paste errors


def docs(_session: Session, argv: list[str]) -> Page:
    """Show a page, or what is found about words; without a word, all pages.

    Raises:
        CoCalcError: Nothing is found.
    """
    name = " ".join(argv)[:MAX_TEXT]
    if not name.strip():
        return _contents()
    if page := page_named(name):
        return Page(tuple(page_blocks(page)))
    if message := message_named(name):
        return Page((*message_page(message).blocks, *_found([message.event], but=message.event)))
    if blocks := _found(name.split()):
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
    return Page((*blocks, Note("docs NAME shows a page, docs WORD finds what is said about it.")))


def _found(words: list[str], but: str = "") -> tuple[Block, ...]:
    """Return the pages, messages and errors with the words, but for one message that is there.

    Errors come first where a server says so, messages where one is meant.
    """
    pages = "Pages: %cocalc docs NAME", tuple(_pages(words))
    messages = "Messages: %cocalc help NAME", tuple(row for row in _messages(words) if row[0] != but)
    exact = list(failures(" ".join(words)))
    errors = "Errors of servers", tuple(_errors(words, exact))
    labelled = [pages, messages, errors]
    if exact:
        labelled = [errors, pages, messages]
    elif _is_about_messages(words):
        labelled = [messages, pages, errors]
    return tuple(Terms(rows, label) for label, rows in labelled if rows)


def _pages(words: list[str]) -> Iterator[tuple[str, str, str]]:
    for hit in find(words)[:MAX_HITS]:
        line = cut(_one_line(hit.line), MAX_LINE)
        yield hit.page.name.partition("/")[2], hit.section.heading, line


def _one_line(text: str) -> str:
    """Return a line of Markdown, a row of a table as a sentence."""
    return plain(text).strip("| ").replace(" | ", ": ")


def _messages(words: list[str]) -> list[tuple[str, str, str]]:
    """Return messages whose names, options or descriptions have the words."""
    messages = ranked(
        catalog.all_messages(),
        lambda message: _of_message(message.event),
        words,
        lambda message: 1 + (message.event in words),
    )
    return [(message.event, "", message.summary) for message in messages][:MAX_HITS]


@cache
def _of_message(event: str) -> Texts:
    message = catalog.find(event)
    options = " ".join(option.name for option in message.options)
    meanings = " ".join(option.meaning for option in message.options)
    about = f"{message.description} {meanings}"
    return Texts(event.lower(), f"{message.summary} {options}".lower(), about.lower())


def _is_about_messages(words: list[str]) -> bool:
    """Return whether words are an option, or have to do with events, and no page is about them."""
    wanted = roots(words)
    return not is_subject(words) and any(
        message.event in words
        or all(word in message.event.lower() for word in wanted)
        or any(option.name == " ".join(words) for option in message.options)
        for message in catalog.all_messages()
    )


def _errors(words: list[str], exact: list[tuple[Message, Failure]]) -> list[tuple[str, str, str]]:
    """Return what servers answer as these words, or with them in it, and when; what says most comes first."""
    whole = unquoted(" ".join(words)).lower()
    matches = [
        *exact,
        *(
            (message, failure)
            for message in catalog.all_messages()
            for failure in message.errors
            if all(word.lower() in failure.error.lower() for word in words)
        ),
    ]
    matches.sort(key=lambda pair: (whole not in unquoted(pair[1].error).lower(), -len(pair[1].error)))
    rows = ((message.event, failure.error, failure.when) for message, failure in matches)
    return list(dict.fromkeys(rows))[:MAX_ERRORS]
