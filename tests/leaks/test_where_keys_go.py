"""A key goes to its own server and nowhere else: real servers on this machine note all they get."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.config import Server, keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, InsecureServer, KeyRequired, ServerUnreachable, TimeLimitReached
from cocalc_magic.sandbox.testing import Connection, FakeServer, Response
from tests.certificates import certificate
from tests.leaks.examples import KEYS
from tests.leaks.keyed import for_keys, with_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=KEYS.values(), ids=list(KEYS))
def key(request: pytest.FixtureRequest) -> str:
    """A key of every form."""
    return str(request.param)


def written(key: str) -> tuple[str, str]:
    """The key as it is, and as Basic authentication writes it."""
    return key, base64.b64encode(f"{key}:".encode()).decode()


PONG = {"event": "pong"}


def redirect(url: str, status: int = 307) -> Response:
    return Response(status, "", b"", (("Location", url), ("Set-Cookie", "remember_me=1")))


@pytest.fixture
def home() -> Iterator[FakeServer]:
    """The server that the key belongs to."""
    with FakeServer(for_keys(PONG)) as server:
        yield server


@pytest.fixture
def other() -> Iterator[FakeServer]:
    with FakeServer(PONG) as server:
        yield server


def test_it_goes_in_a_header_to_its_server_and_not_in_the_address(home: FakeServer, key: str) -> None:
    with Client(home.url, key) as client:
        client.send("create_project", title="x")

    (request,) = with_key(home)
    assert not any(form in request.target for form in written(key))
    assert written(key)[1] in request.headers["authorization"]
    assert key not in str(request)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_goes_along_no_redirect(home: FakeServer, other: FakeServer, status: int, key: str) -> None:
    home.answer = redirect(f"{other.url}/api/v1/ping", status)

    with Client(home.url, key) as client, pytest.raises(CoCalcError):
        client.ping()

    assert other.requests == []


def test_for_a_download_it_is_a_cookie_to_its_server_alone(
    home: FakeServer, other: FakeServer, key: str
) -> None:
    home.answer = for_keys(redirect(f"{other.url}/x"))

    with Client(home.url, key) as client:
        with pytest.raises(CoCalcError, match="has no downloads"):
            client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
        home.answer = for_keys(Response(500, "", f"{key} is wrong".encode()))
        with pytest.raises(CoCalcError, match="is wrong") as caught:
            client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
        home.answer = for_keys(Response(200, "", b"bytes"))
        assert client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a") == b"bytes"

    assert key not in str(caught.value)
    assert other.requests == []
    assert len(with_key(home)) == 3
    for request in with_key(home):
        assert (request.method, request.target) == ("GET", "/13204cf9-dde4-4854-a477-deeb4b1c886e/files/a")
        assert request.headers["cookie"] == f"api_key={key}"
        assert "authorization" not in request.headers


def test_a_redirect_that_carries_it_is_told_without_it(home: FakeServer, other: FakeServer, key: str) -> None:
    home.answer = redirect(f"{other.url}/?key={key}")

    with Client(home.url, key) as client, pytest.raises(CoCalcError) as caught:
        client.ping()

    assert key not in str(caught.value)
    assert other.requests == []


def test_the_key_of_one_server_is_not_for_another(
    home: FakeServer, other: FakeServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("COCALC_HOST", home.url)
    monkeypatch.setenv("COCALC_API_KEY", key)
    keys.give(f"{home.url}/prefix", Secret("sk-Other00Marked0Mark00002b"))
    try:
        for elsewhere in (other.url, f"{home.url}/base", f"http://localhost:{home.port}"):
            with pytest.raises(KeyRequired, match="there is no key for"):
                Client(elsewhere)
        with Client(f"{home.url}/prefix") as client:
            client.ping()
    finally:
        keys.forget(f"{home.url}/prefix")

    assert other.requests == []
    assert not any(key in str(request) or written(key)[1] in str(request) for request in home.requests)


def test_it_goes_to_no_other_machine_unencrypted(key: str) -> None:
    """0.0.0.0 stands for another machine: it is not an address that only this one has."""
    with FakeServer(for_keys(PONG), host="0.0.0.0") as away:  # noqa: S104 - asked by this machine alone, gone with the test
        for where in (away.url, Server("away", away.url)):
            with pytest.raises(InsecureServer, match="would get the key unencrypted"):
                Client(where, key)
        assert away.requests == []

        with Client(Server("away", away.url, insecure=True), key) as client:
            client.ping()
        assert len(with_key(away)) == 1


def test_cookies_are_not_kept(home: FakeServer, other: FakeServer, key: str) -> None:
    home.answer = redirect(other.url)
    with Client(home.url, key) as client:
        for _ in range(2):
            with pytest.raises(CoCalcError):
                client.ping()

    assert "cookie" not in home.requests[1].headers


def test_a_netrc_file_does_not_replace_it(
    home: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    with Client(home.url, key) as client:
        client.ping()

    assert written(key)[1] in with_key(home)[0].headers["authorization"]


# -- settings of a server --------------------------------------------------------------------------


def test_a_proxy_of_a_server_is_taken_and_wins_over_the_environment(
    home: FakeServer, other: FakeServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("http_proxy", other.url)
    server = Server("lab", "http://cocalc.lan/base", proxy=home.url, insecure=True)

    with Client(server, key) as client:
        assert client.ping().event == "pong"

    request = with_key(home)[0]
    assert (request.method, request.target) == ("POST", "http://cocalc.lan/base/api/v1/ping")
    assert other.requests == []


def test_a_proxy_does_not_see_the_key_of_an_https_server(home: FakeServer, key: str) -> None:
    home.answer = Response(403, "", b"")

    with (
        Client(Server("lab", "https://cocalc.lan", proxy=home.url), key) as client,
        pytest.raises(ServerUnreachable) as caught,
    ):
        client.ping()

    assert (home.requests[0].method, home.requests[0].target) == ("CONNECT", "cocalc.lan:443")
    assert not any(form in str(home.requests) + str(caught.value) for form in written(key))


def test_the_time_limit_of_a_server_is_the_usual_one(key: str) -> None:
    with (
        FakeServer(play=Connection.wait) as silent,
        Client(Server("slow", silent.url, timeout=0.2), key) as client,
    ):
        assert client.timeout == 0.2
        with pytest.raises(TimeLimitReached, match=r"within 0\.2 s"):
            client.ping()


def test_a_server_is_trusted_by_its_own_certificates(tmp_path: Path, key: str) -> None:
    file, context = certificate(tmp_path)
    with FakeServer(for_keys(PONG), tls=context) as server:
        with (
            Client(Server("lab", server.url), key) as client,
            pytest.raises(ServerUnreachable, match="certificate"),
        ):
            client.ping()
        with Client(Server("lab", server.url, ca=str(file)), key) as client:
            assert client.ping().event == "pong"
        assert len(with_key(server)) == 1


LOUD = """
import http.client, logging, sys

http.client.HTTPConnection.debuglevel = 1  # as advice on the web has it
logging.basicConfig(level=logging.DEBUG)
from cocalc_magic import Client
from cocalc_magic.client import sign_in
from cocalc_magic.errors import CoCalcError
from cocalc_magic.config.secret import Secret
from cocalc_magic.config import Server

url, proxy, key, password = sys.argv[1:]
for server in (Server("lab", url), Server("away", "http://cocalc.lan", proxy=proxy, insecure=True)):
    with Client(server, key) as client:
        print(client.ping().event)
        client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
    try:
        sign_in.make_key(server, "iris@example.edu", Secret(password), "x", None)
    except CoCalcError as problem:
        print(problem)
"""


def test_the_debug_level_of_http_prints_none_of_it(home: FakeServer, other: FakeServer, key: str) -> None:
    for server in (home, other):
        server.answer = Response(
            200, "", b'{"event": "pong"}', (("Set-Cookie", "remember_me=marked-cookie"),)
        )

    command = [sys.executable, "-c", LOUD, home.url, other.url, key, "marked-password"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.count("pong") == 2
    assert "DEBUG:urllib3" in done.stderr
    for secret in (*written(key), "marked-password", "marked-cookie"):
        assert secret not in done.stdout + done.stderr
    assert all(any(secret in str(server.requests) for secret in written(key)) for server in (home, other))
    assert "marked-password" in str(home.requests)
