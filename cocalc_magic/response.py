"""What came back for one message."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import PackageMissing

if TYPE_CHECKING:
    import pandas as pd


HIDDEN = "•••"


@dataclass(frozen=True, repr=False)
class Request:
    """One message as it was sent: its event and the options that travelled; never the key.

    ``secret`` names the options whose values are not for people to see.
    """

    event: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The message as one object, its event included, with secret values hidden."""
        return {"event": self.event, **self.shown()}

    def shown(self) -> dict[str, Any]:
        """The options, of which one may be called ``event`` too, with secret values hidden."""
        return {name: HIDDEN if name in self.secret else value for name, value in self.options.items()}

    def secrets(self) -> frozenset[str]:
        """The texts that are not for people to see."""
        values = (self.options.get(name) for name in self.secret)
        return frozenset(value for value in values if isinstance(value, str) and value)

    def hiding(self, texts: Collection[str]) -> Request:
        """The message without these texts, wherever in it they stand."""
        return replace(self, options=_hidden(self.options, texts)) if texts else self

    def __repr__(self) -> str:
        return f"<Request {json.dumps(self.to_dict(), ensure_ascii=False, default=str)}>"


class Response(Mapping[str, Any]):
    """The fields of one answer, read-only: ``res["now"]``, ``dict(res)``, ``"id" in res``.

    A bare JSON answer (a number, a list) stands under ``value``, and is the one field then.

    ``request``: the message that was sent. ``server``: name of the server that answered, ``address``
    its address where a browser finds pages there, and ``sandbox``: whether it is an embedded one.
    ``status``: the HTTP status. ``elapsed``: seconds from sending to the last byte. ``ok``: whether the
    answer is a success. ``view``: how it is to be shown, ``auto`` for what suits its event and shape.
    ``route``: the events of today that it came by where the server does not know the one that was sent, and
    ``lost``: what went missing on that way, in words; ``sent``: the messages that went out on it, without
    secret values. ``titles``: those of projects, by id, as far as they are known.
    """

    def __init__(
        self,
        value: Any,
        request: Request,
        *,
        server: str = "",
        address: str = "",
        sandbox: bool = False,
        status: int = 200,
        elapsed: float = 0.0,
        ok: bool = True,
        view: str = "auto",
        route: str = "",
        lost: tuple[str, ...] = (),
        sent: tuple[Request, ...] = (),
        titles: Mapping[str, str] | None = None,
    ) -> None:
        self.value = value
        self._fields: Mapping[str, Any] = value if isinstance(value, Mapping) else {"value": value}
        self.request = request
        self.server = server
        self.address = address
        self.sandbox = sandbox
        self.status = status
        self.elapsed = elapsed
        self.ok = ok
        self.view = view
        self.route = route
        self.lost = lost
        self.sent = sent
        self.titles: Mapping[str, str] = titles or {}

    def __getitem__(self, name: str) -> Any:
        try:
            return self._fields[name]
        except KeyError:
            raise KeyError(f"{name!r}; the fields are {', '.join(self._fields)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    @property
    def event(self) -> str:
        """The event of the answer; that of the message where the answer names none."""
        event = self._fields.get("event")
        return event if isinstance(event, str) and event else self.request.event

    @property
    def id(self) -> Any:
        """What ties the answer to its message; ``None`` where the server gave none."""
        return self._fields.get("id")

    @property
    def text(self) -> str:
        """The answer as indented JSON."""
        return json.dumps(self.value, indent=2, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """The fields as a new dict; lists and objects in it are shared with the response."""
        return dict(self._fields)

    def records(self) -> list[Mapping[str, Any]] | None:
        """The list of objects that the answer consists of, or ``None`` where there is not exactly one.

        ``results`` of ``user_search`` is one, and so is ``[{…}, …]`` of a table in ``query``; what comes
        back as it was sent (``options`` of ``query``) is none.
        """
        found = list(_lists_of_objects(self._told, depth=2))
        return found[0] if len(found) == 1 else None

    @property
    def _told(self) -> Any:
        """The value without what the server only repeats."""
        if not isinstance(self.value, Mapping):
            return self.value
        sent = self.request.options
        return {name: told for name, told in self.value.items() if name not in sent or sent[name] != told}

    def to_frame(self) -> pd.DataFrame:
        """Return the answer's records as a pandas DataFrame, a row each.

        An answer that is about one thing is one row of its fields. The fields that a ``query`` asked for are
        columns of its frame also where no record has them.

        Raises:
            PackageMissing: pandas is not installed.
        """
        if (queried := self._queried()) is not None:
            return frame_of(*queried)
        records = self.records()
        return frame_of([self._one_record()] if records is None else records)

    def _queried(self) -> tuple[list[Mapping[str, Any]], list[str]] | None:
        """The records that answer a query of one table, and the fields that it asked for; else ``None``."""
        asked = self.request.options.get("query")
        answer = self._fields.get("query", self._fields)
        if not isinstance(asked, Mapping) or len(asked) != 1 or not isinstance(answer, Mapping):
            return None
        ((table, fields),) = asked.items()
        first = next(iter(fields), None) if isinstance(fields, list) else fields
        if not isinstance(first, Mapping) or None not in first.values():  # it asked for nothing: it wrote
            return None
        found = answer.get(table) or []
        records = [found] if isinstance(found, Mapping) else found
        return (records, list(first)) if all(isinstance(one, Mapping) for one in records) else None

    def _one_record(self) -> Mapping[str, Any]:
        """The object that is all of the answer besides its envelope; else all fields."""
        rest = [value for name, value in self._fields.items() if name not in ("event", "id")]
        return rest[0] if len(rest) == 1 and isinstance(rest[0], Mapping) else self.to_dict()

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._fields)

    def __repr__(self) -> str:
        milliseconds = f"{1000 * self.elapsed:.0f} ms"
        mark = " · sandbox" if self.sandbox else ""
        return f"<Response {self.event} · {self.status} · {milliseconds}{mark}>"


def frame_of(records: Iterable[Mapping[str, Any]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return the records as a pandas DataFrame, a row each; ``columns`` come first, and are always there.

    Raises:
        PackageMissing: pandas is not installed.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as problem:
        if problem.name != "pandas":
            raise
        raise PackageMissing("a DataFrame needs pandas, which is not installed: pip install pandas") from None

    rows = [dict(record) for record in records]
    names = dict.fromkeys([*columns, *(name for row in rows for name in row)])
    return pd.DataFrame(rows, columns=list(names) if names else None)


def _lists_of_objects(value: Any, depth: int) -> Iterator[list[Mapping[str, Any]]]:
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        yield value
    elif isinstance(value, Mapping) and depth:
        for inner in value.values():
            yield from _lists_of_objects(inner, depth - 1)


def _hidden(value: Any, texts: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _hidden(inner, texts) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner, texts) for inner in value]
    return HIDDEN if isinstance(value, str) and any(text in value for text in texts) else value
