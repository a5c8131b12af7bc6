"""A key goes to its own server and nowhere else: real servers on this machine note all they get."""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError, InsecureServer, KeyRequired, ServerUnreachable, TimeLimitReached
from cocalc_magic.secrets import Secret
from cocalc_magic.servers import Server, keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-Marked0Marked0Mark00001n"
FORMS = (KEY, base64.b64encode(f"{KEY}:".encode()).decode())


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
def home(listen) -> Listening:
    """The server that the key belongs to."""
    return listen()


@pytest.fixture
def other(listen) -> Listening:
    return listen()


def test_it_goes_in_a_header_to_its_server_and_not_in_the_address(home) -> None:
    with Client(home.url, KEY) as client:
        client.send("create_project", title="x")

    ((line, rest),) = home.got
    assert not any(form in line for form in FORMS)
    assert FORMS[1] in rest
    assert KEY not in rest


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_goes_along_no_redirect(home, other, status: int) -> None:
    home.redirects_to(f"{other.url}/api/v1/ping", status)

    with Client(home.url, KEY) as client, pytest.raises(CoCalcError):
        client.ping()

    assert other.got == []


def test_for_a_download_it_is_a_cookie_to_its_server_alone(home, other) -> None:
    home.redirects_to(f"{other.url}/x")

    with Client(home.url, KEY) as client:
        with pytest.raises(CoCalcError, match="has no downloads"):
            client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
        home.answer = (500, {}, f"{KEY} is wrong")
        with pytest.raises(CoCalcError, match="is wrong") as caught:
            client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a")
        home.answer = (200, {}, "bytes")
        assert client.download("13204cf9-dde4-4854-a477-deeb4b1c886e", "a") == b"bytes"

    assert KEY not in str(caught.value)
    assert other.got == []
    for line, rest in home.got:
        assert line == "GET /13204cf9-dde4-4854-a477-deeb4b1c886e/files/a HTTP/1.1"
        assert f"Cookie: api_key={KEY}\n" in rest
        assert "Authorization" not in rest


def test_a_redirect_that_carries_it_is_told_without_it(home, other) -> None:
    home.redirects_to(f"{other.url}/?key={KEY}")

    with Client(home.url, KEY) as client, pytest.raises(CoCalcError) as caught:
        client.ping()

    assert KEY not in str(caught.value)
    assert other.got == []


def test_the_key_of_one_server_is_not_for_another(home, other, monkeypatch) -> None:
    monkeypatch.setenv("COCALC_HOST", home.url)
    monkeypatch.setenv("COCALC_API_KEY", KEY)
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
    assert not any(KEY in rest or FORMS[1] in rest for _, rest in home.got)


def test_it_goes_to_no_other_machine_unencrypted(listen) -> None:
    """0.0.0.0 stands for another machine: it is not an address that only this one has."""
    away = listen("0.0.0.0")  # noqa: S104 - asked by this machine alone, and gone with the test

    for where in (away.url, Server("away", away.url)):
        with pytest.raises(InsecureServer, match="would get the key unencrypted"):
            Client(where, KEY)
    assert away.got == []

    with Client(Server("away", away.url, insecure=True), KEY) as client:
        client.ping()
    assert len(away.got) == 1


def test_cookies_are_not_kept(home, other) -> None:
    home.redirects_to(other.url)
    with Client(home.url, KEY) as client:
        for _ in range(2):
            with pytest.raises(CoCalcError):
                client.ping()

    assert "Cookie" not in home.got[1][1]


def test_a_netrc_file_does_not_replace_it(home, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    with Client(home.url, KEY) as client:
        client.ping()

    assert FORMS[1] in home.got[0][1]


# -- settings of a server --------------------------------------------------------------------------


def test_a_proxy_of_a_server_is_taken_and_wins_over_the_environment(listen, other, monkeypatch) -> None:
    proxy = listen()
    monkeypatch.setenv("http_proxy", other.url)
    server = Server("lab", "http://cocalc.lan/base", proxy=proxy.url, insecure=True)

    with Client(server, KEY) as client:
        assert client.ping().event == "pong"

    assert proxy.got[0][0].startswith("POST http://cocalc.lan/base/api/v1/ping")
    assert other.got == []


def test_a_proxy_does_not_see_the_key_of_an_https_server(listen) -> None:
    proxy = listen()
    proxy.answer = (403, {}, "")

    with (
        Client(Server("lab", "https://cocalc.lan", proxy=proxy.url), KEY) as client,
        pytest.raises(ServerUnreachable) as caught,
    ):
        client.ping()

    assert proxy.got[0][0].startswith("CONNECT cocalc.lan:443")
    assert not any(form in str(proxy.got) + str(caught.value) for form in FORMS)


def test_the_time_limit_of_a_server_is_the_usual_one(home) -> None:
    home.silent.set()
    with Client(Server("slow", home.url, timeout=0.2), KEY) as client:
        assert client.timeout == 0.2
        with pytest.raises(TimeLimitReached, match=r"within 0\.2 s"):
            client.ping()


def test_a_server_is_trusted_by_its_own_certificates(listen, tmp_path: Path) -> None:
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
        with Client(Server("lab", url), KEY) as client, pytest.raises(ServerUnreachable, match="certificate"):
            client.ping()
        with Client(Server("lab", url, ca=str(tmp_path / "cert.pem")), KEY) as client:
            assert client.ping().event == "pong"
    finally:
        server.shutdown()
        server.server_close()
    assert len(server.got) == 1
