"""The stories of servers of every age, recorded and told again without a server: the same responses."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError, NoEquivalent, NotPermitted
from tests.client import test_ai_stories as ai
from tests.client.test_generations import cast, sandbox, stories

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.test_generations import Cast

pytestmark = pytest.mark.slow

TOGETHER = {"a query", "what it wrote"}  # one message with two answers, of which threads take either
NAMES = ("Sam", "Student", "Iris", "Instructor")  # in the order in which they are first recorded
NAMES_OF_SCOPED = (*NAMES[2:], *NAMES[:2])  # where nobody is searched for


def told(client: Client, about: Cast | None = None) -> dict[str, dict[str, Any]]:
    """All of each response or error that a person or a program can see, but for the time that it took."""
    found = {}
    for name, story in stories(client, about or cast(client)):
        try:
            found[name] = seen(story())
        except CoCalcError as problem:
            response = getattr(problem, "response", None)
            found[name] = {
                "kind": type(problem),
                "text": str(problem),
                **{
                    part: getattr(problem, part, None)
                    for part in ("server_text", "exit_code", "stdout", "stderr")
                },
                "response": None if response is None else seen(response),
            }
    return found


def seen(response: Any) -> dict[str, Any]:
    parts = ("value", "status", "reason", "ok", "server", "address", "sandbox", "route", "lost", "event")
    return {
        **{part: getattr(response, part) for part in parts},
        "sent": [(request.event, _without_ids(request.options)) for request in response.sent],
        "options": _without_ids(response.request.options),
        "headers": {
            name: text.partition(";")[0]
            for name, text in response.headers.items()
            if name
            not in ("Server", "Date", "Content-Length", "Content-Encoding", "Vary", "Etag", "Connection")
        },
    }


def _without_ids(value: Any) -> Any:
    """An id that is made up for each message is another one each time."""
    if isinstance(value, dict):
        return {name: _without_ids(inner) for name, inner in value.items() if name != "id"}
    return value


def as_recorded(value: Any, names: tuple[str, ...] = NAMES) -> Any:
    """A value with the names of people in place of their stand-ins, and without ids that were made up."""
    if isinstance(value, dict):
        return {
            as_recorded(name, names): as_recorded(inner, names)
            for name, inner in value.items()
            if name != "id" or inner == "i"
        }
    if isinstance(value, list | tuple):
        return [as_recorded(inner, names) for inner in value]
    if isinstance(value, str):
        return re.sub(r"Person([1-4])", lambda match: names[int(match[1]) - 1], value)
    return value


@pytest.mark.parametrize("generation", ["v1", "v1+v2", "v2", "conat"])
def test_the_same_stories_are_told_without_a_server(tmp_path: Path, generation: str) -> None:
    path = tmp_path / "stories.jsonl"
    with sandbox(generation) as client, client.recording(path):
        real = told(client)

    with Client.of_recording(path) as client:
        replayed = told(client)
        assert len(replayed) == 30
        for name, outcome in real.items():
            assert as_recorded(replayed[name]) == as_recorded(outcome), name
    with Client.of_recording(path, strict=True) as client:
        assert as_recorded(told(client)) == as_recorded(replayed)
    with Client.of_recording(path) as client, ThreadPoolExecutor(32) as pool:
        for outcomes in pool.map(lambda _: told(client), range(32)):
            for name in outcomes.keys() - TOGETHER:
                assert as_recorded(outcomes[name]) == as_recorded(replayed[name]), name


def test_those_of_scoped_keys_are_told_without_a_server_and_without_a_key(tmp_path: Path) -> None:
    """About projects that are there, since a key may use none that it makes."""
    path, world = tmp_path / "stories.jsonl", tmp_path / "world.yaml"
    world.write_text(yaml.safe_dump(ai.world()))
    with sandbox("ai", "--world", str(world)) as owner:
        with Client(owner.server.url, ai.key()) as client, client.recording(path):
            real = told(client, ai.ABOUT)
        with Client(owner.server.url, ai.key("project:exec")) as client, client.recording(tmp_path / "less"):
            less = told(client, ai.ABOUT)

    assert {
        name for name, outcome in real.items() if outcome.get("kind") in (NotPermitted, NoEquivalent)
    } == set(ai.PEOPLE_DO_IT)
    assert ai.key() not in path.read_text()
    for recorded, outcomes in ((path, real), (tmp_path / "less", less)):
        for strict in (False, True):
            with Client.of_recording(recorded, strict=strict) as client:
                assert client.router.generations() == {"ai"}
                replayed = as_recorded(told(client, ai.ABOUT), NAMES_OF_SCOPED)
                assert replayed == as_recorded(outcomes)


def test_what_32_threads_did_is_done_again_by_32_threads(tmp_path: Path) -> None:
    path = tmp_path / "class.jsonl"

    def student(client: Client, number: int) -> list[Any]:
        project = client.create_project(title=f"Student {number}", id="i")
        options = {"project_id": project["project_id"], "id": "i"}
        written = client.write_text_file_to_project(path="a.txt", content=f"of {number}\n", **options)
        read = client.project_exec(command="cat a.txt", bash=True, **options)
        return [response.value for response in (project, written, read)]

    with sandbox("conat") as client, client.recording(path), ThreadPoolExecutor(32) as pool:
        real = list(pool.map(lambda number: student(client, number), range(32)))

    with Client.of_recording(path) as client, ThreadPoolExecutor(32) as pool:
        assert list(pool.map(lambda number: student(client, number), range(32))) == real
