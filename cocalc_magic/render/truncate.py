"""Long texts, of which both ends are shown: what a command did, and how it ended."""

from __future__ import annotations

from itertools import islice

from cocalc_magic.render.blocks import Pre
from cocalc_magic.sanitize.secret_forms import around_secret

HEAD = 14_000
HEAD_LINES = 300
TAIL = 6_000
TAIL_LINES = 100
LEAST = 2_000  # characters; what would leave out fewer of them is shown whole


def text_block(text: str, label: str = "", tone: str = "", language: str = "") -> Pre:
    """The text, or both of its ends where it is long."""
    head = _lines(text[: around_secret(text, HEAD)[0]], HEAD_LINES)
    if len(head) == len(text):
        return Pre(text, label, tone, language=language)
    rest = text[around_secret(text, max(len(head), len(text) - TAIL))[1] :]
    tail = "\n".join(rest.split("\n")[-TAIL_LINES:])
    skipped = len(text) - len(head) - len(tail)
    if skipped < LEAST:
        return Pre(text, label, tone, language=language)
    return Pre(head, label, tone, skipped, tail, language, text)


def _lines(text: str, count: int) -> str:
    return "\n".join(islice(text.split("\n"), count))
