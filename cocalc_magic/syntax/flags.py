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
    """A flag: its names, what it does, and the value that follows (one of `choices`), if any."""

    names: tuple[str, ...]
    meaning: str
    value: str = ""
    choices: tuple[str, ...] = ()


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
)
