"""README for a package page, where a relative link leads nowhere: each becomes one below an address.

The address is set in pyproject.toml; while there is none, a link is its words, and pictures are left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

RELATIVE = re.compile(r"\]\((?!https?:|#|mailto:)")
PICTURE = re.compile(r"^!\[.*\]\(.*\)\n\n?", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)" + RELATIVE.pattern + r"[^)]*\)")


class Readme(MetadataHookInterface):
    """The hook that gives the package its long description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Read README and make its links absolute, or text."""
        text = Path(self.root, "README.md").read_text("utf-8")
        if address := self.config["address"]:
            text = RELATIVE.sub(f"]({address.rstrip('/')}/", text)
        else:
            text = LINK.sub(r"\1", PICTURE.sub("", text))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
