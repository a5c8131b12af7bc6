"""Charts as Vega-Lite data: bars, histograms, points. Texts of others are values in it, never names.

All that is counted is counted here, so that a chart has as few values as it draws.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cocalc_magic.design import COLORS
from cocalc_magic.sanitize import short_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Spec = dict[str, Any]

TONES = {
    "": COLORS["accent"].plain,
    "good": COLORS["success"].plain,
    "warning": COLORS["warning"].plain,
    "error": COLORS["danger"].plain,
}
MAX_BARS = 12
MAX_POINTS = 500  # each is some 300 characters of SVG
_BINS = 30
_WIDTH, _HEIGHT, _BAR = 240, 160, 22  # pixels: with its labels a chart fits into 400
_MAX_LABEL = 40
_MARK = {"type": "bar", "tooltip": True}
_OTHERS = "others"


def bars(counts: Sequence[tuple[str, float, str]], title: str, noun: str) -> Spec:
    """Return one bar for each name with its number and tone; `noun` is what is counted."""
    rows = [{"name": label(name), "count": count, "tone": tone} for name, count, tone in counts[:MAX_BARS]]
    if len(counts) > MAX_BARS:
        rest = sum(count for _, count, _ in counts[MAX_BARS:])
        rows.append({"name": f"{len(counts) - MAX_BARS:,} {_OTHERS}", "count": rest, "tone": ""})
    return _chart(title, rows, _MARK, height=_BAR * max(1, len(rows))) | {
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None,
                  "axis": {"labelLimit": 110}},
            "x": {"field": "count", "type": "quantitative", "title": label(noun), "axis": _whole(rows)},
            "color": {
                "field": "tone", "type": "nominal", "legend": None,
                "scale": {"domain": list(TONES), "range": list(TONES.values())},
            },
        }
    }  # fmt: skip


def histogram(values: Sequence[float], title: str, axis: str, noun: str) -> Spec:
    """Return how many of the numbers are in which part of their range."""
    return _binned(values, "quantitative", 1.0, title, axis, noun)


def times(moments: Sequence[float], title: str, noun: str) -> Spec:
    """Return how many of the moments, in seconds since 1970, are in which part of their time."""
    return _binned(moments, "temporal", 1000.0, title, "time (UTC)", noun)


def points(rows: Sequence[tuple[float, float, str]], title: str, axis: str, group: str = "") -> Spec:
    """Return a point for each moment and number, coloured by its group; of too many, some."""
    step = max(1, -(-len(rows) // MAX_POINTS))
    data = [{"x": moment * 1000, "y": number, "group": label(name)} for moment, number, name in rows[::step]]
    if step > 1:
        title = f"{title} (1 of {step:,} is drawn)"
    color = {
        "field": "group",
        "type": "nominal",
        "title": label(group),
        "legend": {"orient": "bottom", "columns": 2},
    }
    mark = {"type": "point", "filled": True, "tooltip": True}
    return _chart(title, data, mark) | {
        "encoding": {
            "x": {"field": "x", "type": "temporal", "title": "time (UTC)", "scale": {"type": "utc"}},
            "y": {"field": "y", "type": "quantitative", "title": label(axis)},
            **({"color": color} if group else {"color": {"value": TONES[""]}}),
        }
    }


def below(*charts: Mapping[str, Any]) -> Spec:
    """Return charts one below the other; a single one as it is."""
    return dict(charts[0]) if len(charts) == 1 else {"vconcat": list(charts)}


def _binned(values: Sequence[float], kind: str, unit: float, title: str, axis: str, noun: str) -> Spec:
    data = [{"from": low * unit, "to": high * unit, "count": count} for low, high, count in _bins(values)]
    scale = {"scale": {"type": "utc"}} if kind == "temporal" else {}
    return _chart(title, data, _MARK) | {
        "encoding": {
            "x": {"field": "from", "type": kind, "title": label(axis), "bin": "binned", **scale},
            "x2": {"field": "to"},
            "y": {"field": "count", "type": "quantitative", "title": label(noun), "axis": _whole(data)},
            "color": {"value": TONES[""]},
        }
    }


def _bins(values: Sequence[float]) -> Iterable[tuple[float, float, int]]:
    """Return the ends of equal parts of the range with how many values are in each, where there are any.

    The range itself may be more than a number can be, so it is halved.
    """
    low, high = min(values), max(values)
    half = high / 2 - low / 2
    if not half:
        return [(low, low + 1.0, len(values))]
    shares = ((value / 2 - low / 2) / half for value in values)
    counts = Counter(min(_BINS - 1, int(share * _BINS)) for share in shares)
    ends = [low * (1 - place / _BINS) + high * (place / _BINS) for place in range(_BINS + 1)]
    return [(ends[place], ends[place + 1], counts[place]) for place in sorted(counts)]


def _whole(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an axis with marks at whole numbers alone, for what is counted."""
    return {"format": ",d", "tickCount": min(5, int(max((row["count"] for row in rows), default=1)))}


def _chart(title: str, rows: list[dict[str, Any]], mark: dict[str, Any], height: int = _HEIGHT) -> Spec:
    return {
        "title": {"text": label(title, 2 * _MAX_LABEL), "anchor": "start", "frame": "group", "limit": 380},
        "width": _WIDTH, "height": height, "data": {"values": rows}, "mark": mark,
    }  # fmt: skip


def label(text: str, most: int = _MAX_LABEL) -> str:
    """Return harmless text on one short line, secrets masked."""
    return short_line(text, most)
