"""What `--each` takes, as rows: a DataFrame, dicts, a file, the table of a response, another bulk result.

Files are read row by row, each time from their beginning, so that their size does not matter.
"""

from __future__ import annotations

import stat
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk import csv_file, json_lines
from cocalc_magic.bulk.rows import Row
from cocalc_magic.errors import InvalidValue, did_you_mean
from cocalc_magic.response import Response
from cocalc_magic.sanitize import cut, visible_line
from cocalc_magic.syntax.files import split_encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Values = Mapping[str, Any]

_READERS: dict[str, Callable[[Path, str], Iterator[Values]]] = {
    ".csv": csv_file.read,
    ".tsv": csv_file.read,
    ".txt": csv_file.read,
    ".jsonl": json_lines.read,
    ".ndjson": json_lines.read,
    ".json": json_lines.read_array,
}
_SPREADSHEETS = (".xlsx", ".xls", ".ods", ".parquet", ".feather")
_NAMES = (  # columns that hold what a person calls a row, the best first
    "name", "full_name", "student", "student_name", "display_name", "title", "email", "email_address", "mail",
    "login", "username", "user", "path", "project_id", "id",
)  # fmt: skip
_MAX_NAME = 60  # characters
_MISSING = frozenset({"NAType", "NaTType"})  # of pandas


class Data(ABC):
    """Rows that can be gone through again and again; `name` is what a person calls all of them."""

    name: str
    left_out = 0
    """Rows that are not among them since they failed in the result that this is."""

    def __init__(self) -> None:
        self._naming: tuple[str, ...] | None = None

    def __iter__(self) -> Iterator[Row]:
        return (Row(number, values, self._name_of(number, values)) for number, values in self._numbered())

    @property
    def count(self) -> int:
        """The number of rows; goes through a file."""
        return sum(1 for _ in self.values())

    @abstractmethod
    def values(self) -> Iterable[Values]:
        """Return the values of the rows, in order."""

    def _numbered(self) -> Iterator[tuple[int, Values]]:
        return enumerate(self.values(), 1)

    def _name_of(self, number: int, values: Values) -> str:
        """Return what a person calls a row, by columns that the first row decides on."""
        if self._naming is None:
            self._naming = _naming(values)
        words = " ".join(str(values[name]) for name in self._naming if values.get(name) not in (None, ""))
        return cut(visible_line(words), _MAX_NAME) or f"row {number}"


class _Table(Data):
    """Rows in memory."""

    def __init__(
        self, name: str, rows: Callable[[], Iterable[Values]], count: int, left_out: int = 0
    ) -> None:
        super().__init__()
        self.name, self._rows, self._count, self.left_out = name, rows, count, left_out

    @property
    def count(self) -> int:
        return self._count

    def values(self) -> Iterable[Values]:
        return self._rows()


class _File(Data):
    """Rows of a file."""

    def __init__(self, path: Path, encoding: str, read: Callable[[Path, str], Iterator[Values]]) -> None:
        super().__init__()
        self.name, self._path, self._encoding, self._read = str(path), path, encoding, read

    def values(self) -> Iterator[Values]:
        return self._read(self._path, self._encoding)


def rows_of(value: Any) -> Data:
    """Return the rows that a value holds.

    Args:
        value: A DataFrame of pandas or polars, a table of Arrow, a list of dicts, the name of a CSV or
            JSON-lines file (`students.csv`, `students.csv:latin-1`), a response with one table, or a result
            of bulk work, of which the rows that failed are left out.

    Raises:
        InvalidValue: It holds none.
    """
    if isinstance(value, str | PathLike):
        return _file(fspath(value))
    if isinstance(value, Response):
        return _of_response(value)
    if hasattr(value, "columns") and any(hasattr(value, name) for name in _ROWS_OF_FRAMES):
        return _of_frame(value)
    if hasattr(value, "rows_for_each"):
        return _Table("a bulk result", value.rows_for_each, len(value.ok), len(value) - len(value.ok))
    if isinstance(value, Iterable) and not isinstance(value, Mapping | set | frozenset | bytes):
        return _of_list(list(value))
    raise _no_rows(value)


def _of_list(rows: list[Any]) -> Data:
    for number, row in enumerate(rows, 1):
        _checked(number, row)
    return _Table(f"{len(rows):,} rows", lambda: rows, len(rows))


def _checked(number: int, row: Any) -> Values:
    if isinstance(row, Mapping):
        return row
    raise InvalidValue(
        f"row {number} is a {type(row).__name__}, not a dict of columns.",
        "Give each one a name: --each ${[{'name': name} for name in names]}",
    )


def _of_response(response: Response) -> Data:
    table = response.table()
    if table is None:
        raise InvalidValue(
            f"the response {response.event} is not one table.",
            "Give one list of it: --each ${res['results']}",
        )
    return _Table(f"the response {response.event}", lambda: table, len(table))


def _of_frame(frame: Any) -> Data:
    names = [str(name) for name in getattr(frame, "column_names", frame.columns)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidValue(f"the DataFrame has two columns {twice!r}.", "Rename one of them.")

    def rows() -> Iterator[Values]:
        return (dict(zip(names, map(_present, row), strict=True)) for row in tuples(frame))

    tuples = next(read for name, read in _ROWS_OF_FRAMES.items() if hasattr(frame, name))
    return _Table("the DataFrame", rows, len(frame))


def _of_arrow(table: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table of Arrow, of which some at a time become Python's."""
    batches = table.to_batches(max_chunksize=1_000)
    return chain.from_iterable(
        zip(*(column.to_pylist() for column in batch.columns), strict=True) for batch in batches
    )


_ROWS_OF_FRAMES: dict[str, Callable[[Any], Iterable[tuple[Any, ...]]]] = {  # by what each kind alone has
    "itertuples": lambda frame: frame.itertuples(index=False, name=None),  # pandas
    "iter_rows": lambda frame: frame.iter_rows(),  # polars
    "to_batches": _of_arrow,
}


def _present(value: Any) -> Any:
    """Return a value of a DataFrame; `None` where it is missing."""
    if type(value).__name__ in _MISSING or (isinstance(value, float) and value != value):
        return None
    return value


def _file(name: str) -> Data:
    path, encoding = split_encoding(name)
    read = _READERS.get(path.suffix.lower())
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidValue(f"{path} is not a file.")
    except (OSError, ValueError) as problem:
        near = did_you_mean(path.name, _data_files(path.parent))
        reason = getattr(problem, "strerror", None) or problem
        raise InvalidValue(
            f"{path} can't be read: {reason}.",
            near or f"Files are looked for in {Path.cwd()}.",
            "A value of the notebook is --each $name",
        ) from None
    if read is None:
        raise InvalidValue(
            f"{path} is neither CSV (.csv, .tsv) nor JSON lines (.jsonl).",
            f"As a DataFrame: --each ${{pandas.read_{_reader(path)}({str(path)!r})}}"
            if path.suffix.lower() in _SPREADSHEETS
            else "Rename it if it is.",
        )
    return _File(path, encoding, read)


def _data_files(folder: Path) -> list[str]:
    try:
        return [path.name for path in islice(folder.iterdir(), 1_000) if path.suffix.lower() in _READERS]
    except OSError:
        return []


def _reader(path: Path) -> str:
    return path.suffix[1:] if path.suffix in (".parquet", ".feather") else "excel"


def _no_rows(value: Any) -> InvalidValue:
    return InvalidValue(
        f"a {type(value).__name__} has no rows.",
        "--each takes a DataFrame, a list of dicts, a CSV or JSON-lines file, a response or a bulk result.",
    )


def _naming(values: Values) -> tuple[str, ...]:
    """Return the columns that say what a person calls a row: a known one, or the first with a text."""
    known = {_plain(name): name for name in values}
    for name in _NAMES:
        if name in known:
            return (known[name],)
        if name == "student_name" and "first_name" in known and "last_name" in known:
            return (known["first_name"], known["last_name"])
    texts: Sequence[str] = [name for name, value in values.items() if isinstance(value, str) and value]
    return tuple(texts[:1])


def _plain(name: str) -> str:
    return str(name).strip().lower().replace(" ", "_").replace("-", "_")
