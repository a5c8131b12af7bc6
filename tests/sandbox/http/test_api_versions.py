"""A sandbox that plays a server of some age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import start, stop

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

PROBES = {  # path, body -> what tells that the API is there
    "conat": ("/api/conat/hub", {}),
    "v2": ("/api/v2/customize", {"fields": ["siteName"]}),
    "v1": ("/api/v1/ping", {}),
}
SPOKEN = {
    "v1": {"v1"},
    "v1+v2": {"v1", "v2"},
    "v2": {"v2"},
    "conat": {"v2", "conat"},
    "all": {"v1", "v2", "conat"},
}


def found(running: Running) -> set[str]:
    """The APIs that answer with JSON."""
    replies = {
        name: running.session.post(running.url + path, json=body, timeout=10)
        for name, (path, body) in PROBES.items()
    }
    for reply in replies.values():
        if "html" in reply.headers["content-type"]:
            assert reply.status_code == 404
    return {name for name, reply in replies.items() if "json" in reply.headers["content-type"]}


@pytest.mark.parametrize("generation", SPOKEN)
def test_a_generation_speaks_its_apis_and_has_pages_in_place_of_others(generation: str) -> None:
    running = start("--generation", generation)
    try:
        assert found(running) == SPOKEN[generation]
        assert running.session.get(f"{running.url}/customize", timeout=10).json()["configuration"]
        for path in ("/API/V1/ping", "/api/v2/exec?x=1", "/api/conat/project"):
            api = path.split("/")[2].lower()
            reply = running.session.post(running.url + path, json={}, timeout=10)
            assert (reply.status_code == 404) == (api not in SPOKEN[generation] or path.isupper())
    finally:
        stop(running)


def test_without_an_option_all_are_spoken(sandbox: Running) -> None:
    assert found(sandbox) == SPOKEN["all"]
