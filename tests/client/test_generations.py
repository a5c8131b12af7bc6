"""The same stories told to servers of every age, real sandboxes all: the same responses come back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError, CommandFailed, MessageFailed, NoEquivalent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

Told: TypeAlias = dict[str, dict[str, Any]]
WITHOUT_CONAT = {"a query with options", "an invitation", "a report"}
SPOKEN = {"v1+v2": {"v1", "v2"}, "v2": {"v2"}, "conat": {"v2", "conat"}}
TELLS_LESS = {"ping": {"now"}}  # without conat


class Cast(NamedTuple):
    """Whom and what the stories are about."""

    first: str
    second: str
    me: str
    sam: str


@contextmanager
def sandbox(generation: str, *arguments: str) -> Iterator[Client]:
    command = [
        sys.executable,
        "-m",
        "cocalc_magic.sandbox",
        "--port",
        "0",
        "--generation",
        generation,
        "--child",
        *arguments,
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        said = json.loads(process.stdout.readline())
        with Client(said["url"], said["key"]) as client:
            yield client
        process.stdin.close()


def cast(client: Client) -> Cast:
    first, second = (client.create_project(title=title)["project_id"] for title in ("One", "Two"))
    me = client.query(query={"accounts": {"account_id": None}})["query"]["accounts"]["account_id"]
    sam = next(row["account_id"] for row in client.user_search(query="sam")["results"])
    return Cast(first, second, me, sam)


def stories(client: Client, about: Cast) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Names and what to do, one after the other on one server."""
    first, second, me, sam = about
    bash: dict[str, Any] = {"project_id": first, "bash": True, "id": "i"}
    all_of_mine = {"projects_all": [{"project_id": None, "title": None}]}
    yield "ping", lambda: client.ping(id="i")
    yield "a project", lambda: client.create_project(title="T", description="d", id="i")
    yield "a command", lambda: client.project_exec(command="echo hi; echo no >&2", **bash)
    yield "its exit code", lambda: client.project_exec(command="exit 3", err_on_exit=False, **bash)
    yield "its failure", lambda: client.project_exec(command="exit 3", **bash)
    yield "its time limit", lambda: client.project_exec(command="sleep 9", timeout=1, **bash)
    yield "a long one", lambda: client.project_exec(command="sleep 1; echo done", timeout=200, **bash)
    yield "a long one that fails", lambda: client.project_exec(command="exit 4", timeout=200, **bash)
    yield "arguments", lambda: client.project_exec(project_id=first, command="echo", args=["a b", "$HOME"])
    yield "a cut output", lambda: client.project_exec(command="seq 1000", max_output=10, **bash)
    yield (
        "a file",
        lambda: client.write_text_file_to_project(project_id=first, path="a/b", content="Σ\n", id="i"),
    )
    yield "its text", lambda: client.read_text_file_from_project(project_id=first, path="a/b", id="i")
    yield "a file that is none", lambda: client.read_text_file_from_project(project_id=first, path="nope")
    yield "a touch", lambda: client.touch_project(project_id=first, id="i")
    yield "a query", lambda: client.query(query={"projects_all": [{"project_id": first, "title": None}]})
    yield (
        "a query with options",
        lambda: client.query(query=all_of_mine, options=[{"limit": 1}, {"order_by": "title"}]),
    )
    yield "a write", lambda: client.query(query={"projects": {"project_id": first, "title": "New"}})
    yield (
        "what it wrote",
        lambda: client.query(query={"projects_all": [{"project_id": first, "title": None}]}),
    )
    yield "a table that is none", lambda: client.query(query={"nosuch": {"x": None}})
    yield "a search", lambda: client.user_search(query="sam", limit=5, id="i")
    yield "names", lambda: client.get_usernames(account_ids=[me, sam], id="i")
    yield "somebody joins", lambda: client.add_collaborator(project_id=first, account_id=sam, id="i")
    yield "and leaves", lambda: client.remove_collaborator(project_id=first, account_id=sam, id="i")
    yield "an invitation", lambda: client.invite_collaborator(project_id=first, account_id=sam, id="i")
    yield (
        "a copy",
        lambda: client.copy_path_between_projects(
            src_project_id=first, src_path="a", target_project_id=second, wait_until_done=True, id="i"
        ),
    )
    yield "the copy", lambda: client.read_text_file_from_project(project_id=second, path="a/b", id="i")
    yield "kernels", lambda: client.jupyter_kernels(project_id=first, id="i")
    yield "code", lambda: client.jupyter_execute(project_id=first, kernel="python3", input="sum(range(100))")
    yield "a report", lambda: client.log_client_error(error="x", id="i")
    yield (
        "a wrong password",
        lambda: client.change_password(
            account_id=me, old_password="nope-nope", new_password="Zx9-quasar-Limerick"
        ),
    )


def told(client: Client, about: Cast | None = None) -> Told:
    """What came of each story, ids, moments and folders made alike."""
    found: Told = {}
    for name, story in stories(client, about or cast(client)):
        try:
            outcome = dict(story())
            outcome.pop("note", None)  # a sentence for people
        except CoCalcError as problem:
            outcome = {
                "failed": type(problem).__name__,
                "words": getattr(problem, "server_text", problem.problem),
            }
        found[name] = json.loads(_alike(json.dumps(outcome)))
    return found


def _alike(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "MOMENT", text)
    return re.sub(r'"(created|total_time_s)": [\d.]+', r'"\1": 0', text)


@pytest.fixture(scope="session")
def first_api() -> Told:
    with sandbox("v1") as client:
        return told(client)


@pytest.mark.parametrize("generation", ["v1+v2", "v2", "conat"])
def test_a_server_of_any_age_answers_as_the_first(first_api: Told, generation: str) -> None:
    with sandbox(generation) as client:
        today = told(client)
        assert client.router.generations() == SPOKEN[generation]
        assert bool(client.ping().route) == ("v1" not in SPOKEN[generation])

    for name, before in first_api.items():
        now = today[name]
        if generation == "v2" and name in WITHOUT_CONAT:
            assert now["failed"] == NoEquivalent.__name__, name
        elif "failed" in before:
            assert now["failed"] == before["failed"], name
            assert now["failed"] in (MessageFailed.__name__, CommandFailed.__name__), name
        else:
            less = TELLS_LESS.get(name, set()) if generation == "v2" else set()
            assert now == {field: value for field, value in before.items() if field not in less}, name
    assert len(first_api) == 30


def test_the_words_of_failed_commands_begin_as_they_always_did(first_api: Told) -> None:
    with sandbox("conat") as client:
        today = told(client)

    for name in ("its failure", "its time limit", "a long one that fails"):
        start, _, _ = first_api[name]["words"].partition(" -- ")
        assert today[name]["words"].startswith(f"{start} -- "), name
