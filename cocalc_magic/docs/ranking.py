"""What says most about words: how rare the words are that a text has, and where it has them."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

_TITLE, _HEADING, _TEXT = 1.0, 0.65, 0.35  # what a word counts there
_PART = 0.5  # and inside a longer word
_MANY = 10  # times that a text has a word: more count no more
_ENOUGH = 0.3  # of what the best has
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ies|(?<!s)s)$|(?<=[a-z]{4})(?:ing|ed)$")
_COMMON = re.compile(
    r"an?|and|any|are|as|at|be|but|by|can|do|does|for|from|ha[ds]|have|how|i|if|in|is|its?|me|my|not?|o[fnr]|out"
    r"|should|so|that|their|them|the|there|this|to|was|what|when|where|which|who|why|will|with|you"
)


class Texts(NamedTuple):
    """What something says, in small letters."""

    title: str
    headings: str
    text: str


def ranked(
    items: Iterable[T], texts: Callable[[T], Texts], words: Iterable[str], favour: Callable[[T], float]
) -> list[T]:
    """Return the items that have the words, the best first.

    Words that none has, such as ids, do not count as long as most are known; nor do those of every sentence.

    Args:
        items: Where to look.
        texts: What an item says.
        words: The words, as people type them.
        favour: By what the score of an item is multiplied.
    """
    pairs = [(item, texts(item)) for item in items]
    wanted = roots(words)
    scores = [0.0] * len(pairs)
    known = 0
    for word in wanted:
        weights = [_weight(word, text) for _, text in pairs]
        having = sum(map(bool, weights))
        known += bool(having)
        rare = math.log(1 + len(pairs) / max(having, 1))
        scores = [score + rare * weight for score, weight in zip(scores, weights, strict=True)]
    if known * 2 <= len(wanted):
        return []
    scores = [score * favour(item) for score, (item, _) in zip(scores, pairs, strict=True)]
    least = _ENOUGH * max(scores)
    best = [(score, item) for score, (item, _) in zip(scores, pairs, strict=True) if score and score >= least]
    return [item for _, item in sorted(best, key=lambda pair: -pair[0])]


def roots(words: Iterable[str]) -> list[str]:
    """Return words as they are looked for: without signs around them, and without the ends of their forms."""
    pieces = [piece.strip(".,;:!?()[]'\"`<>").lower() for word in words for piece in word.split()]
    pieces = [piece for piece in pieces if piece]
    rare = [piece for piece in pieces if not _COMMON.fullmatch(piece)] or pieces
    return [_ENDING.sub("", piece) for piece in dict.fromkeys(rare)]


def _weight(word: str, where: Texts) -> float:
    begins = _beginning(word)
    times = len(begins.findall(where.text)) or (_PART if word in where.text else 0)
    often = _TEXT * (0.5 + min(times, _MANY) / _MANY / 2) if times else 0
    return max(_TITLE * _in(begins, word, where.title), _HEADING * _in(begins, word, where.headings)) + often


def _in(begins: re.Pattern[str], word: str, text: str) -> float:
    return 1 if begins.search(text) else _PART if len(word) > 2 and word in text else 0


@lru_cache(256)
def _beginning(word: str) -> re.Pattern[str]:
    """Return what finds a word at the beginning of one, and a short one as a whole."""
    end = r"(?![a-z0-9])" if len(word) <= 2 else ""
    return re.compile(rf"(?<![a-z0-9]){re.escape(word)}{end}")
