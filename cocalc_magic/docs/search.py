"""Pages that say most about words, the best first, each with the section that does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic.docs.pages import doc_pages
from cocalc_magic.docs.ranking import Texts, ranked, roots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocalc_magic.docs.pages import DocPage, Section

_KINDS = {
    "how-to": 1.2,
    "learn": 1.1,
    "understand": 1.1,
    "carry-on": 0.7,
}  # people read these first, and that last


@dataclass(frozen=True, slots=True)
class Hit:
    """A page with its best section; `line` is the first line of that which has one of the words."""

    page: DocPage
    section: Section
    line: str


def page_named(name: str) -> DocPage | None:
    """Return the page of this name or title: `how-to/rows`, `rows`, `A message for each row`."""
    wanted = name.lower().removesuffix(".md")
    for page in doc_pages():
        if wanted in (page.name, page.title.lower()):
            return page
    return next((page for page in doc_pages() if page.name.endswith(f"/{wanted}")), None)


def find(words: Sequence[str]) -> list[Hit]:
    """Return the pages that say most about the words, the best first."""
    pages = ranked(doc_pages(), _of_page, words, lambda page: _KINDS.get(page.name.partition("/")[0], 1))
    return [_hit(page, words) for page in pages]


def is_subject(words: Sequence[str]) -> bool:
    """Return whether a page is about the words: its title, or its other words, have them."""
    return any(all(word in _of_page(page).title for word in roots(words)) for page in doc_pages())


@cache
def _of_page(page: DocPage) -> Texts:
    headings = "\n".join(section.heading for section in page.sections[1:])
    title = f"{page.title} {page.other_words} {page.name.rpartition('/')[2]}"
    return Texts(title.lower(), headings.lower(), page.text.lower())


def _of_section(section: Section) -> Texts:
    return Texts("", section.heading.lower(), section.text.lower())


def _hit(page: DocPage, words: Sequence[str]) -> Hit:
    (section, *_) = ranked(page.sections, _of_section, words, lambda _: 1) or page.sections
    wanted = roots(words)
    lines = [line for line in section.text.splitlines() if line]
    having = [line for line in lines if any(word in line.lower() for word in wanted)]
    return Hit(page, section, (having or lines or [""])[0])


def pages_using(command: str) -> list[DocPage]:
    """Return the pages that use a command, those that use it most first."""
    uses = {
        page.name: page.text.count(f"cocalc {command}") + page.text.count(f"cocalc-magic {command}")
        for page in doc_pages()
    }
    return sorted((page for page in doc_pages() if uses[page.name]), key=lambda page: -uses[page.name])
