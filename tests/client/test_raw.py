"""What the catalog lacks: by name or by path, to the key's own server alone, asked about first, shown as any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client, catalog
from cocalc_magic.errors import (
    CoCalcError,
    ConfirmationRequired,
    InvalidMessage,
    InvalidSyntax,
    InvalidValue,
    MessageFailed,
    MessageRefused,
    NoEquivalent,
    NotCoCalc,
)
from cocalc_magic.sandbox.testing import FakeServer, Response
from cocalc_magic.syntax.format import format_magic
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-Marked0Marked0Mark00001n"
PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


def text(status: int, content_type: str, body: str, *headers: tuple[str, str]) -> Response:
    return Response(status, content_type, body.encode(), headers)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer({"fine": 1}) as started:
        yield started


@pytest.fixture
def one(server: FakeServer) -> Iterator[Client]:
    with Client(server.url, KEY) as client:
        yield client


# -- what is meant ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "canonical", "generation"),
    [
        ("raw some/new-thing", "raw some/new-thing", "v2"),
        ("raw /new", "raw /new", "v2"),
        ("raw POST /api/v2/some/new-thing", "raw some/new-thing", "v2"),
        ("raw /api/v2/new", "raw /new", "v2"),
        ("raw /api/v1/new_event", "raw new_event", "v1"),
        ("raw new_event", "raw new_event", "v1"),
        ("raw projects.newThing", "raw projects.newThing", "conat"),
        ("raw project:system.newThing", "raw project:system.newThing", "conat"),
        ("raw GET /stats", "raw GET /stats", "path"),
        ("raw GET /api/v2/some/thing?a=1", "raw GET /api/v2/some/thing?a=1", "path"),
        ("raw DELETE /some/where", "raw DELETE /some/where", "path"),
        ("raw /some/where", "raw POST /some/where", "path"),
        ("raw GET /@evil.example", "raw GET /@evil.example", "path"),
        ("raw GET /x?next=https://evil.example/../", "raw GET /x?next=https://evil.example/../", "path"),
        ("raw GET /a%20b/", "raw GET /a%20b/", "path"),
    ],
)
def test_a_name_says_by_its_shape_where_it_goes(event: str, canonical: str, generation: str) -> None:
    message = catalog.find(event)

    assert (message.event, message.generation) == (canonical, generation)
    assert catalog.find(message.event) == message


@pytest.mark.parametrize(
    "what",
    [
        *("//evil.example/x", "GET //evil.example/x", "https://evil.example/x", "GET https://evil.example/x"),
        *("GET http:evil.example", "GET /../x", "GET /a/../../x", "GET /a/./b", "GET /a/%2e%2e/b"),
        *("GET /a/%2E%2e", "GET /a/.%2e/b", "GET /a%2fb", "GET /a%5cb", "GET /a\\b", "GET \\\\evil\\x"),
        *("GET /a//b", "GET /a#b", "GET /a%0d%0aX:y", "GET /a%00", "GET /%zz", "GET /ä", "GET /a\x07"),
        *("some/../x", "../x", "a//b", "api/v2/x", "GET stats", "GET", "TRACE /x", "CONNECT /x", ""),
        *(
            f"GET /{PID}/port/8000/",
            "GET /a/$name",
            "GET /a/${name}",
            f"GET /{PID.upper()}/files/a",
        ),
        *(f"GET /%33{PID[1:]}/server/8000/", f"GET /{PID}"),
    ],
)
def test_what_could_lead_elsewhere_is_refused_and_nothing_is_sent(
    one: Client, server: FakeServer, what: str
) -> None:
    with pytest.raises(CoCalcError) as caught:
        one.send(f"raw {what}")

    assert isinstance(caught.value, InvalidMessage)
    assert server.requests == []


# -- what travels ----------------------------------------------------------------------------------


def sent(server: FakeServer) -> tuple[str, str, Any]:
    request = server.requests[-1]
    assert request.headers["authorization"].startswith("Basic ")
    return request.method, request.target, json.loads(request.body) if request.body else None


@pytest.mark.parametrize(
    ("line", "travels"),
    [
        ("raw a/b", ("POST", "/api/v2/a/b", {})),
        ("raw a/b x=5 y:=5 z:=null", ("POST", "/api/v2/a/b", {"x": "5", "y": 5, "z": None})),
        ('raw POST /api/v2/a/b body:={"x":{"y":[1]}}', ("POST", "/api/v2/a/b", {"x": {"y": [1]}})),
        ("raw a/b body:=[1,2]", ("POST", "/api/v2/a/b", [1, 2])),
        ("raw a/b body=text", ("POST", "/api/v2/a/b", {"body": "text"})),
        ("raw a/b body=$held", ("POST", "/api/v2/a/b", {"x": 1})),
        ("raw a/b body=$list", ("POST", "/api/v2/a/b", [1, 2])),
        (
            'raw POST /api/conat/hub body:={"name":"new.thing","args":[1]}',
            ("POST", "/api/conat/hub", {"name": "new.thing", "args": [1]}),
        ),
        ("raw a/b body:={} x=1", ("POST", "/api/v2/a/b", {"body": {}, "x": "1"})),
        ("raw new_event x=1", ("POST", "/api/v1/new_event", {"x": "1"})),
        ("raw GET /stats", ("GET", "/stats", None)),
        ("raw get /stats x='a b&c' y:=[1]", ("GET", "/stats?x=a+b%26c&y=%5B1%5D", None)),
        ("raw GET /stats?a=1 x=2", ("GET", "/stats?a=1&x=2", None)),
        ("raw PUT /some/where x=1", ("PUT", "/some/where", {"x": "1"})),
    ],
)
def test_it_travels_as_it_stands(one: Client, server: FakeServer, line: str, travels: object) -> None:
    call = read(parse(line), None, {"held": '{"x": 1}', "list": "[1, 2]"})
    one.router.exchange(call.message, call.options)

    assert sent(server) == travels


@pytest.mark.parametrize(
    ("line", "travels"),
    [
        ("raw projects.newThing", {"name": "projects.newThing", "args": [{}]}),
        ("raw projects.newThing a=1 b:=2", {"name": "projects.newThing", "args": [{"a": "1", "b": 2}]}),
        ("raw projects.newThing args:=[]", {"name": "projects.newThing", "args": []}),
        ('raw projects.newThing args:=["a",{"b":1}]', {"name": "projects.newThing", "args": ["a", {"b": 1}]}),
        ('raw projects.newThing args:=[{"b":1}]', {"name": "projects.newThing", "args": [{"b": 1}]}),
        (
            f'raw project:system.newThing project_id={PID} args:=["a"]',
            {"name": "system.newThing", "args": ["a"], "project_id": PID},
        ),
        (
            f"raw project:system.newThing project_id={PID} command=ls args:=[]",
            {"name": "system.newThing", "args": [{"command": "ls", "args": []}], "project_id": PID},
        ),
    ],
)
def test_functions_of_hub_and_project_are_called_by_name(
    one: Client, server: FakeServer, line: str, travels: dict[str, Any]
) -> None:
    call = read(parse(line), None, {})
    one.router.exchange(call.message, call.options)

    method, path, body = sent(server)
    assert body.pop("timeout") > 1000
    assert (method, path) == ("POST", f"/api/conat/{'project' if 'project_id' in travels else 'hub'}")
    assert body == travels


def test_it_is_the_same_from_a_script_and_from_a_cell(one: Client, server: FakeServer) -> None:
    one.send("raw a/b", x="1", y=[2])
    script = sent(server)
    call = read(parse("raw a/b"), "x: '1'\ny: [2]", {})
    one.router.exchange(call.message, call.options)

    assert sent(server) == script == ("POST", "/api/v2/a/b", {"x": "1", "y": [2]})


@pytest.mark.parametrize(
    "line",
    ["raw a/b x='a b' y:=5", "raw a/b body:=[1,2]", "raw GET /stats?a=1 x=2", 'raw a/b body:={"a b":1}'],
)
def test_written_as_a_magic_it_reads_as_itself(line: str) -> None:
    call = read(parse(line), None, {})
    text = format_magic(call.message.event, call.options)
    first, _, body = text.removeprefix("%").removeprefix("%").removeprefix("cocalc ").partition("\n")
    again = read(parse(first), body or None, {})

    assert (again.message, again.options) == (call.message, call.options)


# -- what comes back -------------------------------------------------------------------------------


def test_an_answer_of_any_kind_is_a_response(one: Client, server: FakeServer) -> None:
    assert one.send("raw a/b")["fine"] == 1
    server.answer = [1, 2]
    assert one.send("raw a/b").value == [1, 2]
    server.answer = text(200, "text/plain; charset=utf-8", "alive: YES")
    assert one.send("raw GET /alive").value == "alive: YES"


@pytest.mark.parametrize(
    ("status", "kind", "body", "error"),
    [
        (200, "application/json", '{"error": "no"}', MessageFailed),
        (400, "application/json", '{"error": "no"}', MessageFailed),
        (500, "application/json", '"no"', MessageRefused),
        (404, "text/html", "<p>no", NotCoCalc),
        (200, "text/html", "<p>no", NotCoCalc),
    ],
)
@pytest.mark.parametrize("event", ["raw GET /x/y", "raw a/b"])
def test_a_failure_is_a_failure(
    one: Client, server: FakeServer, event: str, status: int, kind: str, body: str, error: type[CoCalcError]
) -> None:
    server.answer = text(status, kind, body)

    with pytest.raises(error):
        one.send(event)


def test_a_redirect_is_not_followed(one: Client, server: FakeServer) -> None:
    server.answer = text(302, "text/html", "", ("Location", f"{server.url}/elsewhere"))

    with pytest.raises(NotCoCalc, match="sends elsewhere"):
        one.send("raw GET /x/y")
    assert len(server.requests) == 1


def test_what_a_server_does_not_speak_is_told(one: Client, server: FakeServer) -> None:
    server.answer = text(404, "text/html", "<p>no")
    with pytest.raises((NotCoCalc, NoEquivalent)):
        one.send("raw new_event")
    assert all(KEY not in f"{request.target}{request.body!r}" for request in server.requests)


def test_a_key_that_is_the_answer_is_in_no_view(one: Client, server: FakeServer) -> None:
    from cocalc_magic import render

    server.answer = "0123456789abcdef"
    name = "system.generateUserAuthToken"
    for event, options in (
        ("raw compute/get-api-key", {}),
        ("raw GET /api/v2/compute/get-api-key?id=1", {}),
        (f"raw {name}", {}),
        ("raw POST /api/conat/hub", {"name": name, "args": []}),
    ):
        response = one.send(event, **options)
        assert response.value == "0123456789abcdef"
        assert "0123456789" not in render.to_text(response) + render.to_html(response)


# -- in a notebook ---------------------------------------------------------------------------------


@pytest.fixture
def there(shell: Any, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shell whose server is one that is no sandbox."""
    monkeypatch.setenv("COCALC_HOST", server.url)
    monkeypatch.setenv("COCALC_API_KEY", KEY)
    return shell


def test_it_asks_first(there: Any, server: FakeServer) -> None:
    for line in ("raw a/b x=1", "raw GET /stats", "raw projects.newThing", "raw ping"):
        with pytest.raises(ConfirmationRequired) as caught:
            there.cell(f"%cocalc {line}")
        assert "It goes as it stands: the catalog does not say what it does." in str(caught.value)
        assert "Run it with --yes" in str(caught.value)
    assert server.requests == []

    assert there.cell("%cocalc raw a/b x=1 --yes")["fine"] == 1
    assert sent(server) == ("POST", "/api/v2/a/b", {"x": "1"})


def test_the_sandbox_does_not_ask(shell: Any, client: Client) -> None:
    assert shell.cell("%cocalc raw GET /customize")["configuration"]["site_name"] == "Open CoCalc"
    assert shell.cell("%cocalc raw POST /api/v2/accounts/profile body:={}")["profile"]["account_id"]
    assert shell.cell("%cocalc raw system.ping -o answer")["now"] > 0
    assert shell.user_ns["answer"].event == "raw system.ping"
    assert shell.cell("%cocalc raw ping --no-raise").event == "pong"


def test_a_project_of_it_is_named_as_elsewhere(shell: Any, client: Client) -> None:
    made = client.create_project(title="Raw and current")["project_id"]
    for line in ('project_id="Raw and" command=pwd', f"project_id={made} command=pwd"):
        for name in ("project:system.exec", "/exec"):
            assert made in shell.cell(f"%cocalc raw {name} {line}")["stdout"]
    shell.cell(f"%cocalc use {made}")
    assert made in shell.cell("%cocalc raw project:system.exec command=pwd")["stdout"]
    shell.cell("%cocalc use --clear")


def test_it_is_shown_and_kept_as_any_other(shell: Any, client: Client) -> None:
    answer = shell.cell('%cocalc raw projects.createProject title="By raw"')
    text = shell.display_formatter.format(answer)[0]["text/plain"]
    assert text.startswith("raw projects.createProject · [sandbox] · ")
    assert "raw projects.createProject" in str(shell.cell("%cocalc history"))
    again = shell.cell("%cocalc history 1 --again --yes")
    assert again.value != answer.value
    session = shell.magics_manager.registry["CoCalc"].session
    send, asks = session.again(answer)
    assert asks
    assert send(lambda: None).request.options == {"title": "By raw"}


def test_a_secret_of_it_is_not_kept(there: Any, server: FakeServer) -> None:
    there.user_ns["pw"] = "hunter2hunter2"
    for line in (
        "raw a/b password=$pw",
        'raw a/b body:={"password":$pw}',
        "raw accounts/sign-in password=$pw",
    ):
        answer = there.cell(f"%cocalc {line} --yes")
        assert b"hunter2" in server.requests[-1].body
        shown = there.display_formatter.format(answer)[0]
        assert "hunter2" not in str(shown)
    assert "hunter2" not in str(there.cell("%cocalc history"))


@pytest.mark.parametrize(
    ("line", "form", "words"),
    [
        ("raw a/b x=1", "curl", "-X POST"),
        ("raw GET /stats x=1", "curl", "-X GET"),
        ("raw GET /stats x=1", "httpie", "GET"),
        ("raw a/b body:=[1]", "httpie", "--raw='[1]'"),
        ("raw GET /stats x=1", "python", "client.send(\n    'raw GET /stats',\n    x='1',\n)"),
        ('raw a/b body:={"a b":1}', "python", "**{'a b': 1}"),
    ],
)
def test_it_is_shown_as_what_would_send_it(
    there: Any, server: FakeServer, line: str, form: str, words: str
) -> None:
    text = str(there.cell(f"%cocalc {line} --show {form}"))

    assert words in text
    assert KEY not in text
    assert server.requests == []


def test_a_mistake_in_it_is_told_with_the_spot(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match="raw needs the name of a message"):
        shell.cell("%cocalc raw")
    with pytest.raises(InvalidValue, match="is not a path below") as caught:
        shell.cell("%cocalc raw GET //evil.example x=1")
    assert "  raw GET //evil.example x=1\n          ^^^^^^^^^^^^^^\n" in str(caught.value)
    assert "METHOD is GET, POST" in str(shell.cell("%cocalc help raw"))
