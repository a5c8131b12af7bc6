"""The list of messages by subject, with a search over it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic.widgets.assets import script, sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cocalc_magic.render.event_index import Entry


class EventList(anywidget.AnyWidget):
    """A search and a list with headings; `value` is the chosen event, or empty."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("eventlist")).tag(sync=True)
    _css = Unicode(sheet("explorer")).tag(sync=True)

    words = Unicode(help="What is searched for.").tag(sync=True)
    listed = Unicode(help="The words that the list is of.").tag(sync=True)
    groups = List(trait=Dict()).tag(sync=True)
    value = Unicode().tag(sync=True)
    remark = Unicode(help="A sentence below the list.").tag(sync=True)

    def offer(self, entries_by_label: Mapping[str, Sequence[Entry]], chosen: str, remark: str = "") -> None:
        """Show these by their headings, with `chosen` selected if it is among them."""
        known = {entry.event for entries in entries_by_label.values() for entry in entries}
        groups = [
            {"label": label, "entries": [asdict(entry) for entry in entries]}
            for label, entries in entries_by_label.items()
        ]
        with self.hold_sync():
            self.groups, self.value, self.remark = groups, chosen if chosen in known else "", remark
            self.listed = self.words

    @property
    def events(self) -> list[str]:
        """The events in the list, from the top."""
        return [entry["event"] for group in self.groups for entry in group["entries"]]
