"""Which chart says what: of records, of the rows of bulk work, of what was sent."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.outcome import STATUSES
from cocalc_magic.errors import InvalidValue
from cocalc_magic.render import vega
from cocalc_magic.render.chart import Chart, is_available
from cocalc_magic.render.humanize import is_moment, seconds_of
from cocalc_magic.render.records import column_names
from cocalc_magic.sanitize.secret_forms import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cocalc_magic.bulk.outcome import Outcome
    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.render.vega import Spec

    Records = Sequence[Mapping[str, Any]]

_TONES = {"ok": "good", "done before": "good", "failed": "error", "unknown": "warning", "skipped": ""}
_MAX_GROUPS = 8
_MAX_RECORDS = 100_000
_LOOKED_AT = 50  # records, by which it is decided whether there is something to chart
_NOTHING = "there is nothing to chart: the records have no numbers and no times."


def of_records(records: Records, title: str) -> Chart:
    """Return a chart of records: a number over time, or how many are when, or what a number is mostly like.

    Raises:
        InvalidValue: They have no numbers and no times.
    """
    head = records[:_MAX_RECORDS]
    time, number = _columns(head)
    if time and number:
        pairs = [(seconds_of(record.get(time)), _number(record.get(number))) for record in head]
        rows = [(when, value, "") for when, value in pairs if when is not None and value is not None]
        return Chart(
            vega.points(rows, title, number), f"{title}: {vega.label(number)} over time, {len(rows):,} points"
        )
    if time:
        moments = [when for record in head if (when := seconds_of(record.get(time))) is not None]
        return Chart(vega.times(moments, title, "records"), f"{title}: {len(moments):,} records over time")
    if number:
        values = [value for record in head if (value := _number(record.get(number))) is not None]
        words = f"{title}: {vega.label(number)} of {len(values):,} records"
        return Chart(vega.histogram(values, title, number, "records"), words)
    raise InvalidValue(_NOTHING, "to_frame() gives the records as a DataFrame.")


def has_chart(records: Records) -> bool:
    """Return whether charts can be made here, and the first records have numbers or times."""
    return is_available() and len(records) > 1 and any(_columns(records[:_LOOKED_AT]))


def _columns(records: Records) -> tuple[str, str]:
    """Return the first column of times and the first of numbers, each empty where there is none."""
    names = [name for name in column_names(records) if isinstance(name, str) and not is_secret_name(name)]
    time = next((name for name in names if is_moment(name) and _some(seconds_of, records, name)), "")
    numbers = (name for name in names if not is_moment(name) and not name.endswith("id"))
    return time, next((name for name in numbers if _some(_number, records, name)), "")


def _some(read: Callable[[Any], float | None], records: Records, name: str) -> bool:
    """Return whether at least two values of a column can be read, and none that is there can't."""
    values = [read(value) for record in records if (value := record.get(name)) not in (None, "")]
    return len(values) > 1 and None not in values


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


# -- bulk work -------------------------------------------------------------------------------------


def of_result(result: BulkResult) -> Chart:
    """Return how the rows went and how long they took; of `course run` also what came back.

    Of rows that were only read (`course status`) it is when students were active, or in which state they are.
    """
    outcomes = list(result.outcomes)
    if any(outcome.seconds for outcome in outcomes) or result.failure is not None:
        parts = [_statuses(result), *_latencies(outcomes), *_answers(outcomes)]
    else:
        parts = list(_known(outcomes, result.event))
    return Chart(vega.below(*parts or [_statuses(result)]), f"{vega.label(result.event)}: {result.summary}")


def _statuses(result: BulkResult) -> Spec:
    counts = [
        (status, result.counts[status], _TONES[status]) for status in STATUSES if status in result.counts
    ]
    return vega.bars(counts, f"{result.event}: {len(result):,} rows", "rows")


def _latencies(outcomes: Sequence[Outcome]) -> Iterable[Spec]:
    took = [outcome.seconds for outcome in outcomes if outcome.seconds]
    if took:
        yield vega.histogram(took, "How long they took", "seconds", "rows")


def _answers(outcomes: Sequence[Outcome]) -> Iterable[Spec]:
    """Yield what commands have printed: numbers by their size, other texts by how many rows have them."""
    texts = [
        str(outcome.fields["stdout"]).strip()
        for outcome in outcomes
        if outcome.ok and "stdout" in outcome.fields
    ]
    if not texts:
        return
    counts = Counter(texts)
    numbers = [_as_number(text) for text in texts]
    if len(counts) > vega.MAX_BARS and None not in numbers:
        yield vega.histogram(
            [number for number in numbers if number is not None], "Answers", "answer", "rows"
        )
    else:
        yield vega.bars(
            [(text or "no output", count, "") for text, count in counts.most_common()], "Answers", "rows"
        )


def _as_number(text: str) -> float | None:
    try:
        return _number(float(text))
    except ValueError:
        return None


def _known(outcomes: Sequence[Outcome], event: str) -> Iterable[Spec]:
    """Yield the states and the times that rows have."""
    for name in ("state", "account", "project"):
        words = [str(outcome.fields[name]) for outcome in outcomes if outcome.fields.get(name)]
        if words and len(set(words)) <= _MAX_GROUPS:
            yield vega.bars(
                [(word, count, "") for word, count in Counter(words).most_common()],
                f"{event}: {name}",
                "rows",
            )
            break
    for name in ("last_active", "last_edited"):
        values = (seconds_of(f"{outcome.fields.get(name)}+00:00") for outcome in outcomes)
        if moments := [moment for moment in values if moment is not None]:
            yield vega.times(moments, name.replace("_", " "), "rows")


# -- history ---------------------------------------------------------------------------------------


def of_history(sent: Sequence[tuple[float, str, float]]) -> Chart:
    """Return when messages were sent and how long they took, by event.

    Args:
        sent: Of each the moment, the event, and how many seconds it took.

    Raises:
        InvalidValue: Nothing was sent.
    """
    if not sent:
        raise InvalidValue("there is nothing to chart: nothing has been sent yet.")
    common = {event for event, _ in Counter(event for _, event, _ in sent).most_common(_MAX_GROUPS)}
    rows = [(moment, took, event if event in common else "others") for moment, event, took in sent]
    words = f"{len(sent):,} messages, by when they were sent and how long they took"
    return Chart(vega.points(rows, "Messages", "seconds", "event"), words)
