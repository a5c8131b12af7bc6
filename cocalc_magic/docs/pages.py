"""The pages of the documentation, which come with the package."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PACKED = HERE / "pages"
ROOT = HERE.parents[1]  # of a copy of the repository
ELSEWHERE = {
    "learn/lessons": "notebooks/README.md",
    "understand/conformance": "conformance/README.md",
    "understand/security": "SECURITY.md",
}
"""Pages that stand beside what they are about -> their files in a copy of the repository."""

_LINK = re.compile(r"\]\(([^)#\s]+\.md)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
_OTHER_WORDS = re.compile(r"^<!-- also: (.*) -->$", re.MULTILINE)
_NOT_SHOWN = re.compile(r"^```\{toctree\}.*?^```\n?|^<!--.*?-->\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the Markdown below it, as far as the next heading."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class DocPage:
    """A page by its name (`how-to/rows`), with its Markdown."""

    name: str
    text: str
    other_words: str = ""
    """Words for what it is about that it does not have, from its comment `<!-- also: … -->`."""

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.sections[0].heading

    @property
    def sections(self) -> tuple[Section, ...]:
        """The page by its headings; lines of code that look like one do not count."""
        return _sections(self.text)

    @property
    def leads_to(self) -> tuple[DocPage, ...]:
        """The pages that it has links to."""
        folder = posixpath.dirname(ELSEWHERE.get(self.name, f"docs/{self.name}"))
        files = {posixpath.normpath(posixpath.join(folder, link)) for link in _LINK.findall(self.text)}
        return tuple(
            page for page in doc_pages() if ELSEWHERE.get(page.name, f"docs/{page.name}.md") in files
        )


@cache
def _sections(text: str) -> tuple[Section, ...]:
    """Return a page by its headings; one search asks for those of all pages, several times."""
    code = [match.span() for match in _FENCE.finditer(text)]
    headings = [
        match
        for match in _HEADING.finditer(text)
        if not any(start < match.start() < end for start, end in code)
    ]
    ends = [match.start() for match in headings[1:]] + [len(text)]
    return tuple(
        Section(match[1], text[match.end() : end].strip()) for match, end in zip(headings, ends, strict=True)
    )


@cache
def doc_pages() -> tuple[DocPage, ...]:
    """Return all pages, those of one kind together."""
    folder = PACKED if PACKED.is_dir() else ROOT / "docs"
    files = {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in folder.glob("*/*.md")
        if path.stem != "index"  # which only leads to others
    }
    if folder != PACKED:
        files |= {name: ROOT / file for name, file in ELSEWHERE.items()}
    return tuple(_page(name, files[name].read_text("utf-8")) for name in sorted(files))


def _page(name: str, source: str) -> DocPage:
    words = _OTHER_WORDS.search(source)
    return DocPage(name, _NOT_SHOWN.sub("", source), words[1] if words else "")
