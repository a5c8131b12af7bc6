"""Exactly once on servers of every generation: what had no answer is looked up there as well."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client, config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLASS = [{"name": name} for name in ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay")]
PATHS = {"v1": "create_project", "v2": "projects/create", "conat": "hub", "v1+v2": "create_project"}


@pytest.fixture(params=PATHS)
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A sandbox that speaks one generation, a client, and the path that projects are made at."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)
    box = config.EmbeddedSandbox()
    yield Client(*box.start(f"--generation={request.param}")), PATHS[request.param]
    box.stop()


def titles(client: Client) -> Counter[str]:
    query = {"projects_all": [{"project_id": None, "title": None}]}
    rows = client.send("query", query=query)["query"]["projects_all"]
    return Counter(row["title"] for row in rows if row["title"] != "Statistics 101")


def test_projects_are_made_once_where_answers_are_lost(server: tuple[Client, str]) -> None:
    client, path = server
    client.ping()
    client.control("fault", event=path, drop=True, after=True, every=3, times=3)
    client.control("fault", event=path, drop=True, every=4, times=2)

    made = client.map("create_project", CLASS, title="${row.name}")
    again = client.map("create_project", CLASS, title="${row.name}")

    assert (made.summary, again.summary) == ("6 sent", "6 done before")
    assert titles(client) == Counter(row["name"] for row in CLASS)
    assert [row["project_id"] for row in made] == [row["project_id"] for row in again]
    assert all(isinstance(row["project_id"], str) for row in made)


@pytest.mark.parametrize(
    ("generation", "event", "path"),
    [("v2", "projects/create", "projects/create"), ("conat", "projects.createProject", "hub")],
)
def test_messages_of_today_are_looked_up_too(
    generation: str, event: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)
    box = config.EmbeddedSandbox()
    client = Client(*box.start(f"--generation={generation}"))
    client.control("fault", event=path, drop=True, after=True, every=2, times=3)

    made = client.map(event, CLASS, title="${row.name}")

    assert made.summary == "6 sent"
    assert titles(client) == Counter(row["name"] for row in CLASS)
    assert all(len(row.get("project_id") or row["value"]) == 36 for row in made)
    box.stop()
