"""Secrets that are not ours: keys, cookies and tokens that a server hands out are in no view, error or file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from cocalc_magic import Client, render
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.response import Request, Response
from cocalc_magic.sandbox import testing
from cocalc_magic.sandbox.testing import FakeServer
from tests.ipython.test_kernel import Kernel
from tests.leaks.examples import EXAMPLES, KEYS, Example, core
from tests.leaks.keyed import for_keys
from tests.leaks.search import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STEER = "\x1b]0;title\x07\x1b[2J\x9d52;c;ZXZpbA==\x9c\u202e"  # OSC, CSI, C1 and bidi before a text
TELLING = list(EXAMPLES.values())


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


WAYS: dict[str, Any] = {
    "refuses": lambda text: (400, {}, _json({"error": f"{STEER}{text}"})),
    "fails": lambda text: (200, {}, _json({"event": "error", "error": f"{STEER}no: {text}"})),
    "has-an-object": lambda text: (200, {}, _json({"error": {"code": "E", "path": text}})),
    "has-another-object": lambda text: (200, {}, _json({"error": {"a": {"b": [text]}, text: 1}})),
    "sends-away": lambda text: (302, {"Location": f"https://x.test/{quote(text, safe='?&=/:%.+')}"}, b""),
    "sends-far-away": lambda text: (302, {"Location": f"https://x.test/{'x' * 180}?t={text.replace(' ', '+')}"}, b""),
    "page": lambda text: (500, {"Content-Type": "text/html"}, f"<h1>Sorry</h1><p>{'x ' * 40}{text}".encode()),
    "long-page": lambda text: (500, {"Content-Type": "text/html"}, f"<p>{'x' * 110} {text}".encode()),
    "kind": lambda text: (200, {"Content-Type": f"text/{text}"}, b"x"),
}  # fmt: skip
"""Ways to fail."""


def failing(way: str, words: str) -> testing.Response:
    status, headers, body = WAYS[way](words)
    return testing.Response(status, "", body, tuple(({"Content-Type": "application/json"} | headers).items()))


def tell(request: testing.Request) -> testing.Response:
    """Say a text that has a secret in it; the path names the way, and the number of the text."""
    _, way, number, *_ = request.path.split("/")
    return failing(way, TELLING[int(number)].text)


@pytest.fixture(scope="module")
def telling() -> Iterator[FakeServer]:
    with FakeServer(tell) as server:
        yield server


def secret_of(way: str, example: Example) -> str:
    """What must not show; a blank in an address parts what belongs together, and is no address any more."""
    return example.secret if "sends" not in way or " " not in example.text else "nothing of it"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_error_shows_none_in_any_way(telling: FakeServer, way: str, name: str) -> None:
    number = list(EXAMPLES).index(name)
    with Client(f"{telling.url}/{way}/{number}", KEY) as client, pytest.raises(CoCalcError) as caught:
        client.ping()
    problem = caught.value
    shown = [str(problem), repr(problem), *problem._render_traceback_(), *problem.args]
    if response := getattr(problem, "response", None):
        shown += [render.to_text(response), render.to_html(response), repr(response), repr(response.request)]

    assert secret_of(way, EXAMPLES[name]) not in "\n".join(shown)
    assert not set("\x1b\x07\x9d\x9c\u202e") & set("".join(shown))


LINES = (
    "%cocalc ping",
    "%cocalc ping --no-raise",
    "%cocalc last-error",
    "%cocalc status",
    "%cocalc doctor",
    "%tb",
    "import sys, traceback; print(repr(sys.last_value), sys.last_value, sys.last_value.args)",
    "%cocalc history",
)  # fmt: skip


@pytest.mark.slow
def test_a_saved_notebook_has_none_in_evalue_traceback_or_output(
    telling: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a real kernel sends is what is saved."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    kernel, said = Kernel(), dict[str, Any]()
    try:
        kernel.run("%load_ext cocalc_magic\n%xmode Verbose\nfrom cocalc_magic.config import keys as _keys")
        kernel.run("from cocalc_magic.config.secret import Secret as _Secret")
        for name, example in EXAMPLES.items():
            way = list(WAYS)[len(said) % len(WAYS)]
            url = f"{telling.url}/{way}/{TELLING.index(example)}"
            kernel.run(f"_keys.give({url!r}, _Secret('x' * 20))\n%cocalc server use {url}")
            said[name] = way, [kernel.run(line) for line in LINES]
    finally:
        kernel.close()

    for name, (way, outcome) in said.items():
        text = json.dumps(outcome, ensure_ascii=False)
        assert outcome[0][0]["status"] == "error"
        assert secret_of(way, EXAMPLES[name]) not in text, (way, name)
        assert not set("\x07\x9d\x9c\u202e") & set(outcome[0][0]["evalue"]), (way, name)
        assert "\x1b" not in outcome[0][0]["evalue"]


# -- what is no failure ----------------------------------------------------------------------------


def answered(value: Any, event: str = "ping", options: dict[str, Any] | None = None) -> Response:
    return Response(value, Request(event, options or {}), server="lab", address="https://lab.test")


PROJECT = {"project_id": "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"}
RESPONSES: dict[str, Any] = {
    "pong": lambda text: answered({"event": "pong", "now": text, "more": text}),
    "an event": lambda text: answered({"event": text, "id": text}),
    "a name": lambda text: answered({text: {text: [text]}}),
    "a text": lambda text: answered(text, "projects.getProject"),
    "records": lambda text: answered({"query": {"projects": [{"project_id": text, "title": text}] * 3}}, "query"),
    "nested records": lambda text: answered([{"a": {"b": {"c": [text]}}, "d": [text]}] * 3, "projects.get"),
    "stdout": lambda text: answered(
        {"event": "project_exec_output", "stdout": text, "stderr": text, "exit_code": 1}, "project_exec"
    ),
    "colours": lambda text: answered(
        {"event": "project_exec_output", "stdout": f"\x1b[31m{text[:9]}\x1b[0m{text[9:]}", "stderr": "", "exit_code": 0},
        "project_exec",
    ),
    "long stdout": lambda text: answered(
        {"event": "project_exec_output", "stdout": f"{'x' * 13_990} {text} {'y' * 50_000} {text} {'z' * 5_990}",
         "stderr": "", "exit_code": 0}, "project_exec"
    ),
    "one long line": lambda text: answered({"a": f"{'x' * 490} {text} {'y' * 5_000}"}, "query"),
    "longer cells": lambda text: answered([{"a": f"{'x' * n} {text} {'y' * 900}"} for n in range(40, 260, 7)], "query"),
    **{
        f"a file.{kind}": lambda text, kind=kind: answered(
            {"event": "text_file_read_from_project", "content": f"key = '{text}'\n# {text}\nKEY={text}\n"},
            "read_text_file_from_project", {**PROJECT, "path": f"a.{kind}"},
        )
        for kind in ("txt", "py", "sh", "json", "md", "yaml", "ipynb", "env", "csv", "html")
    },
    "jupyter": lambda text: answered(
        {"event": "jupyter_execute_response",
         "output": [{"name": "stdout", "text": text}, {"data": {"text/plain": text, "text/html": f"<b>{text}</b>"}},
                    {"ename": "E", "evalue": text, "traceback": [text]}]},
        "jupyter_execute",
    ),
    "listing": lambda text: answered(
        {"listing": [{"name": text, "size": 1, "mtime": 1, "isdir": False}]}, "project:system.listing"
    ),
    "keys": lambda text: answered({"response": [{"id": 1, "name": text, "trunc": text, "expire": text}]}, "/api-keys"),
    "options": lambda text: answered({"event": "success"}, "create_project", {"title": text, "description": text}),
}  # fmt: skip


@pytest.mark.parametrize("view", ["auto", "json", "table", "text", "raw"])
@pytest.mark.parametrize("kind", RESPONSES)
def test_no_view_shows_one(kind: str, view: str) -> None:
    shown = {}
    for name, example in EXAMPLES.items():
        response = RESPONSES[kind](example.text)
        response.view = view
        shown[name] = "\n".join([render.to_text(response), render.to_html(response), repr(response)])

    assert secrets_in(shown) == []


@pytest.mark.parametrize("kind", RESPONSES)
def test_no_tab_of_a_response_shows_one(kind: str) -> None:
    shown = {}
    for name, example in EXAMPLES.items():
        response = RESPONSES[kind](example.text)
        tabs = render.json_blocks(response), render.request_blocks(response), render.code_blocks(response)
        shown[name] = "\n".join(render.format_text(blocks) + render.format_html(blocks) for blocks in tabs)
        shown[name] += repr(response.request)

    assert secrets_in(shown) == []


def secrets_in(shown: Mapping[str, str]) -> list[str]:
    """The names of the examples whose secret is in the text."""
    return [name for name, text in shown.items() if EXAMPLES[name].secret in text]


@pytest.mark.parametrize("kind", RESPONSES)
def test_no_live_view_has_one(kind: str) -> None:
    """In the state of its widgets, and in what the page asks them for."""
    from ipywidgets import Widget
    from ipywidgets.widgets.widget import _instances

    from cocalc_magic.widgets.row_source import RowSource
    from cocalc_magic.widgets.view import response_view

    for name, example in EXAMPLES.items():
        made = [response_view(render.Rendered(RESPONSES[kind](example.text))), *_instances.values()]
        told = [
            one.answer(do, {"start": 0, "count": 500})
            for one in made
            if isinstance(one, RowSource)
            for do in one.ACTIONS
            if do != "frame"
        ]
        state = [one.get_state() for one in made]
        Widget.close_all()

        assert example.secret not in json.dumps([told, state], default=str, ensure_ascii=False), name


FIELDS = (
    "api_key", "password", "secret", "token", "auth_token", "poll_token", "redeem_token", "retry_token",
    "secret_token", "registrationToken", "remember_me", "newPassword", "client_secret", "private_key",
)  # fmt: skip


@pytest.mark.parametrize("view", ["auto", "json", "table", "text", "raw"])
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_a_secret_name_is_hidden_whatever_it_looks_like(name: str, view: str) -> None:
    for value in ({name: "marked-text"}, {"a": [{name: "marked-text"}]}, [{name: "marked-text", "b": 1}] * 3,
                  {"b": {"c": {name: ["marked-text"]}}}):  # fmt: skip
        response = answered(value, "query")
        response.view = view
        shown = [
            render.to_text(response),
            render.to_html(response),
            render.format_html(render.json_blocks(response)),
        ]

        assert not any("marked-text" in text for text in shown)
        assert response.text.count("marked-text") == str(value).count("marked-text"), "code finds it"


# -- what was sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["refuses", "fails", "has-an-object", "page"])
def test_a_password_that_a_server_repeats_is_in_no_error_and_no_view(way: str) -> None:
    def repeat(request: testing.Request) -> testing.Response:
        sent = json.loads(request.body)
        return failing(way, f"{sent['new_password']} is as bad as {sent['old_password']}")

    options = {
        "account_id": PROJECT["project_id"],
        "old_password": "marked horse",
        "new_password": "marked staple",
    }
    with (
        FakeServer(for_keys(repeat)) as server,
        Client(server.url, KEY) as client,
        pytest.raises(CoCalcError) as caught,
    ):
        client.send("change_password", **options)

    problem = caught.value
    shown = [str(problem), repr(problem)]
    if response := getattr(problem, "response", None):
        shown += [
            render.to_text(response),
            render.to_html(response),
            render.format_text(render.json_blocks(response)),
        ]
    assert "marked" not in "".join(shown)
    assert "•••" in shown[0] or way == "page"


def test_an_export_has_none_that_came_by_a_variable(
    shell: Any, telling: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"{telling.url}/fails/0"
    keys.give(url, Secret(KEY))
    shell.cell(f"%cocalc server use {url}")
    shell.user_ns["texts"] = [example.text for example in TELLING]
    for number in range(len(TELLING)):
        shell.cell(f"%cocalc create_project title=${{texts[{number}]}} --no-raise --quiet")
    for form in ("curl", "python", "notebook"):
        told = shell.cell(f"%cocalc history --export {form} sent.{form}")
        written = (tmp_path / f"sent.{form}").read_text()

        assert [example.text for example in TELLING if example.secret in written] == []
        assert f"{len(TELLING)} of them had secret options, which are left out." in str(told)
    keys.forget(url)


def test_code_of_a_response_and_of_show_has_none(shell: Any) -> None:
    shell.user_ns["text"] = f"see {KEYS['sk-cc-v2']}"
    for form in ("curl", "httpie", "python", "message"):
        shown = shell.cell(f"%cocalc create_project title=$text --show {form} --server sandbox")

        assert core(KEYS["sk-cc-v2"]) not in str(shown)
