"""What may be sent to a server that must not be changed.

What only reads may. Of what writes, only what a server has to refuse: without a good key, incomplete, or of a
wrong type. Whether it has to is asked of a sandbox, which is ended afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cocalc_magic.conformance.cases import PERSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.conformance.cases import Case
    from cocalc_magic.conformance.exchange import Side

_OPEN_TO_ALL = ("none", "any, or none")  # keys of messages that need none


def unsafe(cases: Iterable[Case], scout: Side) -> dict[str, str]:
    """Return the names of the cases that are not sent, each with the reason.

    `scout` is a sandbox that may be changed.
    """
    reasons: dict[str, str] = {}
    doubtful: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if not case.writes:
            continue
        if reason := _reason(case):
            reasons[case.name] = reason
        else:
            doubtful[case.event].append(case)
    for same_event in doubtful.values():
        # All of them or none: what is refused may be so because of another that was not.
        if not all(scout.ask(case).failed for case in same_event):
            reasons |= {case.name: "it may write: a sandbox does not refuse it" for case in same_event}
    return reasons


def _reason(case: Case) -> str:
    """Return why a case that writes must not be sent, as the catalog has it; empty where that is open."""
    message = case.message
    if message is None or case.is_example:
        return "it writes (--write)"
    if case.sender == PERSON:
        return "it spends, deletes or reaches people (--write)" if message.confirm else ""
    return "it writes, and needs no key (--write)" if message.key in _OPEN_TO_ALL else ""
