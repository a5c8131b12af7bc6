"""What leads nowhere in a built site, and where nothing leads."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_LINK_OF = {"a": "href", "link": "href", "form": "action"}


class _Page(HTMLParser):
    """What a page leads to, and the places in it that others may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect a link or an anchor."""
        values = dict(attrs)
        self.anchors.add(values.get("id") or "")
        link = values.get(_LINK_OF.get(tag, "src"))
        if link:
            self.links.add(link)


@cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text("utf-8"))
    return page


def dead_links(folder: Path) -> list[str]:
    """Return every link between pages of a folder that leads to no file or to no place in one."""
    return [
        f"{path.relative_to(folder)}: {link}"
        for path in sorted(folder.rglob("*.html"))
        for link in sorted(_read(path).links)
        if not _leads_somewhere(path, link)
    ]


def _leads_somewhere(path: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return False
    return target.suffix != ".html" or unquote(parts.fragment) in _read(target).anchors


def unreached(folder: Path, clicks: int = 3) -> list[str]:
    """Return the pages of a folder that no way of so many clicks leads to from its first page."""
    here = {(folder / "index.html").resolve()}
    reached = set(here)
    for _ in range(clicks):
        here = {page for path in here for page in _leads_to(path)} - reached
        reached |= here
    pages = (path for path in sorted(folder.rglob("*.html")) if path.resolve() not in reached)
    return [path.relative_to(folder).as_posix() for path in pages]


def _leads_to(path: Path) -> Iterator[Path]:
    for link in _read(path).links:
        parts = urlsplit(link)
        target = (path.parent / unquote(parts.path)).resolve()
        if not parts.netloc and target.suffix == ".html" and target.is_file():
            yield target
