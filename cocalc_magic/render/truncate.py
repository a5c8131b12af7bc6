"""Truncate long texts to both ends: what a command did, and how it ended."""

from __future__ import annotations

from itertools import islice

from cocalc_magic.render.blocks import Pre
from cocalc_magic.sanitize.secret_forms import around_secret

MAX_HEAD = 14_000  # characters
MAX_HEAD_LINES = 300
MAX_TAIL = 6_000
MAX_TAIL_LINES = 100
MIN_SKIPPED = 2_000  # a text of which fewer would be left out is shown whole


def text_block(text: str, label: str = "", tone: str = "", language: str = "") -> Pre:
    """Return the text as a block, or both ends of a long text."""
    head = _lines(text[: around_secret(text, MAX_HEAD)[0]], MAX_HEAD_LINES)
    if len(head) == len(text):
        return Pre(text, label, tone, language=language)
    rest = text[around_secret(text, max(len(head), len(text) - MAX_TAIL))[1] :]
    tail = "\n".join(rest.split("\n")[-MAX_TAIL_LINES:])
    skipped = len(text) - len(head) - len(tail)
    if skipped < MIN_SKIPPED:
        return Pre(text, label, tone, language=language)
    return Pre(head, label, tone, skipped, tail, language, text)


def _lines(text: str, count: int) -> str:
    return "\n".join(islice(text.split("\n"), count))
