"""Which recorded message is meant: the one with the same options, where stand-ins fit what they stand for.

What a stand-in has once stood for it stands for until the end, and nothing else does: so of several recorded
passwords or addresses each goes with the same one of those that are asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic.cassette.stand_ins import EMAIL, STAND_IN, is_email, kind_of
from cocalc_magic.errors import did_you_mean
from cocalc_magic.sanitize import cut, visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_DIFFERENCES = 3  # that an error tells
_MAX_VALUE = 60  # characters of a value in an error


class Meanings:
    """What the stand-ins of a recording stand for, as far as messages that were asked have shown."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._stand_ins: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._texts)

    @property
    def stand_ins(self) -> dict[str, str]:
        """The stand-ins by the texts that they stand for."""
        return dict(self._stand_ins)

    def fit(self, sought: Any, recorded: Any) -> dict[str, str] | None:
        """Return what the stand-ins in a recorded value stand for if it is what was asked; else `None`."""
        meanings: dict[str, str] = {}
        return meanings if all(self._fits(*pair, meanings) for pair in _pairs(sought, recorded)) else None

    def learn(self, meanings: Mapping[str, str]) -> None:
        """Keep what stand-ins stand for."""
        self._texts |= meanings
        self._stand_ins |= {_folded(stand_in, text): stand_in for stand_in, text in meanings.items()}

    def restored(self, value: Any) -> Any:
        """Return a JSON value with the texts that its stand-ins stand for, as far as they are known."""
        if isinstance(value, dict):
            return {self.restored(name): self.restored(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.restored(inner) for inner in value]
        if isinstance(value, str) and ("erson" in value or "<" in value):
            return STAND_IN.sub(lambda match: self._texts.get(match[0], match[0]), value)
        return value

    def _fits(self, sought: Any, recorded: Any, meanings: dict[str, str]) -> bool:
        if not isinstance(sought, str) or not isinstance(recorded, str):
            return type(sought) is type(recorded) and bool(sought == recorded)
        if sought == recorded:
            return True
        pairs = _stood_for(sought, recorded)
        return pairs is not None and all(self._may(stand_in, text, meanings) for stand_in, text in pairs)

    def _may(self, stand_in: str, text: str, meanings: dict[str, str]) -> bool:
        """Return whether a stand-in may stand for a text; note it where that is new."""
        if text == stand_in:
            return True
        known = self._texts.get(stand_in, meanings.get(stand_in))
        if known is not None:
            return _folded(stand_in, known) == _folded(stand_in, text)
        taken = {_folded(name, other): name for name, other in meanings.items()}
        other = self._stand_ins.get(_folded(stand_in, text)) or taken.get(_folded(stand_in, text))
        if (
            other is not None
            or STAND_IN.fullmatch(text)
            or (kind_of(stand_in) == EMAIL and not is_email(text))
        ):
            return False
        meanings[stand_in] = text
        return True


def _pairs(sought: Any, recorded: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the single values of two JSON values that stand at the same place."""
    if isinstance(sought, dict) and isinstance(recorded, dict) and len(sought) == len(recorded):
        same = [name for name in recorded if name in sought]
        others = zip(
            [name for name in sought if name not in recorded],
            [name for name in recorded if name not in sought],
            strict=True,
        )
        for name in same:
            yield from _pairs(sought[name], recorded[name])
        for name, other in others:
            yield name, other
            yield from _pairs(sought[name], recorded[other])
    elif isinstance(sought, list) and isinstance(recorded, list) and len(sought) == len(recorded):
        for inner, other in zip(sought, recorded, strict=True):
            yield from _pairs(inner, other)
    elif isinstance(sought, dict | list) or isinstance(recorded, dict | list):
        yield False, True
    else:
        yield sought, recorded


def _stood_for(sought: str, recorded: str) -> list[tuple[str, str]] | None:
    """Return what each stand-in of a recorded text stands for; `None` where the text does not fit."""
    pieces, stand_ins = STAND_IN.split(recorded), STAND_IN.findall(recorded)
    if not stand_ins or not sought.startswith(pieces[0]):
        return None
    meanings, place = [], len(pieces[0])
    for number, stand_in in enumerate(stand_ins, 1):
        piece = pieces[number]
        is_last = number == len(stand_ins)
        end = len(sought) - len(piece) if is_last else sought.find(piece, place + 1)
        if end <= place or not sought.startswith(piece, end):
            return None
        meanings.append((stand_in, sought[place:end]))
        place = end + len(piece)
    return meanings


def _folded(stand_in: str, text: str) -> str:
    """Return a text as it is compared: of addresses the case says nothing."""
    return text.casefold() if kind_of(stand_in) == EMAIL else text


def canonical(options: Mapping[str, Any]) -> str:
    """Return options as a text that is the same for equal ones."""
    return json.dumps(options, sort_keys=True, default=str)


# -- what is nearest -------------------------------------------------------------------------------


def nearest(
    event: str,
    shown: Mapping[str, Any],
    fits: Callable[[Any, Any], bool],
    recorded: Sequence[tuple[int, str, Mapping[str, Any]]],
) -> tuple[str, ...]:
    """Return hints on the recorded message that comes nearest to one that is missing.

    Args:
        event: Its event.
        shown: Its options, as they may be shown.
        fits: Whether a value that was asked is a recorded one.
        recorded: Line number, event and options of every message of the recording.
    """
    same = [(number, options) for number, name, options in recorded if name == event]
    if not same:
        events = list(dict.fromkeys(name for _, name, _ in recorded))
        listed = (
            f"It has {', '.join(events[:8])}{' …' if len(events) > 8 else ''}." if events else "It is empty."
        )
        return (did_you_mean(event, events), listed)
    by_difference = ((_differing(shown, options, fits), number, options) for number, options in same)
    names, number, options = min(by_difference, key=lambda item: (len(item[0]), item[1]))
    parts = [_difference(name, shown, options) for name in names[:MAX_DIFFERENCES]]
    more = [f"and {len(names) - MAX_DIFFERENCES} more"] if len(names) > MAX_DIFFERENCES else []
    return (f"The nearest is line {number}. It has {', '.join([*parts, *more])}.",)


def _differing(
    sought: Mapping[str, Any], recorded: Mapping[str, Any], fits: Callable[[Any, Any], bool]
) -> list[str]:
    names = dict.fromkeys([*sought, *recorded])
    return [
        name
        for name in names
        if name not in sought or name not in recorded or not fits(sought[name], recorded[name])
    ]


def _difference(name: str, sought: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    if name not in recorded:
        return f"no {name}"
    there = f"{name}={_short(recorded[name])}"
    return f"{there}, not {_short(sought[name])}" if name in sought else f"also {there}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return repr(cut(visible_line(text), _MAX_VALUE)) if isinstance(value, str) else cut(text, _MAX_VALUE)
