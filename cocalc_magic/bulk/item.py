"""A row on its way: what is known of it between its entry in the journal and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_magic.bulk.rows import RowMessage

SETTLED = {"lost": 1.0, "slow": 30.0}
"""Seconds until a message without an answer is taken for not carried out where the server shows nothing."""


@dataclass(slots=True, eq=False)
class Item:
    """One row on its way.

    Args:
        position: Where its outcome belongs.
        message: Its message.
        identity: What the journal knows it by.
        run: The run that has entered it.
        began: When it was entered, or lost, in seconds since 1970.
        attempts: How often it was sent in this run.
        first_sent: When it was sent first, by the monotonic clock.
        sent: When it was sent last.
        settled: Seconds from `began` until it is looked up.
        error: What went wrong last.
        follows: Whether it was sent because another one went well; it is not in the journal then.
    """

    position: int
    message: RowMessage
    identity: bytes
    run: int = 0
    began: float = 0.0
    attempts: int = 0
    first_sent: float = 0.0
    sent: float = 0.0
    settled: float = SETTLED["lost"]
    error: str = ""
    follows: bool = False
