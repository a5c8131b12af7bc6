"""The official client, the package `cocalc-api`, against the sandbox, as it comes."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError
from tests.sandbox.conftest import Running, Start, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

WORLD = Path(__file__).resolve().parents[2] / "conformance" / "world-modern.yaml"
ADMIN = "sk-Admin00000000000000004"
INSTALLED = importlib.util.find_spec("cocalc_api") is not None
needs_it = pytest.mark.skipif(not INSTALLED, reason="it is not installed; type pip install cocalc-api")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A sandbox with a site administrator."""
    one = start("--world", str(WORLD))
    yield one
    stop(one)


@pytest.fixture
def client(running: Running) -> Iterator[Client]:
    with Client(running.url, ADMIN) as one:
        yield one


@pytest.fixture
def hub(client: Client) -> Iterator[Any]:
    made = client.to_cocalc_api()
    yield made
    made.client.close()


@pytest.fixture
def project(client: Client, hub: Any) -> Iterator[Any]:
    project_id = hub.projects.create_project(title="From the official client")
    made = client.to_cocalc_api(project_id)
    yield made
    made.client.close()


@pytest.mark.skipif(INSTALLED, reason="the package is installed")
def test_without_the_package_it_is_said_how_to_get_it(client: Client) -> None:
    with pytest.raises(CoCalcError, match="cocalc-api is not installed") as failed:
        client.to_cocalc_api()

    assert "pip install cocalc-api" in str(failed.value)


@needs_it
def test_it_speaks_for_the_clients_key_to_the_clients_server(running: Running, hub: Any) -> None:
    assert hub.host == running.url
    assert hub.system.ping()["now"] > 0
    assert hub.system.test()["account_id"] == "8d8d02f5-c354-41ea-84f8-918e0c454150"
    assert ADMIN not in repr(hub)


@needs_it
def test_no_proxy_of_the_environment_gets_to_see_the_key(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody answers there
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    hub = client.to_cocalc_api()

    assert hub.system.ping()["now"] > 0
    hub.client.close()


@needs_it
def test_a_key_that_is_none_is_refused(running: Running) -> None:
    with Client(running.url, "sk-NotARealKey0000zz0001") as client:
        hub = client.to_cocalc_api()

        with pytest.raises(RuntimeError, match="MUST provide an api key"):
            hub.system.ping()
        hub.client.close()


@needs_it
def test_a_project_lives_runs_commands_and_gives_files_away(client: Client, hub: Any, project: Any) -> None:
    other_id = hub.projects.create_project(title="Another")
    hub.projects.start(project.project_id)
    assert hub.projects.state(project.project_id)["state"] == "running"
    assert hub.projects.status(project.project_id)["start_ts"] > 0

    assert project.system.test()["project_id"] == project.project_id
    project.system.exec(command="echo handout > h.txt", bash=True)
    with pytest.raises(RuntimeError, match="exited with nonzero code 42 -- stderr='bad\n'"):
        project.system.exec(command="echo bad >&2; exit 42", bash=True)
    hub.projects.copy_path_between_projects(
        src_project_id=project.project_id, src_path="h.txt", target_project_id=other_id
    )
    other = client.to_cocalc_api(other_id)
    assert other.system.exec(command="cat h.txt")["stdout"] == "handout\n"
    other.client.close()

    hub.projects.delete(other_id)
    found = hub.db.query({"projects_all": {"project_id": other_id, "deleted": None}})
    assert found["projects_all"]["deleted"] is True


@needs_it
def test_code_runs_by_the_hub_and_in_the_project(hub: Any, project: Any) -> None:
    code = {"input": "sum(range(a))", "kernel": "python3", "history": ["a = 101"]}
    result = [{"data": {"text/plain": "5050"}}]

    assert hub.jupyter.execute(project_id=project.project_id, **code)["output"] == result
    assert project.system.jupyter_execute(**code) == result
    [kernel] = project.system.list_jupyter_kernels()
    assert project.system.stop_jupyter_kernel(pid=kernel["pid"]) == {"success": True}


@needs_it
def test_python_of_a_project_is_the_one_of_its_kernels_whatever_path_the_sandbox_was_started_with(
    start_sandbox: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    running = start_sandbox()
    with Client(running.url, running.key) as client:
        project_id = client.create_project()["project_id"]
        project = client.to_cocalc_api(project_id)

        found = project.system.exec(
            command="python3", args=["-c", "import ipykernel, sys; print(sys.prefix)"]
        )

        assert found["stdout"].strip() == sys.prefix
        project.client.close()


@needs_it
def test_people_are_added_found_written_to_and_organized(hub: Any, project: Any) -> None:
    [dave] = hub.system.user_search("dave@example.com")
    hub.projects.add_collaborator(project_id=project.project_id, account_id=dave["account_id"])
    hub.projects.remove_collaborator(project_id=project.project_id, account_id=dave["account_id"])
    assert hub.system.get_names([dave["account_id"]])[dave["account_id"]]["first_name"] == "Dave"
    assert hub.messages.send(subject="Hi", body="there", to_ids=[dave["account_id"]]) > 0
    assert hub.sync.history(project.project_id, "a.txt") == {"patches": [], "info": {}}

    hub.org.create("official")
    user = hub.org.create_user(name="official", email="new@example.com", firstName="New", lastName="User")
    hub.org.add_admin("official", user)
    assert hub.org.get("official")["admin_account_ids"] == [user]
    assert [one["account_id"] for one in hub.org.get_users("official")] == [user]
    token = hub.org.create_token(user)
    assert token["url"].startswith(f"{hub.host}/auth/impersonate?")
    hub.org.expire_token(token["token"])


# -- where keys are scoped -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scoped() -> Iterator[Running]:
    """A sandbox that plays cocalc.ai."""
    one = start("--generation", "ai")
    yield one
    stop(one)


@needs_it
def test_where_keys_are_scoped_its_five_calls_work_by_its_own_code(scoped: Running) -> None:
    from cocalc_api import Hub, Project

    bearer = {"Authorization": f"Bearer {scoped.key}"}
    [known] = scoped.session.post(
        f"{scoped.url}/api/v2/projects/get", json={}, headers=bearer, timeout=10
    ).json()
    path = f"{scoped.url}/api/v2/projects/start"
    scoped.session.post(path, json={"project_id": known["project_id"]}, headers=bearer, timeout=10)
    hub = Hub(api_key=scoped.key, host=scoped.url)
    project = Project(api_key=scoped.key, host=scoped.url, project_id=known["project_id"])

    assert hub.system.ping()["now"] > 0
    assert hub.system.get_names([]) == {}
    assert len(hub.projects.create_project(title="From the official client")) == 36
    assert project.system.ping()["now"] > 0
    assert project.system.exec(command="echo hi")["stdout"] == "hi\n"
    hub.client.close()
    project.client.close()


@needs_it
def test_where_keys_are_scoped_its_other_calls_are_refused_by_name(scoped: Running) -> None:
    from cocalc_api import Hub

    hub = Hub(api_key=scoped.key, host=scoped.url)

    with pytest.raises(RuntimeError, match="not allowed to call hub RPC 'system\\.userSearch'"):
        hub.system.user_search("iris")
    hub.client.close()
