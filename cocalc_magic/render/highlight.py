"""Highlight text: the colours that a terminal's escape sequences ask for, and source code by Pygments.

Colours of a terminal are eight that are readable on white and on black; others become the nearest of these.
Nothing hides or moves text: concealed text is shown, and backgrounds are a tint.
"""

from __future__ import annotations

import colorsys
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.sanitize import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A plain value first, then the theme's; both are readable on light and dark.
_STYLES = {
    "comment": "color: #767676; color: var(--jp-mirror-editor-comment-color, #767676); font-style: italic",
    "string": "color: #268640; color: var(--jp-mirror-editor-string-color, #268640)",
    "number": "color: #128394; color: var(--jp-mirror-editor-number-color, #128394)",
    "keyword": "color: #b14bb5; color: var(--jp-mirror-editor-keyword-color, #b14bb5)",
    "builtin": "color: #4076d8; color: var(--jp-mirror-editor-builtin-color, #4076d8)",
    "name": "color: #4076d8; color: var(--jp-mirror-editor-def-color, #4076d8)",
    "deleted": "color: #d43c3c",
    "heading": "font-weight: 600",
}


def styled_pieces(text: str, language: str) -> Iterable[tuple[str, str]]:
    """Return the text in pieces, with the CSS of each; empty for plain pieces."""
    if language == "ansi":
        return ((piece, _css(look)) for piece, look in ansi_pieces(text))
    if not language:
        return ((text, ""),)
    # Made harmless as a whole: in pieces a key would not be recognised.
    return ((piece, _STYLES.get(kind, "")) for piece, kind in code_pieces(visible(text), language))


def _css(look: Look) -> str:
    styles = []
    if look.color:
        styles.append(f"color: {COLORS[look.color]}")
    if look.behind:
        styles.append(f"background: {COLORS[look.behind]}33")
    styles += ["font-weight: 600"] * look.bold + ["font-style: italic"] * look.italic
    styles += ["text-decoration: underline"] * look.underlined
    return "; ".join(styles)


# -- terminal colours ------------------------------------------------------------------------------

MAX_ANSI_PIECES = 1_000  # changes of colour in one text; the rest is plain

# Each has a contrast of at least 4 on white and on #111.
COLORS = {
    "black": "#767676",
    "red": "#d43c3c",
    "green": "#268640",
    "yellow": "#97710d",
    "blue": "#4076d8",
    "magenta": "#b14bb5",
    "cyan": "#128394",
    "white": "#767676",
}
_COLOR_NAMES = tuple(COLORS)
_SELECT = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]*)m")


@dataclass(frozen=True)
class Look:
    """How a piece of text looks; `color` and `behind` are names of `COLORS`, or empty."""

    color: str = ""
    behind: str = ""
    bold: bool = False
    italic: bool = False
    underlined: bool = False


PLAIN = Look()


def ansi_pieces(text: str, look: Look = PLAIN) -> list[tuple[str, Look]]:
    """Return the text in pieces of one look each; pieces are raw, without the sequences that colour them.

    `look` is what it begins with. The result is one plain piece if colours would change what is read, as in a
    key with a colour inside.
    """
    text = text.replace("\r\n", "\n")
    pieces = [(piece, look) for piece, look in _split(text, look) if piece]
    if "".join(visible(piece) for piece, _ in pieces) != visible(text):
        return [(text, PLAIN)]
    return pieces


def terminal_colors(text: str) -> str:
    """Return harmless text in the colours that its sequences ask for, written anew for a terminal."""
    return "".join(_sequence(look, visible(piece)) for piece, look in ansi_pieces(text))


def _sequence(look: Look, piece: str) -> str:
    codes = [str(30 + _COLOR_NAMES.index(look.color))] if look.color else []
    codes += [str(40 + _COLOR_NAMES.index(look.behind))] if look.behind else []
    codes += ["1"] * look.bold + ["3"] * look.italic + ["4"] * look.underlined
    return f"\x1b[{';'.join(codes)}m{piece}\x1b[0m" if codes else piece


def without_colors(text: str) -> str:
    """Return the text without the sequences that colour it, which does not change its lines."""
    return _SELECT.sub("", text)


def look_after(text: str, look: Look = PLAIN) -> Look:
    """Return the look at the end of a text that begins with `look`."""
    for match in _SELECT.finditer(text):
        look = _changed(look, match[1])
    return look


def _split(text: str, look: Look) -> Iterator[tuple[str, Look]]:
    place = 0
    for number, match in enumerate(_SELECT.finditer(text)):
        yield text[place : match.start()], look
        place = match.end()
        if number >= MAX_ANSI_PIECES:
            look = PLAIN
            break
        look = _changed(look, match[1])
    yield text[place:], look


def _changed(look: Look, numbers: str) -> Look:
    codes = iter([int(number or 0) for number in re.split("[;:]", numbers)[:16] if len(number) <= 3])
    for code in codes:
        look = _apply(look, code, codes)
    return look


def _apply(look: Look, code: int, more: Iterable[int]) -> Look:
    if code == 0:
        return PLAIN
    if code in _ANSI_STYLES:
        return replace(look, **_ANSI_STYLES[code])
    base, name = code // 10 * 10, code % 10
    if base in (30, 90):
        return replace(look, color=_color(name, more))
    if base in (40, 100):
        return replace(look, behind=_color(name, more))
    return look


_ANSI_STYLES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    3: {"italic": True},
    4: {"underlined": True},
    22: {"bold": False},
    23: {"italic": False},
    24: {"underlined": False},
}


def _color(name: int, more: Iterable[int]) -> str:
    """Return the colour for the last digit of a code; 8 takes it from the following numbers, 9 is none."""
    if name < 8:
        return _COLOR_NAMES[name]
    following = iter(more)
    if name != 8:
        return ""
    match next(following, None):
        case 5:
            return _of_256(next(following, 0))
        case 2:
            return _nearest(*(min(next(following, 0), 255) for _ in range(3)))
    return ""


def _of_256(number: int) -> str:
    if number < 16:
        return _COLOR_NAMES[number % 8]
    if number >= 232:
        return "white"
    cube = number - 16
    return _nearest(cube // 36 * 51, cube // 6 % 6 * 51, cube % 6 * 51)


def _nearest(red: int, green: int, blue: int) -> str:
    hue, saturation, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if saturation < 0.25:
        return "white"
    return ("red", "yellow", "green", "cyan", "blue", "magenta")[round(hue * 6) % 6]


# -- source code -----------------------------------------------------------------------------------

MAX_CODE_PIECES = 2_000  # words of one text; the rest is plain
MAX_SECONDS = 0.15  # spent on one text

# Lexers of Pygments by the ending of a file's name, or by the name.
_LANGUAGES = {
    "py": "python", "pyx": "cython", "sage": "python", "r": "r", "jl": "julia", "sh": "bash",
    "bash": "bash", "js": "javascript", "mjs": "javascript", "ts": "typescript", "jsx": "jsx", "tsx": "tsx",
    "json": "json", "ipynb": "json", "yaml": "yaml", "yml": "yaml", "toml": "toml", "ini": "ini",
    "cfg": "ini", "md": "markdown", "rmd": "markdown", "tex": "latex", "sty": "latex", "bib": "bibtex",
    "html": "html", "htm": "html", "css": "css", "svg": "xml", "xml": "xml", "c": "c", "h": "c",
    "cpp": "cpp", "cc": "cpp", "hpp": "cpp", "java": "java", "go": "go", "rs": "rust", "rb": "ruby",
    "pl": "perl", "sql": "sql", "hs": "haskell", "m": "octave", "f90": "fortran", "diff": "diff",
    "patch": "diff", "rst": "rst", "lua": "lua", "scala": "scala", "kt": "kotlin", "php": "php",
    "makefile": "make", "dockerfile": "docker",
}  # fmt: skip
# Kinds of words by the beginnings of Pygments' token types.
_TOKEN_KINDS = (
    ("Token.Comment", "comment"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Keyword", "keyword"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Name.Builtin", "builtin"),
    ("Token.Name.Function", "name"),
    ("Token.Name.Class", "name"),
    ("Token.Name.Attribute", "name"),
    ("Token.Generic.Heading", "heading"),
    ("Token.Generic.Subheading", "heading"),
    ("Token.Generic.Deleted", "deleted"),
    ("Token.Generic.Inserted", "string"),
)


def language_of(path: str) -> str:
    """Return the language of a file by its name; empty if it is unknown."""
    name = path.rsplit("/", 1)[-1].lower()
    return _LANGUAGES.get(name.rsplit(".", 1)[-1], "")


def code_pieces(text: str, language: str) -> list[tuple[str, str]]:
    """Return the text in pieces with the kind of each: `keyword`, `string`, … or empty."""
    pieces: list[tuple[str, str]] = []
    done = 0
    for piece, kind in _words(text, language):
        done += len(piece)
        if pieces and pieces[-1][1] == kind:
            pieces[-1] = (pieces[-1][0] + piece, kind)
        else:
            pieces.append((piece, kind))
        if len(pieces) > MAX_CODE_PIECES:
            break
    return pieces if done == len(text) else [*pieces, (text[done:], "")]


def _words(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield words with their kinds, until the time is over."""
    from pygments.lexers import get_lexer_by_name  # late: few responses hold code
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:  # of another version of Pygments
        return
    until = time.monotonic() + MAX_SECONDS
    for _, token, word in lexer.get_tokens_unprocessed(text):
        yield word, _kind(str(token))
        if time.monotonic() > until:
            return


def _kind(token: str) -> str:
    return next((kind for start, kind in _TOKEN_KINDS if token.startswith(start)), "")
