"""What is published of the sandbox's fidelity: scores on recorded exchanges, and what differs on purpose."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("published.json")


@cache
def published() -> dict[str, Any]:
    """Return the published list, as `conformance/page.py` wrote it."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def known_difference(source: str, name: str, event: str = "") -> str:
    """Return why a case is answered otherwise on purpose; empty where it should not be.

    `source` is the file of a recording, or an API of the catalog.
    """
    listed = published()["deviations"].get(source, {})
    return str(listed.get(name) or listed.get(event) or "")


def score_line() -> str:
    """Return how alike the sandbox and the recorded servers are, in one line."""
    parts = [
        f"{score['apis']} {percent(score):.1f} % of {judged(score)}"
        for score in published()["scores"].values()
    ]
    return f"as recorded servers answer: {', '.join(parts)} cases"


def judged(score: Mapping[str, Any]) -> int:
    """Return how many cases of a recording were compared."""
    return int(score["same"] + score["same shape"] + score["different"])


def percent(score: Mapping[str, Any]) -> float:
    """Return how many percent of them were answered the same."""
    return 100 * float(score["same"]) / max(judged(score), 1)
