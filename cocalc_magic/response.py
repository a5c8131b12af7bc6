"""A message as it was sent, and the response to it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from cocalc_magic.errors import PackageMissing
from cocalc_magic.sanitize import cut, visible, visible_line
from cocalc_magic.sanitize.secret_forms import HIDDEN, is_secret_name, map_texts, mask_named

if TYPE_CHECKING:
    import pandas as pd

    from cocalc_magic.render.chart import Chart


_COOKIE = re.compile(r"(^|,\s*)([^=;,\s]+)=[^;]*")
_LONGEST_WAIT = 366 * 86_400.0  # seconds; a server that says more does not mean it


@dataclass(frozen=True, repr=False)
class Request:
    """One message as it was sent; never with the key.

    Args:
        event: Its name.
        options: The options that were sent.
        secret: Names of options whose values are not displayed, besides those with the name of a secret.
    """

    event: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the message as one object, its event included, with secret values masked."""
        return {"event": self.event, **self.shown()}

    def shown(self) -> dict[str, Any]:
        """Return the options with secret values masked; one of them may be called `event`, too."""
        return {
            name: HIDDEN if name in self.secret else mask_named(name, value)
            for name, value in self.options.items()
        }

    def secrets(self) -> frozenset[str]:
        """Return the secret texts among the options."""
        values = (
            value for name, value in self.options.items() if name in self.secret or is_secret_name(name)
        )
        return frozenset(value for value in values if isinstance(value, str) and value)

    def hiding(self, texts: Collection[str]) -> Request:
        """Return the message with these texts masked wherever they occur."""
        return replace(self, options=without(self.options, texts)) if texts else self

    def __repr__(self) -> str:
        return visible(f"<Request {json.dumps(self.to_dict(), ensure_ascii=False, default=str)}>")


class Headers(Mapping[str, str]):
    """Read-only HTTP headers, by name in any case; of cookies only the names are kept."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._headers = tuple((name, _without_cookie(name, value)) for name, value in pairs)

    @property
    def received(self) -> tuple[tuple[str, str], ...]:
        """The headers as they came, which may hold anything; of cookies only the names."""
        return self._headers

    @cached_property
    def _pairs(self) -> dict[str, tuple[str, str]]:
        harmless = ((visible_line(name), visible_line(value)) for name, value in self._headers)
        return {name.lower(): (name, value) for name, value in harmless}

    def __getitem__(self, name: str) -> str:
        lowered = name.lower()
        for other, value in reversed(self._headers):
            if other.lower() == lowered:
                return visible_line(value)
        return self._pairs[lowered][1]  # by the name as it is shown

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
        """Seconds that the server asks to wait (`Retry-After`), counted from now; `None` without it."""
        return _seconds(self.get("Retry-After", ""))


class Rendering(Protocol):
    """A response, or a result of bulk work, as text and as HTML."""

    @property
    def text(self) -> str:
        """Plain text."""

    @property
    def html(self) -> str:
        """HTML that stands by itself."""

    def chart(self) -> Chart:
        """Return a chart of its records. Raises `CoCalcError` where there is nothing to chart."""


class Renderer(Protocol):
    """What renders a response, or a result of bulk work."""

    def __call__(self, value: Any, /) -> Rendering:
        """Return its rendering."""


@dataclass(frozen=True)
class Exchange:
    """One HTTP request as it was sent, without its body, and how much came back; the key is masked.

    Args:
        headers: What was sent, by name.
        sent: Bytes of the body that was sent.
        received: Bytes of the body that came back, decompressed.
    """

    headers: Headers
    sent: int
    received: int


class Response(Mapping[str, Any]):
    """The fields of one answer, as a read-only mapping: `res["now"]`, `dict(res)`, `"id" in res`.

    A bare JSON answer (a number, a list) is the one field `value`. A response is true if it is `ok`, however
    many fields it has.

    Args:
        value: The answer, any JSON.
        request: The message that was sent.
        server: Name of the server that answered.
        address: Its address, where a browser finds pages there.
        sandbox: Whether it is an embedded sandbox.
        status: The HTTP status.
        reason: The reason phrase of HTTP.
        headers: The headers of HTTP, with secrets masked.
        elapsed: Seconds from sending to the last byte.
        ok: Whether the answer is a success.
        view: How it is displayed; `auto` for what suits its event and shape.
        route: The events of today that were sent in place of one that the server lacks.
        lost: What went missing by that, in words.
        sent: The messages that were sent in its place, without secret values.
        titles: Titles of projects by id, as far as known.
        exchange: The HTTP of the request, if it is known.
    """

    renderer: ClassVar[Renderer | None] = None
    """Renders responses and results of bulk work; `cocalc_magic` sets it when its public names are used."""

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
        exchange: Exchange | None = None,
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
        self.exchange = exchange

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
        """The id that matches the answer to its message; `None` where the server sent none."""
        return self._fields.get("id")

    @property
    def text(self) -> str:
        """The answer as indented JSON."""
        return json.dumps(self.value, indent=2, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a new dict; lists and objects in it are shared with the response.

        It is what goes into other libraries: `json.dumps(response.to_dict())`, `pd.json_normalize(…)`.
        """
        return dict(self._fields)

    def records(self) -> list[Mapping[str, Any]] | None:
        """Return the list of objects that the answer consists of, or `None` where there is not exactly one.

        Such as `results` of `user_search`, or `[{…}, …]` of a table in `query`; what comes back as it was
        sent (`options` of `query`) does not count.
        """
        lists = list(_lists_of_objects(self._own_fields, depth=2))
        return lists[0] if len(lists) == 1 else None

    @property
    def _own_fields(self) -> Any:
        """The value without the options that the server only repeats."""
        if not isinstance(self.value, Mapping):
            return self.value
        sent = self.request.options
        return {name: value for name, value in self.value.items() if name not in sent or sent[name] != value}

    def table(self) -> list[Mapping[str, Any]] | None:
        """Return the records of a query of one table, also where it has none, or else `records()`."""
        queried = self._queried()
        return self.records() if queried is None else queried[0]

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

    def plot(self) -> Chart:
        """Return a chart of the answer's records: by time, if they have one, else of their first number.

        Raises:
            PackageMissing: What charts are made with is not installed.
            InvalidValue: The records have no numbers and no times.
        """
        return plotted(self)

    def _queried(self) -> tuple[list[Mapping[str, Any]], list[str]] | None:
        """Return the records for a query of one table, and the fields of the query; else `None`."""
        query = self.request.options.get("query")
        answer = self._fields.get("query", self._fields)
        if not isinstance(query, Mapping) or len(query) != 1 or not isinstance(answer, Mapping):
            return None
        ((table, fields),) = query.items()
        first = next(iter(fields), None) if isinstance(fields, list) else fields
        if not isinstance(first, Mapping) or None not in first.values():  # it asked for nothing: it wrote
            return None
        rows = answer.get(table) or []
        records = [rows] if isinstance(rows, Mapping) else rows
        return (records, list(first)) if all(isinstance(row, Mapping) for row in records) else None

    def _one_record(self) -> Mapping[str, Any]:
        """Return the one object in the answer besides `event` and `id`; else all fields."""
        rest = [value for name, value in self._fields.items() if name not in ("event", "id")]
        return rest[0] if len(rest) == 1 and isinstance(rest[0], Mapping) else self.to_dict()

    def as_shown(self) -> Response:
        """Return the response with the sent secrets masked, which a server may repeat."""
        texts = self.request.secrets()
        if not texts:
            return self
        shown = copy(self)
        shown.value = without(self.value, texts)
        shown._fields = shown.value if isinstance(shown.value, Mapping) else {"value": shown.value}
        return shown

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._fields)

    def _repr_html_(self) -> str | None:
        return None if self.renderer is None else self.renderer(self).html

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        inside = len(printer.stack) > 1
        printer.text(repr(self) if inside or self.renderer is None else self.renderer(self).text)

    def __repr__(self) -> str:
        milliseconds = f"{1000 * self.elapsed:.0f} ms"
        mark = " · sandbox" if self.sandbox else ""
        return visible_line(f"<Response {cut(self.event, 80)} · {self.status} · {milliseconds}{mark}>")


def _without_cookie(name: str, value: str) -> str:
    """Return the value of a header, with the values of cookies masked."""
    return _COOKIE.sub(rf"\1\2={HIDDEN}", value) if name.lower() in ("set-cookie", "cookie") else value


def _seconds(text: str) -> float | None:
    """Return the seconds of a `Retry-After`, which is a number or an HTTP date."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        seconds = float(text)
    else:
        from email.utils import parsedate_to_datetime  # few answers have a date

        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError, OSError):
            return None
    return max(0.0, seconds) if seconds <= _LONGEST_WAIT else None


def plotted(value: Any) -> Chart:
    """Return the chart of a response, or of a result of bulk work. Raises what `Response.plot` raises."""
    if Response.renderer is None:
        import_module("cocalc_magic").Response  # noqa: B018 - the package sets it with the first use of a name
    render = Response.renderer
    if render is None:
        raise RuntimeError("nothing renders responses")
    return render(value).chart()


def frame_of(records: Iterable[Mapping[str, Any]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return the records as a pandas DataFrame, a row each; `columns` come first, and are always there.

    Raises:
        PackageMissing: pandas is not installed.
    """
    try:
        import pandas as pd  # late: it need not be installed, and is large
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
    """Mask these texts wherever they occur in a JSON value."""

    def masked(text: str) -> str:
        for secret in texts:
            text = text.replace(secret, HIDDEN)
        return text

    return map_texts(value, masked)
