"""Source code in colours, by Pygments, which IPython brings along."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECES = 2_000  # coloured words of one text; the rest of it has no colour
SECONDS = 0.15  # what colours may cost

# Names of files that are not told by their last part alone, or that Pygments calls otherwise.
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
# Kinds of words by the beginnings of Pygments' names for them.
_KINDS = (
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
    """The language of a file by its name; empty where none is known."""
    name = path.rsplit("/", 1)[-1].lower()
    return _LANGUAGES.get(name.rsplit(".", 1)[-1], "")


def pieces(text: str, language: str) -> list[tuple[str, str]]:
    """The text in pieces with the kind of each: ``keyword``, ``string``, … or empty; never other text."""
    made: list[tuple[str, str]] = []
    done = 0
    for piece, kind in _words(text, language):
        done += len(piece)
        if made and made[-1][1] == kind:
            made[-1] = (made[-1][0] + piece, kind)
        else:
            made.append((piece, kind))
        if len(made) > PIECES:
            break
    return made if done == len(text) else [*made, (text[done:], "")]


def _words(text: str, language: str) -> Iterator[tuple[str, str]]:
    """The words as they come, until their time is over."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:  # of another version of Pygments
        return
    until = time.monotonic() + SECONDS
    for _, token, word in lexer.get_tokens_unprocessed(text):
        yield word, _kind(str(token))
        if time.monotonic() > until:
            return


def _kind(token: str) -> str:
    return next((kind for start, kind in _KINDS if token.startswith(start)), "")
