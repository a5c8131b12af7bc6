"""HTML of others as a document for a frame in which nothing runs and from which nothing is reached.

Three walls, each enough by itself for scripts: the frame is sandboxed without any permission, a policy
in the document forbids every load, and what could run, load or lead away is taken out.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from cocalc_magic.render.clean import visible
from cocalc_magic.render.embed.markup import Part, Raw, Tag, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 100_000  # characters of HTML

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
# White in every theme: what is shown was made for paper, and a frame does not know its page's theme.
_STYLE = (
    "html{background:#fff;color:#111;color-scheme:only light}"
    "body{margin:8px;font:13px/1.5 sans-serif;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{padding:2px 8px;text-align:right}"
    "thead{border-bottom:1px solid #bbb}img,svg{max-width:100%}pre,code{font:12px/1.4 monospace}"
)
_DROPPED = frozenset((
    "script", "link", "meta", "base", "iframe", "frame", "frameset",
    "object", "embed", "applet", "portal", "fencedframe", "html", "head",
    "body",
))  # fmt: skip
_LEADING = frozenset((
    "href", "xlink:href", "src", "srcset", "srcdoc", "action", "formaction",
    "ping", "target", "background", "data", "poster", "manifest", "http-equiv",
    "archive", "codebase", "cite", "longdesc", "profile", "usemap", "from",
    "to", "values", "attributename",
))  # fmt: skip
_SHOWN = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*\Z")
# What fetches something from a style or an attribute of SVG; and styles of which one can't tell.
_FETCHING = re.compile(r"url\s*\((?!\s*[\"']?#)|image(-set)?\s*\(|src\s*\(", re.IGNORECASE)
_UNCLEAR = frozenset("<\\@")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:-]*\Z")
_LINES = frozenset({"tr", "p", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "div", "pre", "hr"})
_LOWEST, _HIGHEST = 60, 480


def document(html: str) -> str:
    """The whole document, to be put into ``srcdoc``."""
    return (
        '<!DOCTYPE html><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">'
        f"<style>{_STYLE}</style>{''.join(_written(html[:LIMIT]))}"
    )


def height(html: str) -> int:
    """Pixels that the document is likely to want: a frame without permissions can't say it."""
    found = [part.name for part in parts(html[:LIMIT]) if isinstance(part, Tag) and not part.closes]
    pictures = sum(name in ("img", "svg") for name in found)
    lines = sum(name in _LINES for name in found)
    return min(_HIGHEST, max(_LOWEST, 40 + 22 * lines + 240 * pictures))


def words(html: str) -> str:
    """The text of the HTML, a line for each of its lines."""
    lines = (" ".join(line.split()) for line in "".join(map(_said, parts(html[:LIMIT]))).split("\n"))
    return "\n".join(line for line in lines if line)


def _written(html: str) -> Iterator[str]:
    """All parts anew; text in one go, however many pieces it comes in."""
    for is_text, found in groupby(parts(html), lambda part: isinstance(part, str)):
        if is_text:
            yield escape(visible("".join(map(str, found))))
        else:
            yield from (_kept(part) for part in found if not isinstance(part, str))


def _kept(part: Raw | Tag) -> str:
    """A part written anew, without what could run, load or lead away."""
    if isinstance(part, Raw):  # a style stays one as long as it can't end itself
        return part.text if part.inside == "style" and _is_calm(part.text) else ""
    if part.name in _DROPPED or not _NAME.match(part.name):
        return ""
    if part.closes:
        return f"</{part.name}>"
    kept = "".join(
        f' {name}="{escape(visible(value))}"' for name, value in part.attributes if _stays(name, value)
    )
    return f"<{part.name}{kept}>"


def _said(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Raw) or part.closes:
        return ""
    return "  " if part.name in ("td", "th") else "\n" if part.name in _LINES else ""


def _stays(name: str, value: str) -> bool:
    if not _NAME.match(name) or name.startswith("on"):
        return False
    if (name == "style" and not _is_calm(value)) or _FETCHING.search(value):
        return False
    return name not in _LEADING or (name == "src" and bool(_SHOWN.match(value)))


def _is_calm(style: str) -> bool:
    return not set(style) & _UNCLEAR and not _FETCHING.search(style)
