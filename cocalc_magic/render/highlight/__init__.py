"""Text in colours as HTML: those of a terminal, and those of source code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.render.clean import visible
from cocalc_magic.render.element import element
from cocalc_magic.render.highlight import ansi, code

if TYPE_CHECKING:
    from collections.abc import Iterable

# Plain first, then as the theme has it; both are read on light and dark.
_WORDS = {
    "comment": "color: #767676; color: var(--jp-mirror-editor-comment-color, #767676); font-style: italic",
    "string": "color: #268640; color: var(--jp-mirror-editor-string-color, #268640)",
    "number": "color: #128394; color: var(--jp-mirror-editor-number-color, #128394)",
    "keyword": "color: #b14bb5; color: var(--jp-mirror-editor-keyword-color, #b14bb5)",
    "builtin": "color: #4076d8; color: var(--jp-mirror-editor-builtin-color, #4076d8)",
    "name": "color: #4076d8; color: var(--jp-mirror-editor-def-color, #4076d8)",
    "deleted": "color: #d43c3c",
    "heading": "font-weight: 600",
}


def colored(text: str, language: str) -> Iterable[str]:
    """The text in pieces; those that have a colour are elements."""
    if language == "ansi":
        return (_looking(piece, look) for piece, look in ansi.pieces(text))
    if not language:
        return (text,)
    made = code.pieces(visible(text), language)  # as a whole: a key in pieces is no longer known for one
    return (element("span", _WORDS[kind], piece) if kind else piece for piece, kind in made)


def _looking(piece: str, look: ansi.Look) -> str:
    styles = []
    if look.color:
        styles.append(f"color: {ansi.COLORS[look.color]}")
    if look.behind:
        styles.append(f"background: {ansi.COLORS[look.behind]}33")
    styles += ["font-weight: 600"] * look.bold + ["font-style: italic"] * look.italic
    styles += ["text-decoration: underline"] * look.underlined
    return element("span", "; ".join(styles), piece) if styles else piece
