"""List everything below a folder, before a copy writes anything."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NamedTuple

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.storage.folders.staging import is_temporary
from cocalc_magic.sandbox.storage.folders.tree import Walker

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from cocalc_magic.sandbox.storage.folders.exclude import Exclude
    from cocalc_magic.sandbox.storage.folders.tree import Directory

MAX_ENTRIES = 100_000  # files and folders of one copy


class Entry(NamedTuple):
    """Something to copy, `depth` levels below the source; `names` are those in a folder that was read."""

    depth: int
    name: str
    facts: os.stat_result
    names: frozenset[str] | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder; a link to one is not."""
        return stat.S_ISDIR(self.facts.st_mode)


def list_files(source: Directory, exclude: Exclude, on_error: Callable[[str, OSError], None]) -> list[Entry]:
    """Return the entries of a folder, itself first, folders before what is in them.

    A folder of another file system is an entry without names. `on_error` is called for unreadable folders.
    """
    entries: list[Entry] = []
    with Walker(source) as walker:
        device = source.identity[0]
        levels = [[Entry(0, "", source.facts())]]  # the remaining entries, from the source down
        while levels:
            if not levels[-1]:
                levels.pop()
                if walker.names:
                    walker.up()
                continue
            entry = levels[-1].pop()
            if entry.is_folder and entry.facts.st_dev == device:
                entry = _read(entry, levels, walker, exclude, on_error)
            entries.append(entry)
            if len(entries) > MAX_ENTRIES + 1:
                raise Thrown(f"copying failed: more than {MAX_ENTRIES:,} files are not copied at once")
    return entries


def _read(
    entry: Entry,
    levels: list[list[Entry]],
    walker: Walker,
    exclude: Exclude,
    on_error: Callable[[str, OSError], None],
) -> Entry:
    """Move into a folder, and add its entries as a level; stay where that fails."""
    try:
        if entry.depth:
            walker.down(entry.name)
        children = _children(entry, walker, exclude)
    except OSError as problem:
        if len(walker.names) >= max(1, entry.depth):
            walker.up()
        on_error("/".join((*walker.names, entry.name)), problem)
        return entry
    levels.append(children)
    return entry._replace(names=frozenset(child.name for child in children))


def _children(entry: Entry, walker: Walker, exclude: Exclude) -> list[Entry]:
    """Return the entries of the current folder, the last name first."""
    return [
        Entry(entry.depth + 1, name, facts)
        for name, is_folder in sorted(walker.here.entries(), reverse=True)
        if not is_temporary(name)
        and not exclude.covers(walker.names, name, is_folder)
        and (facts := walker.here.find(name))
    ]
