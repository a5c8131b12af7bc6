"""How a server has drifted from a recording: what only reads is asked again, and compared field by field.

What may rightly differ (ids that are made up, times, keys) is put aside as in `compare`; of addresses and
names of people, which a recording does not have, only that there is one is compared.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.cassette import entry
from cocalc_magic.cassette.stand_ins import STAND_IN, StandIns, kind_of, stand_ins_in
from cocalc_magic.cassette.tape import Outgoing
from cocalc_magic.conformance.compare import normal_pair
from cocalc_magic.errors import CoCalcError, ServerUnreachable, TimeLimitReached
from cocalc_magic.response import Request
from cocalc_magic.sanitize import cut, visible_line
from cocalc_magic.sanitize.secret_forms import map_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cocalc_magic.cassette.file import Cassette, Line
    from cocalc_magic.catalog import Message
    from cocalc_magic.client.client import Client

MAX_CHANGES = 20  # of one message
MAX_VALUE = 80  # characters of a value
NOTHING = "—"
COLUMNS = ("line", "event", "field", "recorded", "now")


@dataclass(frozen=True)
class Change:
    """One field that is not what it was."""

    line: int
    event: str
    field: str
    recorded: str
    now: str


@dataclass
class Drift:
    """What has changed, how many messages were asked again, and how many were not, by the reason."""

    changes: list[Change] = field(default_factory=list)
    sent: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        """How many messages have another outcome."""
        return len({change.line for change in self.changes})


def drift(cassette: Cassette, client: Client, count: Callable[[int, int], None] | None = None) -> Drift:
    """Ask a server the messages of a recording again that only read, each once, and compare what comes back.

    Args:
        cassette: The recording.
        client: The client of the server.
        count: Called before each message with its place and the number of all.

    Raises:
        ServerUnreachable: The server is not there, or takes too long.
    """
    result = Drift()
    todo = list(
        {(line.event, json.dumps(line.options, sort_keys=True)): line for line in cassette.lines}.values()
    )
    for place, line in enumerate(todo):
        if count:
            count(place, len(todo))
        message = catalog.get(line.event)
        if message is None or (why_not := _why_not(message, line)):
            result.left_out[why_not if message else "files"] += 1
            continue
        result.sent += 1
        due, came = (
            _comparable(cassette.value(line)),
            _comparable(_asked_again(client, message, line.options)),
        )
        result.changes += changes(line, due, came)
    return result


def changes(line: Line, due: Any, came: Any) -> list[Change]:
    """Return what differs between a recorded outcome and one of now; pure."""
    was, now = (dict(_leaves(value)) for value in normal_pair(due, came))
    paths = [path for path in {**was, **now} if was.get(path) != now.get(path)]
    return [
        Change(line.number, line.event, path, was.get(path, NOTHING), now.get(path, NOTHING))
        for path in paths[:MAX_CHANGES]
    ]


def _why_not(message: Message, line: Line) -> str:
    if not message.reads(line.options):
        return "may write"
    if message.confirm:
        return "asks first"
    return "has a stand-in in its options" if stand_ins_in(json.dumps(line.options)) else ""


def _asked_again(client: Client, message: Message, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what comes of a message now, in the form of a recording."""
    router = client.router
    response, problem = None, None
    try:
        response = router.exchange(message, options)
    except (ServerUnreachable, TimeLimitReached):
        raise
    except CoCalcError as failure:
        response, problem = getattr(failure, "response", None), failure
    request = Request(message.event, options, message.secret) if response is None else response.request
    again = entry.recorded(Outgoing(client.server, (), request, message), response, problem)
    stand_ins = StandIns()
    stand_ins.learn(again.fields)
    result: dict[str, Any] = stand_ins.replaced(again.fields)
    return result


def _comparable(line: Mapping[str, Any]) -> dict[str, Any]:
    error = line.get("error") or {}
    parts = {
        "status": line.get("status"),
        "response": line.get("response"),
        "error": error.get("problem"),
    }
    result: dict[str, Any] = map_texts(
        {name: part for name, part in parts.items() if part is not None},
        lambda text: STAND_IN.sub(lambda match: f"<{kind_of(match[0])}>", text),
    )
    return result


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of every single value, and of what is empty, with the value as JSON."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, cut(visible_line(json.dumps(value, ensure_ascii=False)), MAX_VALUE)


def records(changed_fields: Sequence[Change]) -> list[dict[str, Any]]:
    """Return the changes as records of a table."""
    return [{name: getattr(change, name) for name in COLUMNS} for change in changed_fields]
