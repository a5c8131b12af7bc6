"""What of `query` a key can do on cocalc.ai: the own account, the list of projects, a new title.

A person who is signed in has all of it.
"""

from __future__ import annotations

from typing import Any

from cocalc_magic.client.wire.translate.accounts import result
from cocalc_magic.client.wire.translate.steps import Ask, Options, Steps, many, via

_ACCOUNT = frozenset({"account_id", "first_name", "last_name", "display_name", "email_address"})
_PROJECT = frozenset({"project_id", "title", "description"})
_PROJECTS = ("projects", "projects_all")
_ALL = 10_000  # projects; servers list 50 unless they are told how many
_TAKES = "query options multi_response"


def _part(options: Options) -> tuple[str, Any]:
    """Return the table of a query and what it says of it; nothing where it is not of one table."""
    query = options.get("query")
    return next(iter(query.items())) if isinstance(query, dict) and len(query) == 1 else ("", None)


def _row(part: Any) -> dict[str, Any]:
    """Return the one row of a part, which stands in a list where many are asked for."""
    row = part[0] if isinstance(part, list) and len(part) == 1 else part
    return row if isinstance(row, dict) else {}


def _of_account(options: Options) -> bool:
    table, part = _part(options)
    row = _row(part)
    reads = bool(row) and not any(value is not None for value in row.values())
    return table == "accounts" and reads and row.keys() <= _ACCOUNT and not options.get("options")


def _lists(options: Options) -> bool:
    table, part = _part(options)
    row = _row(part)
    known = bool(row) and row.keys() <= _PROJECT
    values = all(value is None or isinstance(value, str) for value in row.values())
    return table in _PROJECTS and isinstance(part, list) and known and values and _orders(options)


def _orders(options: Options) -> bool:
    """Return whether the options of a query say no more than the order and a limit."""
    return all(
        (name == "limit" and isinstance(value, int) and value >= 0)
        or (name == "order_by" and str(value).removeprefix("-") in _PROJECT)
        for name, value in _settings(options).items()
    )


def _settings(options: Options) -> dict[str, Any]:
    settings = options.get("options") or ()
    return {name: value for setting in settings for name, value in setting.items()}


def _renames(options: Options) -> bool:
    table, row = _part(options)
    if table != "projects" or not isinstance(row, dict) or not isinstance(row.get("project_id"), str):
        return False
    # An empty text is ignored there.
    new = {name: value for name, value in row.items() if name != "project_id"}
    texts = all(isinstance(value, str) and value for value in new.values())
    return bool(new) and new.keys() <= _PROJECT and texts and not options.get("options")


def _account(options: Options) -> Steps:
    table, part = _part(options)
    value = yield Ask("accounts/profile")
    profile = value["profile"]
    row = {name: profile.get(name) for name in _row(part)}
    return result({table: [row] if isinstance(part, list) else row}, options)


def _list(options: Options) -> Steps:
    table, part = _part(options)
    wanted, settings = _row(part), _settings(options)
    listed = yield Ask("projects/get", {"limit": _ALL})
    rows = [
        {name: project.get(name) for name in wanted}
        for project in listed
        if all(value in (None, project.get(name)) for name, value in wanted.items())
    ]
    order = str(settings.get("order_by", ""))
    if order:
        rows.sort(key=lambda row: str(row.get(order.removeprefix("-")) or ""), reverse=order[0] == "-")
    return result({table: rows[: settings.get("limit")]}, options)


def _rename(options: Options) -> Steps:
    _, row = _part(options)
    yield Ask("projects/update", row)
    return result({}, options)


ROUTES = (
    many("accounts/profile", _TAKES, _account, fits=_of_account),
    many("projects/get", _TAKES, _list, lost="projects that are deleted or hidden are left out", fits=_lists),
    many("projects/update", _TAKES, _rename, fits=_renames),
    via(
        "/user-query",
        "query multi_response",
        lambda value, options: result(value.get("query"), options),
        fits=lambda options: not options.get("options"),
    ),
)
