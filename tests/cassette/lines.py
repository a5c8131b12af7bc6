"""The lines of a recording, for tests to look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the messages of a recording, without its first line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
