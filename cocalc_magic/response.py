"""What came back for one message."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import PackageMissing
from cocalc_magic.sanitize import cut, visible, visible_line
from cocalc_magic.sanitize.secret_forms import HIDDEN, is_secret_name, mask_named

if TYPE_CHECKING:
    import pandas as pd


_COOKIE = re.compile(r"(^|,\s*)([^=;,\s]+)=[^;]*")
_LONGEST_WAIT = 366 * 86_400.0  # seconds; a server that says more does not mean it


@dataclass(frozen=True, repr=False)
class Request:
    """One message as it was sent: its event and the options that travelled; never the key.

    `secret` names the options whose values are not for people to see, besides those that are called so.
    """

    event: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the message as one object, its event included, with secret values hidden."""
        return {"event": self.event, **self.shown()}

    def shown(self) -> dict[str, Any]:
        """Return the options, of which one may be called `event` too, with secret values hidden."""
        return {
            name: HIDDEN if name in self.secret else mask_named(name, value)
            for name, value in self.options.items()
        }

    def secrets(self) -> frozenset[str]:
        """Return the texts that are not for people to see."""
        values = (
            value for name, value in self.options.items() if name in self.secret or is_secret_name(name)
        )
        return frozenset(value for value in values if isinstance(value, str) and value)

    def hiding(self, texts: Collection[str]) -> Request:
        """Return the message without these texts, wherever in it they stand."""
        return replace(self, options=without(self.options, texts)) if texts else self

    def __repr__(self) -> str:
        return visible(f"<Request {json.dumps(self.to_dict(), ensure_ascii=False, default=str)}>")


class Headers(Mapping[str, str]):
    """HTTP headers: names in any case, read-only; of cookies only the names are kept."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._given = tuple((name, _without_cookie(name, value)) for name, value in pairs)

    @cached_property
    def _pairs(self) -> dict[str, tuple[str, str]]:
        harmless = ((visible_line(name), visible_line(value)) for name, value in self._given)
        return {name.lower(): (name, value) for name, value in harmless}

    def __getitem__(self, name: str) -> str:
        return self._pairs[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs.values())

    def __len__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        return f"<Headers {dict(self)}>"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    @property
    def retry_after(self) -> float | None:
        """Seconds until the server wants to be asked again, a date counted from now; `None` without such."""
        return _seconds(self.get("Retry-After", ""))


class Response(Mapping[str, Any]):
    """The fields of one answer, read-only: `res["now"]`, `dict(res)`, `"id" in res`.

    A bare JSON answer (a number, a list) stands under `value`, and is the one field then.

    `request`: the message that was sent. `server`: name of the server that answered, `address`
    its address where a browser finds pages there, and `sandbox`: whether it is an embedded one.
    `status`: the HTTP status, `reason` its words, `headers` what stood above the answer, without
    secrets. `elapsed`: seconds from sending to the last byte. `ok`: whether the answer is a success,
    which is also the truth of the response, however many fields it has. `view`: how it is to be shown,
    `auto` for what suits its event and shape. `route`: the events of today that it came by where the
    server does not know the one that was sent, and `lost`: what went missing on that way, in words;
    `sent`: the messages that went out on it, without secret values. `titles`: those of projects, by id,
    as far as they are known.
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
        reason: str = "",
        headers: Headers | None = None,
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
        self.reason = reason
        self.headers = Headers() if headers is None else headers
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
            raise KeyError(visible(f"{name!r}; the fields are {', '.join(self._fields)}")) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __bool__(self) -> bool:
        return self.ok

    @property
    def event(self) -> str:
        """The event of the answer; that of the message where the answer names none."""
        event = self._fields.get("event")
        return event if isinstance(event, str) and event else self.request.event

    @property
    def id(self) -> Any:
        """What ties the answer to its message; `None` where the server gave none."""
        return self._fields.get("id")

    @property
    def text(self) -> str:
        """The answer as indented JSON."""
        return json.dumps(self.value, indent=2, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a new dict; lists and objects in it are shared with the response."""
        return dict(self._fields)

    def records(self) -> list[Mapping[str, Any]] | None:
        """Return the list of objects that the answer consists of, or `None` where there is not exactly one.

        `results` of `user_search` is one, and so is `[{…}, …]` of a table in `query`; what comes
        back as it was sent (`options` of `query`) is none.
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

        An answer that is about one thing is one row of its fields. The fields that a `query` asked for are
        columns of its frame also where no record has them.

        Raises:
            PackageMissing: pandas is not installed.
        """
        if (queried := self._queried()) is not None:
            return frame_of(*queried)
        records = self.records()
        return frame_of([self._one_record()] if records is None else records)

    def _queried(self) -> tuple[list[Mapping[str, Any]], list[str]] | None:
        """Return the records that answer a query of one table, and the fields that it asked for; else `None`."""
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
        """Return the object that is all of the answer besides its envelope; else all fields."""
        rest = [value for name, value in self._fields.items() if name not in ("event", "id")]
        return rest[0] if len(rest) == 1 and isinstance(rest[0], Mapping) else self.to_dict()

    def as_shown(self) -> Response:
        """Return the response without the secret values that were sent, which a server may repeat."""
        texts = self.request.secrets()
        if not texts:
            return self
        shown = copy(self)
        shown.value = without(self.value, texts)
        shown._fields = shown.value if isinstance(shown.value, Mapping) else {"value": shown.value}
        return shown

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._fields)

    def __repr__(self) -> str:
        milliseconds = f"{1000 * self.elapsed:.0f} ms"
        mark = " · sandbox" if self.sandbox else ""
        return visible_line(f"<Response {cut(self.event, 80)} · {self.status} · {milliseconds}{mark}>")


def _without_cookie(name: str, value: str) -> str:
    """Return the value of a header; what cookies it sets stands there, but not to what."""
    return _COOKIE.sub(rf"\1\2={HIDDEN}", value) if name.lower() in ("set-cookie", "cookie") else value


def _seconds(text: str) -> float | None:
    """Return what `Retry-After` says: a number of seconds, or the date of HTTP."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        seconds = float(text)
    else:
        from email.utils import parsedate_to_datetime  # few answers have a date

        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError, OSError):
            return None
    return max(0.0, seconds) if seconds <= _LONGEST_WAIT else None


def frame_of(records: Iterable[Mapping[str, Any]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return the records as a pandas DataFrame, a row each; `columns` come first, and are always there.

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
    frame: pd.DataFrame = pd.DataFrame(rows, columns=list(names) if names else None)
    return frame


def _lists_of_objects(value: Any, depth: int) -> Iterator[list[Mapping[str, Any]]]:
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        yield value
    elif isinstance(value, Mapping) and depth:
        for inner in value.values():
            yield from _lists_of_objects(inner, depth - 1)


def without(value: Any, texts: Collection[str]) -> Any:
    """Return a JSON value with `•••` in place of these texts, wherever in it they stand."""
    if isinstance(value, Mapping):
        return {without(name, texts): without(inner, texts) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without(inner, texts) for inner in value]
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, HIDDEN)
    return value
