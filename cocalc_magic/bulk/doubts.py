"""Rows whose messages had no answer: kept aside, and looked up on the server together."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from cocalc_magic.bulk.item import SETTLED
from cocalc_magic.bulk.read_back import Doubt
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from cocalc_magic.bulk.attempt import Attempt
    from cocalc_magic.bulk.item import Item
    from cocalc_magic.bulk.journal import Entry, Journal
    from cocalc_magic.bulk.read_back import Finding, Lookup

MAX_DOUBTS = 1_000  # that are looked up at once


class Doubts:
    """The rows whose messages had no answer, of this run and of earlier ones.

    Args:
        lookup: Finds out what became of them.
        journal: What was there before them, and which records others have made.
    """

    def __init__(self, lookup: Lookup, journal: Journal) -> None:
        self._lookup, self._journal = lookup, journal
        self._has_listed = False
        self.items: list[Item] = []

    @property
    def are_many(self) -> bool:
        """Whether they are to be looked up before more is sent."""
        return len(self.items) >= MAX_DOUBTS

    def add(self, item: Item, attempt: Attempt) -> None:
        """Keep a row aside after an attempt without an answer."""
        item.error, item.began, item.settled = attempt.error, time.time(), SETTLED[attempt.result]
        self.items.append(item)

    def add_earlier(self, item: Item, entry: Entry) -> None:
        """Keep a row aside that an earlier run was about to send."""
        item.run, item.began = entry.run, entry.begun
        self.items.append(item)

    def list_before(self) -> None:
        """Enter what is there before this run sends anything; without it nothing can be looked up later."""
        if not self._lookup.how.new or self._has_listed:
            return
        self._has_listed = True
        with suppress(CoCalcError):
            self._journal.keep_listed(self._lookup.listed())

    def seconds_left(self) -> float:
        """Return the seconds that the server may still need for what it is at."""
        now = time.time()
        return max(min(item.settled, item.began + item.settled - now) for item in self.items)

    def resolve(self) -> list[tuple[Item, Finding]]:
        """Return each row with what became of it; none is kept aside any more."""
        items, self.items = self.items, []
        if not self._lookup.how.new:
            findings = self._lookup.find([Doubt(item.message.options, None) for item in items], ())
            return list(zip(items, findings, strict=True))
        items.sort(key=lambda item: (-item.run, item.position))  # what this run has made is this run's
        before = {run: self._journal.listed(run) for run in {item.run for item in items}}
        doubts = [Doubt(item.message.options, before[item.run]) for item in items]
        claimed = self._journal.fields(self._lookup.id_field)
        return list(zip(items, self._lookup.find(doubts, claimed), strict=True))
