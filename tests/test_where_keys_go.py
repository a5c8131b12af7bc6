"""A key goes to its own server and nowhere else: real servers on this machine note all they get."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.config import Server, keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, InsecureServer, KeyRequired, ServerUnreachable, TimeLimitReached
from tests.secret_examples import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=KEYS.values(), ids=list(KEYS))
def key(request: pytest.FixtureRequest) -> str:
    """A key of every form."""
    return str(request.param)


def written(key: str) -> tuple[str, str]:
    """The key as it is, and as Basic authentication writes it."""
    return key, base64.b64encode(f"{key}:".encode()).decode()


class Listening(HTTPServer):
    """A server that notes requests whole, and answers all of them alike."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Noting)
        self.got: list[tuple[str, str]] = []  # request line, headers and body
        self.answer: tuple[int, dict[str, str], str] = (200, {}, json.dumps({"event": "pong"}))
        self.silent, self.over = threading.Event(), threading.Event()
        self.url = f"http://{host}:{self.server_port}"

    def redirects_to(self, url: str, status: int = 307) -> None:
        self.answer = (status, {"Location": url, "Set-Cookie": "remember_me=1"}, "")


class Noting(BaseHTTPRequestHandler):
    server: Listening

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.got.append((self.requestline, f"{self.headers}{body}"))
        if self.server.silent.is_set():
            self.server.over.wait(5)
        status, headers, text = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_CONNECT = do_POST  # noqa: N815 - the names that http.server calls

    def log_message(self, *words: object) -> None:
        """Nothing: what is noted is asserted."""


@pytest.fixture
def listen() -> Iterator[object]:
    started: list[Listening] = []

    def start(host: str = "127.0.0.1") -> Listening:
        started.append(Listening(host))
        threading.Thread(target=started[-1].serve_forever, args=[0.01], daemon=True).start()
        return started[-1]

    yield start
    for server in started:
        server.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def home(listen: Callable[..., Listening]) -> Listening:
    """The server that the key belongs to."""
    return listen()


@pytest.fixture
def other(listen: Callable[..., Listening]) -> Listening:
    return listen()


def test_it_goes_in_a_header_to_its_server_and_not_in_the_address(home: Listening, key: str) -> None:
    with Client(home.url, key) as client:
        client.send("create_project", title="x")

    ((line, rest),) = home.got
    assert not any(form in line for form in written(key))
    assert written(key)[1] in rest
    assert key not in rest


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_goes_along_no_redirect(home: Listening, other: Listening, status: int, key: str) -> None:
    home.redirects_to(f"{other.url}/api/v1/ping", status)

    with Client(home.url, key) as client, pytest.raises(CoCalcError):
        client.ping()

    assert other.got == []


def test_for_a_download_it_is_a_cookie_to_its_server_alone(
    home: Listening, other: Listening, key: str
) -> None:
    home.redirects_to(f"{other.url}/x")

    with Client(home.url, key) as client:
        with pytest.raises(CoCalcError, match="has no downloads"):
            client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
        home.answer = (500, {}, f"{key} is wrong")
        with pytest.raises(CoCalcError, match="is wrong") as caught:
            client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
        home.answer = (200, {}, "bytes")
        assert client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a") == b"bytes"

    assert key not in str(caught.value)
    assert other.got == []
    for line, rest in home.got:
        assert line == "GET /13204cf9-dde4-4854-a477-deeb4b1c886e/files/a HTTP/1.1"
        assert f"Cookie: api_key={key}\n" in rest
        assert "Authorization" not in rest


def test_a_redirect_that_carries_it_is_told_without_it(home: Listening, other: Listening, key: str) -> None:
    home.redirects_to(f"{other.url}/?key={key}")

    with Client(home.url, key) as client, pytest.raises(CoCalcError) as caught:
        client.ping()

    assert key not in str(caught.value)
    assert other.got == []


def test_the_key_of_one_server_is_not_for_another(
    home: Listening, other: Listening, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("COCALC_HOST", home.url)
    monkeypatch.setenv("COCALC_API_KEY", key)
    keys.give(f"{home.url}/prefix", Secret("sk-Other00Marked0Mark00002b"))
    try:
        for elsewhere in (other.url, f"{home.url}/base", f"http://localhost:{home.server_port}"):
            with pytest.raises(KeyRequired, match="there is no key for"):
                Client(elsewhere)
        with Client(f"{home.url}/prefix") as client:
            client.ping()
    finally:
        keys.forget(f"{home.url}/prefix")

    assert other.got == []
    assert not any(key in rest or written(key)[1] in rest for _, rest in home.got)


def test_it_goes_to_no_other_machine_unencrypted(listen: Callable[..., Listening], key: str) -> None:
    """0.0.0.0 stands for another machine: it is not an address that only this one has."""
    away = listen("0.0.0.0")  # noqa: S104 - asked by this machine alone, and gone with the test

    for where in (away.url, Server("away", away.url)):
        with pytest.raises(InsecureServer, match="would get the key unencrypted"):
            Client(where, key)
    assert away.got == []

    with Client(Server("away", away.url, insecure=True), key) as client:
        client.ping()
    assert len(away.got) == 1


def test_cookies_are_not_kept(home: Listening, other: Listening, key: str) -> None:
    home.redirects_to(other.url)
    with Client(home.url, key) as client:
        for _ in range(2):
            with pytest.raises(CoCalcError):
                client.ping()

    assert "Cookie" not in home.got[1][1]


def test_a_netrc_file_does_not_replace_it(
    home: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    with Client(home.url, key) as client:
        client.ping()

    assert written(key)[1] in home.got[0][1]


# -- settings of a server --------------------------------------------------------------------------


def test_a_proxy_of_a_server_is_taken_and_wins_over_the_environment(
    listen: Callable[..., Listening], other: Listening, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    proxy = listen()
    monkeypatch.setenv("http_proxy", other.url)
    server = Server("lab", "http://cocalc.lan/base", proxy=proxy.url, insecure=True)

    with Client(server, key) as client:
        assert client.ping().event == "pong"

    assert proxy.got[0][0].startswith("POST http://cocalc.lan/base/api/v1/ping")
    assert other.got == []


def test_a_proxy_does_not_see_the_key_of_an_https_server(listen: Callable[..., Listening], key: str) -> None:
    proxy = listen()
    proxy.answer = (403, {}, "")

    with (
        Client(Server("lab", "https://cocalc.lan", proxy=proxy.url), key) as client,
        pytest.raises(ServerUnreachable) as caught,
    ):
        client.ping()

    assert proxy.got[0][0].startswith("CONNECT cocalc.lan:443")
    assert not any(form in str(proxy.got) + str(caught.value) for form in written(key))


def test_the_time_limit_of_a_server_is_the_usual_one(home: Listening, key: str) -> None:
    home.silent.set()
    with Client(Server("slow", home.url, timeout=0.2), key) as client:
        assert client.timeout == 0.2
        with pytest.raises(TimeLimitReached, match=r"within 0\.2 s"):
            client.ping()


def test_a_server_is_trusted_by_its_own_certificates(
    listen: Callable[..., Listening], tmp_path: Path, key: str
) -> None:
    subprocess.run(
        [shutil.which("openssl") or "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    server = Listening()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    url = f"https://localhost:{server.server_port}"
    try:
        with Client(Server("lab", url), key) as client, pytest.raises(ServerUnreachable, match="certificate"):
            client.ping()
        with Client(Server("lab", url, ca=str(tmp_path / "cert.pem")), key) as client:
            assert client.ping().event == "pong"
    finally:
        server.shutdown()
        server.server_close()
    assert len(server.got) == 1


LOUD = """
import http.client, logging, sys

http.client.HTTPConnection.debuglevel = 1  # as advice on the web has it
logging.basicConfig(level=logging.DEBUG)
from cocalc_magic import Client, signin
from cocalc_magic.errors import CoCalcError
from cocalc_magic.config.secret import Secret
from cocalc_magic.config import Server

url, proxy, key, password = sys.argv[1:]
for server in (Server("lab", url), Server("away", "http://cocalc.lan", proxy=proxy, insecure=True)):
    with Client(server, key) as client:
        print(client.ping().event)
        client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
    try:
        signin.make_key(server, "iris@example.edu", Secret(password), "x", None)
    except CoCalcError as problem:
        print(problem)
"""


def test_the_debug_level_of_http_prints_none_of_it(home: Listening, other: Listening, key: str) -> None:
    for server in (home, other):
        server.answer = (200, {"Set-Cookie": "remember_me=marked-cookie"}, json.dumps({"event": "pong"}))

    command = [sys.executable, "-c", LOUD, home.url, other.url, key, "marked-password"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.count("pong") == 2
    assert "DEBUG:urllib3" in done.stderr
    for secret in (*written(key), "marked-password", "marked-cookie"):
        assert secret not in done.stdout + done.stderr
    assert all(any(secret in str(server.got) for secret in written(key)) for server in (home, other))
    assert "marked-password" in str(home.got)
