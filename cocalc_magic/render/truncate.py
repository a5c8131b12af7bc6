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
    """Return the text as a block, or both ends of a long text; of what a terminal shows, as it shows it."""
    if language == "ansi" and "\r" in text:
        text = overwritten(text)
    head = _lines(text[: around_secret(text, MAX_HEAD)[0]], MAX_HEAD_LINES)
    if len(head) == len(text):
        return Pre(text, label, tone, language=language)
    rest = text[around_secret(text, max(len(head), len(text) - MAX_TAIL))[1] :]
    tail = "\n".join(rest.split("\n")[-MAX_TAIL_LINES:])
    skipped = len(text) - len(head) - len(tail)
    if skipped < MIN_SKIPPED:
        return Pre(text, label, tone, language=language)
    return Pre(head, label, tone, skipped, tail, language, text)


def overwritten(text: str) -> str:
    """Return the text as a terminal shows it: what follows a carriage return is written over its line."""
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return "\n".join(_written_over(line) if "\r" in line else line for line in lines)


def _written_over(line: str) -> str:
    parts = [part for part in line.split("\r") if part]
    seen = parts.pop() if parts else ""
    if "\x1b" in line or "\x9b" in line:  # which colour or erase: what was written last is what is seen
        return seen
    pieces, length = [seen], len(seen)
    for part in reversed(parts):
        if len(part) > length:
            pieces.append(part[length:])
            length = len(part)
    return "".join(pieces)


def _lines(text: str, count: int) -> str:
    return "\n".join(islice(text.split("\n"), count))
