"""Executors: workers in other processes send, each with a key of its own; no key travels to them."""

from __future__ import annotations

import os
import pickle
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client, config
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.client.workers import WorkerSend
from cocalc_magic.errors import KeyRequired
from cocalc_magic.sanitize.secret_forms import find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from cocalc_magic.bulk.outcome import Progress
    from cocalc_magic.config.secret import Secret

ROWS = [{"name": name} for name in ("Ada", "Ben", "Cleo", "Dora")]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[config.Server, Secret]]:
    """A sandbox in a process of its own, which this process has no key for but the one that is given."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    box = config.EmbeddedSandbox()
    yield box.start()
    box.stop()


def titles(client: Client) -> list[str]:
    query = {"projects_all": [{"project_id": None, "title": None}]}
    rows = client.send("query", query=query)["query"]["projects_all"]
    return sorted(row["title"] for row in rows if row["title"] != "Statistics 101")


def pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


def test_processes_send_with_the_key_of_their_environment(
    lab: tuple[config.Server, Secret], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, key = lab
    monkeypatch.setenv("COCALC_HOST", server.url)
    monkeypatch.setenv("COCALC_API_KEY", key.reveal())
    client = Client(server.url, key)
    client.control("fault", event="create_project", drop=True, after=True)
    with pool() as workers:
        made = client.map("create_project", ROWS, executor=workers, jobs=2, title="${row.name}")
        again = client.map("create_project", ROWS, executor=workers, jobs=2, title="${row.name}")

    assert (made.summary, again.summary) == ("4 sent", "4 done before")
    assert titles(client) == ["Ada", "Ben", "Cleo", "Dora"]


def test_a_worker_without_a_key_is_told_before_the_first_message(
    lab: tuple[config.Server, Secret], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, key = lab
    client = Client(server.url, key)
    with pool() as workers, pytest.raises(KeyRequired) as told:
        client.map("create_project", ROWS, executor=workers, jobs=2, title="${row.name}")

    assert "a worker can't send: there is no key for" in str(told.value)
    assert f"Set COCALC_HOST={server.url} and COCALC_API_KEY where the workers start" in str(told.value)
    assert titles(client) == []


def test_a_worker_with_the_key_of_somebody_else_is_told_before_the_first_message(
    lab: tuple[config.Server, Secret], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, key = lab
    client = Client(server.url, key)
    project_key = client.send(
        "/api-keys", action="create", name="of a project", project_id=titles_and_ids(client)["Statistics 101"]
    )
    monkeypatch.setenv("COCALC_HOST", server.url)
    monkeypatch.setenv("COCALC_API_KEY", key_in(project_key.to_dict()))
    with pool() as workers, pytest.raises(KeyRequired, match="a worker has the key of another account"):
        client.map("create_project", ROWS, executor=workers, jobs=2, title="${row.name}")
    assert titles(client) == []


def titles_and_ids(client: Client) -> dict[str, str]:
    query = {"projects_all": [{"project_id": None, "title": None}]}
    rows = client.send("query", query=query)["query"]["projects_all"]
    return {row["title"]: row["project_id"] for row in rows}


def key_in(value: Any) -> str:
    (span, *_) = find_secrets(str(value))
    return str(value)[span.start : span.end]


def test_what_travels_to_a_worker_holds_no_key_and_no_other_columns() -> None:
    message = RowMessage(Row(1, {"password": "of-ada"}, "Ada"), "create_project", {"title": "Ada's"})

    travels = pickle.dumps((WorkerSend("https://cocalc.example.edu", 60), message.bare()))

    assert find_secrets(travels.decode("latin-1")) == []
    assert b"of-ada" not in travels
    assert b"Ada's" in travels


@pytest.fixture
def cluster(
    lab: tuple[config.Server, Secret], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Client, Executor, Any]]:
    """A cluster of Dask with two workers in processes of their own, on this machine."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed")
    server, key = lab
    monkeypatch.setenv("COCALC_HOST", server.url)
    monkeypatch.setenv("COCALC_API_KEY", key.reveal())
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=4, processes=True, dashboard_address=None
        ) as started,
        distributed.Client(started) as dask,
    ):
        yield Client(server.url, key), dask.get_executor(), started


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_dask_sends_each_message_once(cluster: tuple[Client, Executor, Any]) -> None:
    client, workers, _ = cluster
    client.control("fault", event="create_project", drop=True, after=True)
    client.control("fault", event="create_project", drop=True, after=False)

    made = client.map("create_project", ROWS, executor=workers, title="${row.name}")
    again = client.map("create_project", ROWS, executor=workers, title="${row.name}")

    assert (made.summary, again.summary) == ("4 sent", "4 done before")
    assert titles(client) == ["Ada", "Ben", "Cleo", "Dora"]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_what_a_lost_worker_of_dask_had_begun_is_not_sent_by_another(
    cluster: tuple[Client, Executor, Any],
) -> None:
    """Dask gives the tasks of a lost worker to the others; the message of one may have been carried out."""
    client, workers, started = cluster
    client.control("fault", event="create_project", latency=1.0, times=4)  # made at once, answered late

    def kill_one(progress: Progress) -> None:
        if progress.phase == "sending" and len(titles(client)) == 4 and not killed:
            killed.append(next(iter(started.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    made = client.map("create_project", ROWS, executor=workers, title="${row.name}", on_progress=kill_one)

    assert killed
    assert made.summary == "4 sent"
    assert titles(client) == ["Ada", "Ben", "Cleo", "Dora"]
