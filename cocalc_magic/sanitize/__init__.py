"""Make texts from a server harmless: nothing hidden, nothing that steers a terminal, no key.

All values of a response are hostile until they have passed through here, those in error texts too.

From the bottom up: secret_forms, __init__, file_names, csv_cells.
"""

from __future__ import annotations

import re
from typing import Any

from cocalc_magic.sanitize.secret_forms import MARKS, around_secret, find_secrets, map_texts, mask_secrets

# Every branch ends at the next escape at the latest, so that a text full of unfinished sequences
# takes linear time. One that never ends loses its introducer only: nothing readable is swallowed.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\x1b\x90-\x9f]*(?:\x07|\x1b\\|\x9c))?"  # OSC, DCS, …
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONE_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Characters that are not seen but turn, split or hide what is: bidirectional controls, zero-width
# and tag characters, and the two separators that some programs take for the end of a line.
_UNSEEN = re.compile(
    r"[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u115f\u1160\u3164\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Signs that stand above and below the one before them; a heap of them covers other lines.
_STACKED = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    r"[\u0300-\u036f\u0483-\u0489\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def visible(text: str) -> str:
    """Return the text with visible characters, newlines and tabs alone.

    Terminal sequences and other controls are removed, characters that hide or reverse text are replaced by
    their number, API keys are shortened to `sk-…xy` and tokens masked: outputs are saved.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNSEEN.sub(_number, _LONE_SURROGATES.sub("\ufffd", _bare(text)))
    text = _STACKED.sub(r"\1…", text)
    small = text.lower()
    return mask_secrets(text) if any(mark in small for mark in MARKS) else text


def visible_line(text: str) -> str:
    """Return the same on one line: newlines become `⏎`, tabs blanks."""
    return visible(text).replace("\n", "⏎").replace("\t", " ")


def rejoined(value: Any) -> Any:
    """Return a JSON value without colours that split a secret, as those of `grep` do.

    Written with escaped controls, as in JSON, such a secret would not be recognised.
    """
    return map_texts(value, _rejoined)


def _rejoined(text: str) -> str:
    if not _CONTROLS.search(text):
        return text
    bare = _bare(text)
    return bare if len(find_secrets(bare)) > len(find_secrets(text)) else text


def _bare(text: str) -> str:
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def cut(text: str, limit: int) -> str:
    """Return the text, cut to `limit` characters with an ellipsis, and never within a secret."""
    return text if len(text) <= limit else text[: around_secret(text, limit - 1)[0]] + "…"


def short_line(text: str, limit: int) -> str:
    """Return the text as `visible_line` does, cut to `limit` characters; a long one takes no longer."""
    return cut(visible_line(cut(text, 4 * limit)), limit)


def _number(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"
