"""The sandbox without a socket: the same answers, from the same core."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox import Sandbox
from tests.sandbox.conftest import alive
from tests.sandbox.test_conformance import DEVIATIONS, RECORDED, load, recorded, sent_again

if TYPE_CHECKING:
    from pathlib import Path


def test_a_client_talks_to_it_as_to_any_server() -> None:
    with Sandbox() as box, Client(box.url, box.key, session=box.session()) as client:
        project = client.create_project(title="x")
        output = client.project_exec(project_id=project["project_id"], command="echo hi")

        assert client.ping().sandbox
        assert output["stdout"] == "hi\n"
        with pytest.raises(CoCalcError, match="ended with exit code 1"):
            client.project_exec(project_id=project["project_id"], command="false")


def test_two_of_them_know_nothing_of_each_other(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "one", empty=True) as one, Sandbox(empty=True) as two:
        Client(one.url, one.key, session=one.session()).create_project(title="mine")

        found = Client(two.url, two.key, session=two.session()).query(query={"projects": [{"title": None}]})

    assert found["query"] == {"projects": []}
    with Sandbox(tmp_path / "one") as again:
        kept = Client(again.url, again.key, session=again.session()).query(
            query={"projects": [{"title": None}]}
        )
    assert kept["query"] == {"projects": [{"title": "mine"}]}


def test_its_commands_end_with_it() -> None:
    with Sandbox() as box, Client(box.url, box.key, session=box.session()) as client:
        project = client.create_project()
        output = client.project_exec(
            project_id=project["project_id"], command="sleep 100 >/dev/null 2>&1 & echo $!", bash=True
        )

    assert not alive(int(output["stdout"]))


def test_a_body_over_the_limit_is_refused_as_by_the_server() -> None:
    with Sandbox() as box, box.session() as session:
        reply = session.post(f"{box.url}/api/v1/ping", json={"id": "x" * 200_000}, timeout=5)

    assert reply.status_code == 413


@pytest.mark.slow
def test_every_recorded_case_is_answered_as_behind_http() -> None:
    """All but one whose path `requests` writes otherwise before it is sent."""
    replay: Any = load(RECORDED / "replay.py")
    with Sandbox(world=RECORDED / "world.yaml") as box, box.session() as session:

        def send(_: str, case: Any, headers: Any, data: bytes, timeout: float) -> tuple[int, Any]:
            url = box.url + case["request"]["path"]
            reply = session.request(
                case["request"]["method"], url, headers=headers, data=data, timeout=timeout
            )
            text = reply.content.decode("utf-8", "replace")
            try:
                return reply.status_code, json.loads(text)
            except ValueError:
                return reply.status_code, text

        replay.send = send  # the tool's own door to a server
        verdicts = sent_again(replay, recorded("v1.jsonl"), box.url, RECORDED / "world.yaml")

    differing = {case for case, verdict in verdicts.items() if verdict in ("shape", "different")}
    assert differing == {*DEVIATIONS["v1.jsonl"], "path-encoded"}
