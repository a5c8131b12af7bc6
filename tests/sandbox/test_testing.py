"""The sandbox without a socket: the same answers, from the same core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.config import Server
from cocalc_magic.conformance.compare import NOT_ASKED, SAME
from cocalc_magic.conformance.exchange import Side
from cocalc_magic.conformance.recordings import MAX_RECORDED, load
from cocalc_magic.conformance.run import Replay
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox import Sandbox
from tests.sandbox.conftest import alive
from tests.sandbox.test_conformance import DEVIATIONS, RECORDED, sent_again

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
    world = RECORDED / "world.yaml"
    with Sandbox(world=world) as box, box.session() as session:
        side = Side(Server("sandbox", box.url), None, session=session, max_bytes=MAX_RECORDED)

        verdicts = sent_again(load(RECORDED / "v1.jsonl", world), Replay(side))

    differing = {case for case, verdict in verdicts.items() if verdict not in (SAME, NOT_ASKED)}
    assert differing == set(DEVIATIONS["v1.jsonl"])
