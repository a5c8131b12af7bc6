"""Embed untrusted HTML and pictures: a frame in which nothing runs and that loads nothing; data URLs.

Three walls, each enough by itself against scripts: the frame is sandboxed without any permission, a policy
in its document forbids every load, and what could run, load or navigate is removed. Python's own HTML parser
never ends on some input and takes minutes for other, so the parser here takes time linear in the length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from cocalc_magic.render.blocks import PICTURES
from cocalc_magic.sanitize import cut, visible, visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.render.blocks import Frame, Picture

MAX_TEXT = 4_000  # characters of a frame's text
_PICTURE = "display: block; max-width: 100%; background: white; margin: 2px 0"
_FRAME = (
    "display: block; box-sizing: border-box; width: 100%; border: 1px solid rgba(128, 128, 128, 0.35);"
    " background: white; resize: vertical; margin: 2px 0; height: "
)
MAX_HTML = 100_000  # characters of HTML

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
# White in every theme: plots are made for paper, and a frame does not know its page's theme.
_STYLE = (
    "html{background:#fff;color:#111;color-scheme:only light}"
    "body{margin:8px;font:13px/1.5 sans-serif;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{padding:2px 8px;text-align:right}"
    "thead{border-bottom:1px solid #bbb}img,svg{max-width:100%}pre,code{font:12px/1.4 monospace}"
)
_DROPPED_TAGS = frozenset((
    "script", "link", "meta", "base", "iframe", "frame", "frameset",
    "object", "embed", "applet", "portal", "fencedframe", "html", "head",
    "body",
))  # fmt: skip
_URL_ATTRIBUTES = frozenset((
    "href", "xlink:href", "src", "srcset", "srcdoc", "action", "formaction",
    "ping", "target", "background", "data", "poster", "manifest", "http-equiv",
    "archive", "codebase", "cite", "longdesc", "profile", "usemap", "from",
    "to", "values", "attributename",
))  # fmt: skip
_DATA_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*\Z")
# What loads something from a style or an attribute of SVG; and styles that may hide it.
_FETCHING = re.compile(r"url\s*\((?!\s*[\"']?#)|image(-set)?\s*\(|src\s*\(", re.IGNORECASE)
_SUSPICIOUS = frozenset("<\\@")
_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:-]*\Z")
_LINE_TAGS = frozenset({"tr", "p", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "div", "pre", "hr"})
_MIN_HEIGHT, _MAX_HEIGHT = 60, 480


def picture_html(picture: Picture) -> str:
    """Return the picture as an `img` that is part of the page."""
    if picture.kind not in PICTURES:
        raise ValueError(f"{picture.kind} is not a kind of picture")
    meaning = escape(visible_line(picture.meaning))
    return f'<img src="data:{picture.kind};base64,{picture.base64}" alt="{meaning}" style="{_PICTURE}">'


def frame_html(block: Frame) -> str:
    """Return the HTML in a frame without any permission.

    A page that drops frames (JupyterLab, if it does not trust the notebook) keeps the text in them, which
    other browsers do not show.
    """
    document = escape(frame_document(block.html))
    style = f"{_FRAME}{frame_height(block.html)}px"
    text = escape(visible(cut(block.text, MAX_TEXT)))
    return (
        f'<div style="white-space: pre-wrap"><iframe sandbox="" srcdoc="{document}" title="Rendered"'
        f' loading="lazy" referrerpolicy="no-referrer" style="{style}">{text}</iframe></div>'
    )


# -- documents for a frame -------------------------------------------------------------------------


def frame_document(html: str) -> str:
    """Return the whole document, for `srcdoc`."""
    return (
        '<!DOCTYPE html><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">'
        f"<style>{_STYLE}</style>{''.join(_written(html[:MAX_HTML]))}"
    )


def frame_height(html: str) -> int:
    """Return the likely height in pixels, which a frame without permissions cannot report."""
    names = [part.name for part in parse(html[:MAX_HTML]) if isinstance(part, Tag) and not part.closes]
    pictures = sum(name in ("img", "svg") for name in names)
    lines = sum(name in _LINE_TAGS for name in names)
    return min(_MAX_HEIGHT, max(_MIN_HEIGHT, 40 + 22 * lines + 240 * pictures))


def html_text(html: str) -> str:
    """Return the text of the HTML, line by line."""
    lines = (" ".join(line.split()) for line in "".join(map(_text_of, parse(html[:MAX_HTML]))).split("\n"))
    return "\n".join(line for line in lines if line)


def _written(html: str) -> Iterator[str]:
    """Yield all parts, written anew; adjacent texts are sanitized as one."""
    for is_text, group in groupby(parse(html), lambda part: isinstance(part, str)):
        if is_text:
            yield escape(visible("".join(map(str, group))))
        else:
            yield from (_safe(part) for part in group if not isinstance(part, str))


def _safe(part: RawText | Tag) -> str:
    """Return a part written anew, without what could run, load or navigate."""
    if isinstance(part, RawText):  # a style cannot end itself without a <
        return part.text if part.inside == "style" and _is_harmless(part.text) else ""
    if part.name in _DROPPED_TAGS or not _TAG_NAME.match(part.name):
        return ""
    if part.closes:
        return f"</{part.name}>"
    attributes = "".join(
        f' {name}="{escape(visible(value))}"' for name, value in part.attributes if _is_allowed(name, value)
    )
    return f"<{part.name}{attributes}>"


def _text_of(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, RawText) or part.closes:
        return ""
    return "  " if part.name in ("td", "th") else "\n" if part.name in _LINE_TAGS else ""


def _is_allowed(name: str, value: str) -> bool:
    if not _TAG_NAME.match(name) or name.startswith("on"):
        return False
    if (name == "style" and not _is_harmless(value)) or _FETCHING.search(value):
        return False
    return name not in _URL_ATTRIBUTES or (name == "src" and bool(_DATA_IMAGE.match(value)))


def _is_harmless(style: str) -> bool:
    return not set(style) & _SUSPICIOUS and not _FETCHING.search(style)


# -- parsing ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag by its lower-case name; a closing one has no attributes."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    closes: bool = False


@dataclass(frozen=True, slots=True)
class RawText:
    """The content of a script or a style."""

    inside: str
    text: str


Part: TypeAlias = Tag | RawText | str

_START = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
# An attribute, or one other character. A quote that does not close is met once.
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?|[\s/]*[^>]""")
_RAW = {"script": re.compile("</script", re.IGNORECASE), "style": re.compile("</style", re.IGNORECASE)}


def parse(html: str) -> Iterator[Part]:
    """Yield tags and texts in order, texts with their entities resolved; leave out what does not end."""
    place = 0
    while (start := html.find("<", place)) >= 0:
        if start > place:
            yield unescape(html[place:start])
        match = _START.match(html, start)
        if match is None:
            place = _after_other(html, start)
            if place == start + 1:
                yield "<"
        else:
            place, attributes = _attributes(html, match.end())
            if place < 0:
                return
            name = match[2].lower()
            yield Tag(name, () if match[1] else attributes, bool(match[1]))
            if name in _RAW and not match[1]:
                end = _RAW[name].search(html, place)
                yield RawText(name, html[place : end.start() if end else len(html)])
                place = end.start() if end else -1
        if place < 0:
            return
    yield unescape(html[place:])


def _after_other(html: str, start: int) -> int:
    """Return the place behind a comment or a declaration; of the next character if it is neither."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 2)
        return end if end < 0 else end + 3
    if html.startswith(("<!", "<?", "</"), start):
        end = html.find(">", start)
        return end if end < 0 else end + 1
    return start + 1


def _attributes(html: str, place: int) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Return the place behind the tag's end, or -1 if it does not end, and its attributes."""
    attributes: list[tuple[str, str]] = []
    while (match := _ATTRIBUTE.match(html, place)) is not None:
        place = match.end()
        if match[1]:
            value = match[2] or ""
            if value[:1] in ('"', "'") and value[-1:] == value[:1] and len(value) > 1:
                value = value[1:-1]
            attributes.append((match[1].lower(), unescape(value)))
    end = html.find(">", place)
    return (end + 1 if end >= 0 else -1), tuple(attributes)
