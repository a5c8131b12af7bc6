"""The HTML of a project's pages: a folder, a text, a notebook as text, a picture. No file is markup here."""

from __future__ import annotations

import html
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cocalc_magic.design import page_tokens
from cocalc_magic.sandbox.http.pages import headers_for, html_document, look_style, mark
from cocalc_magic.sandbox.storage.store import iso
from cocalc_magic.sanitize import cut, visible, visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cocalc_magic.look import Look
    from cocalc_magic.sandbox.storage.folders import Listed

MAX_SHOWN = 200_000  # characters of a text
MAX_ENTRIES = 500  # of a folder
MAX_CELLS = 200  # of a notebook
_STYLE = (
    page_tokens()
    + """
* { box-sizing: border-box; }
body { margin: 0; padding: var(--ccm-space-4); background: var(--ccm-surface); color: var(--ccm-text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 var(--ccm-space-3); font-size: 1.2rem; line-height: 1.3; }
nav { margin-bottom: var(--ccm-space-2); }
a { color: var(--ccm-link); }
a:focus-visible { outline: 2px solid var(--ccm-accent); outline-offset: 1px; }
.mark, .soft { margin: 0 0 var(--ccm-space-2); color: var(--ccm-muted); font-size: .85rem; }
.logo { height: 1.5rem; max-width: 8rem; margin-right: var(--ccm-space-2); vertical-align: middle; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: var(--ccm-space-1) var(--ccm-space-2); text-align: left;
  border-bottom: 1px solid var(--ccm-hair); }
td + td { color: var(--ccm-muted); white-space: nowrap; }
pre { margin: 0 0 var(--ccm-space-2); padding: var(--ccm-space-2) var(--ccm-space-3);
  background: var(--ccm-shade);
  border-radius: var(--ccm-radius); font: .9rem/1.5 ui-monospace, monospace; white-space: pre-wrap; }
code { white-space: nowrap; }
pre.code { border-left: 3px solid var(--ccm-accent); }
pre.words { background: none; padding-inline: 0; font-family: inherit; }
img.file { max-width: 100%; background: #fff; }
"""
)


@dataclass(frozen=True)
class Place:
    """A folder or file of a project; `kiosk` pages lead nowhere else."""

    project_id: str
    title: str
    path: str
    kiosk: bool = False

    @property
    def name(self) -> str:
        """The file or folder in words; the project's title for its home folder."""
        return visible_line(self.path.rpartition("/")[2] or self.title or "A project")

    def link(self, path: str, words: str) -> str:
        """Return the HTML that leads to another path of the project, or on a kiosk page the words alone."""
        text = html.escape(visible_line(words))
        address = f"/projects/{self.project_id}/files/{quote(os.fsencode(path))}"
        return text if self.kiosk else f'<a href="{address}">{text}</a>'


def document(
    place: Place, content: str, look: Look | None, ancestors: str
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Return a page and its headers; `ancestors` may show it in a frame."""
    style = _STYLE + look_style(look)
    body = f"<main>\n{mark(look)}\n{_way(place)}<h1>{html.escape(place.name)}</h1>\n{content}\n</main>"
    return html_document(place.name, style, body), headers_for(style, ancestors)


def _way(place: Place) -> str:
    """Return the links to the folders above."""
    if place.kiosk or not place.path:
        return ""
    parts = place.path.split("/")
    links = [place.link("", place.title or "Home")]
    links += [place.link("/".join(parts[:count]) + "/", parts[count - 1]) for count in range(1, len(parts))]
    return f'<nav aria-label="Folders">{" / ".join(links)}</nav>\n'


def listing(place: Place, entries: Sequence[Listed]) -> str:
    """Return the HTML of a folder's entries: folders first, then files."""
    ordered = sorted(entries, key=lambda entry: (entry.count is None, entry.name))
    if not ordered:
        return '<p class="soft">This folder is empty.</p>'
    rows = "".join(_row(place, entry) for entry in ordered[:MAX_ENTRIES])
    left = len(ordered) - MAX_ENTRIES
    more = f'<p class="soft">{left:,} more are not shown.</p>' if left > 0 else ""
    head = '<tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Changed (UTC)</th></tr>'
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>{more}"


def _row(place: Place, entry: Listed) -> str:
    is_folder = entry.count is not None
    path = f"{place.path}/{entry.name}".lstrip("/") + ("/" if is_folder else "")
    size = f"{entry.count} in it" if is_folder else size_words(entry.facts.st_size) if entry.facts else "–"
    changed = iso(entry.facts.st_mtime_ns // 1_000_000)[:16].replace("T", " ") if entry.facts else "–"
    name = entry.name + ("/" if is_folder else "")
    return f"<tr><td>{place.link(path, name)}</td><td>{size}</td><td>{changed}</td></tr>"


def size_words(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1_000:,.0f} kB"


def picture(place: Place, address: str) -> str:
    """Return the HTML of a picture, in which no script runs."""
    return f'<img class="file" src="{address}" alt="{html.escape(place.name)}">'


def text(place: Place, content: bytes, size: int) -> str:
    """Return the HTML of a file as text, a notebook as its cells; a sentence for what is not text."""
    if b"\0" in content[:4_096]:
        return f'<p class="soft">This file is not a text: {size_words(size)}.</p>'
    words = content.decode("utf-8", "replace")
    if place.path.endswith(".ipynb") and (cells := _cells(words)):
        return cells
    left = f'<p class="soft">The beginning of {size_words(size)}.</p>' if len(words) > MAX_SHOWN else ""
    return _pre(words) + left


def _pre(words: str, kind: str = "") -> str:
    sort = f' class="{kind}"' if kind else ""
    return f"<pre{sort}>{html.escape(visible(cut(words, MAX_SHOWN)))}</pre>"


def _cells(words: str) -> str:
    """Return the HTML of a notebook's cells with the text of their outputs; empty for what is not one."""
    try:
        cells = json.loads(words)["cells"]
        return "".join(part for cell in cells[:MAX_CELLS] for part in _cell(cell))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    yield _pre(_joined(cell.get("source")), "code" if cell.get("cell_type") == "code" else "words")
    for output in cell.get("outputs") or ():
        shown = output.get("text") or (output.get("data") or {}).get("text/plain") or output.get("evalue")
        if shown:
            yield _pre(_joined(shown))


def _joined(lines: Any) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines or "")
