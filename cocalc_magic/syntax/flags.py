"""The flags of a message, as data."""

from __future__ import annotations

from typing import NamedTuple

SHELL_VIEWS = (
    "widgets",
    "html",
    "text",
    "bundle",
)  # which a shell can be configured to show all responses in
VIEWS = ("auto", "json", "table", "raw", *SHELL_VIEWS)
FORMS = ("curl", "httpie", "python", "requests", "http", "message")


class Flag(NamedTuple):
    """A flag: its names, what it does, and the value that follows (one of `choices`), if any.

    The value of one that `keeps` is a Python value, such as a DataFrame; of others it is a text. One that is
    `bulk` goes with `--each`.
    """

    names: tuple[str, ...]
    meaning: str
    value: str = ""
    choices: tuple[str, ...] = ()
    keeps: bool = False
    bulk: bool = False

    @property
    def key(self) -> str:
        """The name that its value has among the flags of a message."""
        return self.names[0].lstrip("-")


FLAGS = (
    Flag(("--out", "-o"), "store the response under this name", "NAME"),
    Flag(("--quiet",), "return the response and show nothing"),
    Flag(("--as",), f"show it as {', '.join(VIEWS[:-1])} or {VIEWS[-1]}", "VIEW", VIEWS),
    Flag(
        ("--show",),
        f"send nothing; give it as {', '.join(FORMS[:-1])} or {FORMS[-1]}",
        "FORM",
        FORMS,
    ),
    Flag(("--form",), "send key-value pairs in place of JSON"),
    Flag(("--server",), "send it to this server: sandbox, or an address", "SERVER"),
    Flag(("--timeout",), "wait at most so many seconds", "SECONDS"),
    Flag(("--no-raise",), "return a failed response instead of raising"),
    Flag(("--yes",), "send it although it spends, deletes or writes to people"),
    Flag(
        ("--each",),
        "send one message a row: of a DataFrame, dicts, a CSV or JSON-lines file, a response, a bulk result",
        "DATA",
        keeps=True,
        bulk=True,
    ),
    Flag(("--key",), "tell rows apart by this column, not by what they send", "COLUMN", bulk=True),
    Flag(("--jobs",), "send at most so many at once (8)", "N", bulk=True),
    Flag(("--first",), "send the first rows only; without it, the rest follows", "N", bulk=True),
    Flag(
        ("--where",), "send the rows for which this Python is true: 'row.group == \"A\"'", "CODE", bulk=True
    ),
    Flag(("--dry-run",), "send nothing; show how many there are, and the first three", bulk=True),
    Flag(("--again",), "send all rows anew, also those that are done", bulk=True),
    Flag(("--max-fail",), "stop after so many failures, or this share of the rows (5%)", "N|P%", bulk=True),
    Flag(
        ("--max-delete",),
        "remove up to so many, or this share of the rows (5% by default)",
        "N|P%",
        bulk=True,
    ),
    Flag(("--background",), "return at once with a job that goes on; %cocalc jobs lists them", bulk=True),
    Flag(
        ("--executor",),
        "send on this concurrent.futures.Executor, such as Dask's",
        "EXECUTOR",
        keeps=True,
        bulk=True,
    ),
)
