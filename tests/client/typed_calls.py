"""Calls as type checkers see them; nothing runs them.

`mypy` of `./check` accepts what has no mark. Where a mark stands, it would say so if there were nothing to
ignore: each of these lines is refused, for the name behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from cocalc_magic import Client, Response


def right(client: Client) -> None:
    project: Response = client.create_project(title="x", start=True)
    client.project_exec(project_id=UUID(project["project_id"]), command="ls", args=["-l"], timeout=9)
    client.query(query={"projects": [{"title": None}]})


def wrong(client: Client) -> None:
    client.create_project(titel="x")  # type: ignore[call-arg]  # titel
    client.create_project(title=7)  # type: ignore[arg-type]  # title
    client.create_projekt(title="x")  # type: ignore[attr-defined]  # create_projekt
    client.project_exec(command="ls")  # type: ignore[call-arg]  # project_id
