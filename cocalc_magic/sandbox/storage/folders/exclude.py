"""Exclude patterns of copies, as rsync's `--exclude` but without `**`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Exclude:
    """Patterns of names (`*.log`), of ends of paths (`build/*.o`) or of whole paths (`/data`).

    A pattern that ends with a slash matches folders alone.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [
            (pattern.endswith("/"), pattern.startswith("/"), pattern.strip("/").split("/"))
            for pattern in patterns
        ]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def covers(self, above: Sequence[str], name: str, is_folder: bool) -> bool:
        """Tell whether a name is excluded; `above` are the folders that it is in, from the top."""
        return any(
            (is_folder or not of_folders) and _matches(parts, from_top, above, name)
            for of_folders, from_top, parts in self._patterns
        )


def _matches(parts: list[str], from_top: bool, above: Sequence[str], name: str) -> bool:
    inner = len(parts) - 1
    if len(above) < inner or (from_top and len(above) != inner):
        return False
    names = (*above[len(above) - inner :], name)
    return all(fnmatchcase(name, part) for name, part in zip(names, parts, strict=True))
