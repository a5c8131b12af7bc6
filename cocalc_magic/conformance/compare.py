"""Two answers beside each other: the same, of the same shape, or different; pure functions.

What may rightly differ between two servers is replaced by its kind first: ids that a server makes up, times,
keys, temporary paths, and where projects lie. Ids are told apart by the order in which they first come, so
that one in the place of another is a difference.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from cocalc_magic.conformance.answer import is_error
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cocalc_magic.conformance.answer import Answer

SAME, SHAPE, DIFFERENT, NOT_ASKED = "same", "same shape", "different", "not asked"

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_NAMED_BY_TIME = re.compile(r"\bUser-\d{10}\b")  # as servers call an account whose maker gives it no name
_TEMPORARY = re.compile(r"/tmp/[\w.-]+(/[\w.-]+)*")  # noqa: S108 - it is looked for
_ROOT_BACKWARDS = re.compile(r"/(?:[\w.@ -]+/)+")
MAX_ROOT = 300  # characters of a path before an id
_KEY = re.compile(r"sk[-_][0-9A-Za-z]{16,}|<(?:NEW)?KEY2?:[\w/-]+>")
MEASURED = ("elapsed_ms", "elapsed_s", "mtime", "pid", "port", "start_time", "total_time_s", "uptime")
_MILLISECONDS = 1_000_000_000_000  # what is above is a time
MAX_LINES = 60  # of a difference
MAX_LINE = 300
MAX_COMPARED = 1_000  # lines from the first that differs: comparing takes their square

# Headers of the way and not of the answer: they say nothing of what a message does.
_OF_THE_WAY = frozenset(
    ("connection", "content-encoding", "content-length", "date", "etag", "keep-alive", "server", "vary")
)


def verdict(expected: Answer, actual: Answer) -> str:
    """Return how alike two answers are, their headers apart."""
    if actual.status is None or expected.status is None:
        return SAME if actual.problem == expected.problem else DIFFERENT
    if actual.status != expected.status or actual.kind != expected.kind:
        return DIFFERENT
    due, came = normal_pair(expected.value, actual.value)
    if expected.kind == "html" or _text(due) == _text(came) or _same_by_ids(expected.value, actual.value):
        return SAME
    alike = is_error(due) == is_error(came) and same_shape(due, came)
    return SHAPE if alike else DIFFERENT


def normal_pair(expected: Any, actual: Any) -> tuple[Any, Any]:
    """Return two values without what may rightly differ between two servers."""
    ids, other_ids = _ids(expected), _ids(actual)
    return _Normal(ids - other_ids).value(expected), _Normal(other_ids - ids).value(actual)


def _same_by_ids(expected: Any, actual: Any) -> bool:
    """Return whether two lists hold the same in the order of ids, which is chance where they are made up."""
    if not (_is_in_order_of_ids(expected) and _is_in_order_of_ids(actual)):
        return False
    pairs = [sorted(_text(normal_pair(item, None)[0]) for item in items) for items in (expected, actual)]
    return pairs[0] == pairs[1]


def _is_in_order_of_ids(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return False
    ids = [
        [text for text in item.values() if isinstance(text, str) and UUID.fullmatch(text)] for item in value
    ]
    return len(ids) > 1 and all(ids) and ids == sorted(ids)


def same_shape(expected: Any, actual: Any) -> bool:
    """Return whether two values have the same fields of the same types; an error is not a success."""
    if expected is None or actual is None:
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _same_fields(expected, actual)
    if isinstance(expected, list) and isinstance(actual, list):
        return all(same_shape(expected[0], item) for item in actual) if expected else True
    return _json_type(expected) == _json_type(actual)


def difference(expected: Answer, actual: Answer) -> str:
    """Return what differs, headers apart: lines of a unified diff, `-` what was due, `+` what came."""
    values = normal_pair(expected.value, actual.value)
    due, came = (_lines(*pair) for pair in zip((expected, actual), values, strict=True))
    if expected.kind != actual.kind:  # which may be all that differs: {} and the text "{}"
        due[0], came[0] = f"{due[0]}, {expected.kind}", f"{came[0]}, {actual.kind}"
    pairs = enumerate(zip(due, came, strict=False))
    first = next(
        (place for place, (due_line, came_line) in pairs if due_line != came_line), min(len(due), len(came))
    )
    return _diff(*(lines[max(0, first - 2) : first + MAX_COMPARED] for lines in (due, came)))


def header_difference(expected: Answer, actual: Answer, usual: frozenset[str]) -> str:
    """Return what differs in the headers, as `difference` does; nothing where they are the same.

    `usual` are headers that the second server sends with every answer.
    """
    due, came = (
        [f"{name}: {text}" for name, text in sorted(headers.items()) if name not in usual | _OF_THE_WAY]
        for headers in (expected.headers, actual.headers)
    )
    return "" if due == came else _diff(due, came)


def usual_headers(answers: Sequence[Answer], elsewhere: Sequence[Answer]) -> frozenset[str]:
    """Return the headers that one server sends with nearly every answer, and the other never does."""
    own = [answer for answer in answers if answer.status is not None]
    counts = Counter(name for answer in own for name in answer.headers)
    foreign = {name for answer in elsewhere for name in answer.headers}
    return frozenset(name for name, count in counts.items() if count > 0.9 * len(own)) - foreign


def _diff(due: list[str], came: list[str]) -> str:
    lines = list(difflib.unified_diff(due, came, n=2, lineterm=""))[2:]
    lines = [cut(line, MAX_LINE) for line in lines if not line.startswith("@@")]
    left_out = len(lines) - MAX_LINES
    return "\n".join([*lines[:MAX_LINES], *([f"… {left_out} more lines"] if left_out > 0 else [])])


def _lines(answer: Answer, value: Any) -> list[str]:
    if answer.status is None:
        return [answer.problem or "no answer"]
    text = (
        value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    )
    return [f"HTTP {answer.status}", *text.split("\n")]  # and no other ends of lines: they may differ


class _Normal:
    """Replaces what may differ by its kind; `ids` are those that are made up, told apart by their order."""

    def __init__(self, ids: set[str]) -> None:
        self._ids, self._order = ids, dict[str, int]()

    def value(self, value: Any) -> Any:
        """Return a value in its normal form."""
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, str):
            return UUID.sub(self._number, _plain(value))
        if isinstance(value, int | float) and not isinstance(value, bool) and value > _MILLISECONDS:
            return "<MILLISECONDS>"
        return value

    def _named(self, name: str, value: Any) -> Any:
        measured = name in MEASURED and _json_type(value) == "number"
        return "<MEASURED>" if measured else self.value(value)

    def _object(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return an object in its normal form; names that are made up are numbered by what they hold."""
        made_up = {name for name in value if self._is_made_up(name)}
        result = {
            _plain(name): self._named(name, value[name]) for name in sorted(value) if name not in made_up
        }
        held = [(UUID.sub("<ID>", _plain(_text(value[name]))), name) for name in made_up]
        for place, (_, name) in enumerate(sorted(held), 1):
            result[f"{UUID.sub('<ID>', _plain(name))} {place}"] = self.value(value[name])
        return result

    def _is_made_up(self, name: str) -> bool:
        return any(text.lower() in self._ids for text in UUID.findall(name))

    def _number(self, match: re.Match[str]) -> str:
        text = match[0].lower()
        if text not in self._ids:
            return match[0]
        return f"<ID {self._order.setdefault(text, len(self._order) + 1)}>"


def _plain(text: str) -> str:
    text = _TEMPORARY.sub("<TMP>", _TIME.sub("<TIME>", _without_roots(text)))
    text = _NAMED_BY_TIME.sub("User-<TIME>", text)
    return _KEY.sub("<KEY>", text)


def _without_roots(text: str) -> str:
    """Return a text without the paths of folders of projects, each of which ends in an id.

    Read backwards from the id: forwards, hostile texts would take the square of their length.
    """
    pieces, end = [], 0
    for match in UUID.finditer(text):
        before = text[max(end, match.start() - MAX_ROOT) : match.start()]
        root = _ROOT_BACKWARDS.match(before[::-1])
        start = match.start() - len(root[0]) if root else match.start()
        pieces += [text[end:start], "<PROJECTS>/" if root else "", match[0]]
        end = match.end()
    return "".join([*pieces, text[end:]])


def _ids(value: Any) -> set[str]:
    return {text.lower() for text in UUID.findall(_text(value))}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _same_fields(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    if expected.get("event") != actual.get("event") or is_error(expected) != is_error(actual):
        return False
    if is_error(expected):
        return expected.keys() == actual.keys()
    by_id = [UUID.match(name) or name.startswith("<ID") for name in (*expected, *actual)]
    if by_id and all(by_id):  # one record for each id: which there are is data
        return all(same_shape(next(iter(expected.values()), None), item) for item in actual.values())
    return expected.keys() == actual.keys() and all(
        same_shape(value, actual[name]) for name, value in expected.items()
    )


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__
