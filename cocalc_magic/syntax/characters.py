"""Characters that are not what they look like: odd blanks, invisible characters, typographic quotes.

They come with text copied from a web page, a chat or a word processor. Outside of quotes, odd blanks separate
items as blanks do, invisible characters are refused by name, and typographic quotes around a value are
reported.
"""

from __future__ import annotations

import re
import unicodedata

from cocalc_magic.errors import InvalidSyntax, SourceSpan

ODD_BLANK = re.compile(r"[^\S \t\n\r\f\v]")  # U+00A0, U+2009, U+202F, U+3000, …: all of Unicode's white space
# Controls; soft hyphen, joiners and selectors; directions; letters that are blank; language tags.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
QUOTES = {
    **dict.fromkeys("“”„‟″＂", '"'),
    **dict.fromkeys("‘’‚‛′＇", "'"),
}
"""Typographic quotes, with the plain quote for each."""


def described(character: str) -> str:
    """Return the Unicode name and number of a character."""
    return f"{unicodedata.name(character, 'control character')} (U+{ord(character):04X})"


def invisible(character: str, span: SourceSpan | None) -> InvalidSyntax:
    """Return the error for an invisible character."""
    return InvalidSyntax(
        f"there is an invisible character: {described(character)}.",
        "Delete it; where it belongs to a text, put that text in quotes.",
        span=span,
    )


def no_blank(character: str, span: SourceSpan | None) -> InvalidSyntax:
    """Return the error for an odd blank where a plain blank is needed."""
    return InvalidSyntax(
        f"{described(character)} looks like a blank and is not one here.",
        "Type a blank in its place.",
        span=span,
    )


def curly(text: str, span: SourceSpan | None) -> InvalidSyntax:
    """Return the error for a text that begins with a typographic quote."""
    straight = QUOTES[text[0]]
    inner = text.strip("".join(QUOTES))[:40]
    other = '"' if "'" in text else "'"
    return InvalidSyntax(
        f"{text[0]} is a typographic quote, which quotes nothing.",
        f"Write {straight}{inner}{straight}; to send the quotes too: {other}{text[:40]}{other}",
        span=span,
    )
