"""Sections of the pages that have words in them, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.docs.pages import doc_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cocalc_magic.docs.pages import DocPage, Section

_TITLE, _HEADING = 100, 20  # what a word in a title or a heading counts, in words of the text


@dataclass(frozen=True, slots=True)
class Hit:
    """A section with all the words; `line` is the first line of it that has one."""

    page: DocPage
    section: Section
    score: int
    line: str


def page_named(name: str) -> DocPage | None:
    """Return the page of this name or title: `how-to/rows`, `rows`, `A message for each row`."""
    wanted = name.lower().removesuffix(".md")
    for page in doc_pages():
        if wanted in (page.name, page.title.lower()):
            return page
    return next((page for page in doc_pages() if page.name.endswith(f"/{wanted}")), None)


def find(words: Sequence[str]) -> list[Hit]:
    """Return the sections with all of the words, the best first."""
    wanted = [word.lower() for word in words]
    return sorted(_hits(wanted), key=lambda hit: -hit.score)


def _hits(words: Sequence[str]) -> Iterator[Hit]:
    for page in doc_pages():
        title = page.title.lower()
        for section in page.sections:
            heading, text = section.heading.lower(), section.text.lower()
            if all(word in text or word in heading or word in title for word in words):
                score = sum(
                    _TITLE * (word in title) + _HEADING * (word in heading) + text.count(word)
                    for word in words
                )
                yield Hit(page, section, score, _line(section.text, words))


def _line(text: str, words: Sequence[str]) -> str:
    lines = text.splitlines()
    return next((line for line in lines if any(word in line.lower() for word in words)), "")


def pages_using(command: str) -> list[DocPage]:
    """Return the pages that use a command, those that use it most first."""
    uses = {
        page.name: page.text.count(f"cocalc {command}") + page.text.count(f"cocalc-magic {command}")
        for page in doc_pages()
    }
    return sorted((page for page in doc_pages() if uses[page.name]), key=lambda page: -uses[page.name])
