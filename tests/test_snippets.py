"""What `--show` prints, run by the tool that it is for: what arrives is the message, whatever the values hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocalc_magic import catalog, from_curl, snippets
from cocalc_magic.sandbox.testing import FakeServer
from cocalc_magic.sanitize.secret_forms import mask_value
from cocalc_magic.syntax.format import format_magic
from tests.sent import ANSWER, PROJECT, message_of, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.catalog import Message

KEY = "sk-ListenersOwn7Key0000zX"

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="the tools of a shell are needed"
)

VALUES = [
    "@/etc/passwd", "=x", "==x", "=@/etc/passwd", ":=[1]", ":x", ";x", "@", "=", "-", "--", "-x", "--help", "-d@/etc/passwd",
    "a=b", "a@b", "a:b", "a:=b", "a==b", r"a\b", r"\=x", r"C:\=x", "a\\", r"\\", r"\@/etc/passwd", "50%", "%41", "a+b", "a&b=c",
    "it's", '"x"', "''", '""', "$HOME", "${HOME}", "$(id)", "`id`", "!!", "! x", "a;b", "a|b>c<d", "*", "~", "#x", "{a,b}", "[1-3]",
    "a\nb", "\n", "a\r\nb", "\ttab", " ", "", " a ", "\x00x\x01", "\x1b[31mred", "é ü ñ", "漢字 🎉", "\u202egnp", "a\u200bb", "\u00a0",
    "{{x}}", "%s%n", "null", "true", "7", "[]", "{}", "<b>", "file:///etc/passwd", "<(id)", "?", "x?", "EOF", '^"', "x ^", "$env:PATH", "Invoke-WebRequest", "PS C:\\>", "$ ls", "'; id; '", "\ud800",
]  # fmt: skip
"""What some tool or shell might read as more than a text."""

NAMES = [*[value for value in VALUES if value], "a[b]", "[]", "a.b", "name:", "class"]


def texts(value: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """One message of each API with this text as a value, by the path that it goes to."""
    return {
        "/api/v1/create_project": (
            "create_project",
            {"title": value, "description": f"x{value}", "start": True},
        ),
        "/api/v2/exec": (
            "/exec",
            {"project_id": PROJECT, "command": value, "args": [value, "-l"], "timeout": 5},
        ),
        "/api/conat/hub": ("projects.createProject", {"title": value}),
    }


@pytest.fixture
def listener() -> Iterator[FakeServer]:
    with FakeServer(ANSWER) as started:
        yield started


def run(program: list[str], **environ: str) -> None:
    env = (
        os.environ
        | {"COCALC_API_KEY": KEY, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        | environ
    )
    done = subprocess.run(program, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


def in_bash(snippets_: list[str], tmp_path: Path) -> None:
    """Runs them one after the other, as a script of that many lines."""
    script = tmp_path / "script.sh"
    script.write_text("set -e\n" + "\n".join(snippets_) + "\n", encoding="utf-8", errors="surrogateescape")
    (tmp_path / "config.json").write_text('{"disable_update_warnings": true}')  # HTTPie would look for news
    run(["bash", str(script)], HTTPIE_CONFIG_DIR=str(tmp_path))


def expected(event: str, options: dict[str, Any]) -> Any:
    """What has to arrive, by the rules of each API."""
    if catalog.generation_of(event) != "conat":
        return options
    return {"name": event, "args": [options], "timeout": 58000}


def arrived(listener: FakeServer) -> list[tuple[str, Any]]:
    return [(path_of(request), message_of(request)) for request in listener.take()]


def hostile() -> list[tuple[str, dict[str, Any]]]:
    """Every hostile text as a value in each API, and as a name inside of a value."""
    messages = [message for value in VALUES for message in texts(value).values()]
    return [*messages, *(("query", {"query": {name: [{name: None}]}}) for name in NAMES)]


def test_curl_sends_the_message(listener: FakeServer, tmp_path: Path) -> None:
    messages = hostile()

    in_bash([snippets.curl(listener.url, event, options) for event, options in messages], tmp_path)

    got = arrived(listener)
    assert [sent for _, sent in got] == [expected(event, options) for event, options in messages]
    assert {path for path, _ in got} == {*texts(""), "/api/v1/query"}


def test_curl_s_form_sends_the_message(listener: FakeServer, tmp_path: Path) -> None:
    messages = [{"title": value, "description": f"x{value}"} for value in VALUES]

    in_bash(
        [snippets.curl(listener.url, "create_project", options, form=True) for options in messages], tmp_path
    )

    assert [sent for _, sent in arrived(listener)] == messages


def test_curl_is_read_back_as_the_same_message() -> None:
    for event, options in [*hostile(), ("ping", {})]:
        text = snippets.curl("https://cocalc.example.edu/base", event, options)
        (found,) = from_curl.read(text).messages
        assert (found.words, found.options, found.server, found.timeout, found.had_key) == (
            event, options, "https://cocalc.example.edu/base", "", False,
        )  # fmt: skip


def test_curl_s_form_is_read_back_as_the_same_message() -> None:
    for value in VALUES:
        options = {"title": value, "description": f"x{value}"}
        (found,) = from_curl.read(
            snippets.curl("https://s.example", "create_project", options, form=True)
        ).messages
        assert found.options == options


FEW = [
    "@/etc/passwd",
    "=x",
    ":=[1]",
    "=@/etc/passwd",
    r"C:\=x",
    'it\'s "$x"',
    "a\nb",
    "-x",
    "漢字 \u202e",
    "plain",
]
"""Where starting the tool takes long: one of each kind; the others are for `-m long`."""


def httpie_messages(values: list[str]) -> list[tuple[str, dict[str, Any]]]:
    messages = [message for value in values for message in texts(value).values()]
    return [*messages, *(("query", {"query": {name: [{name: None}]}}) for name in values), ("ping", {})]


def check_httpie(listener: FakeServer, tmp_path: Path, messages: list[tuple[str, dict[str, Any]]]) -> None:
    in_bash([snippets.httpie(listener.url, event, options) for event, options in messages], tmp_path)

    assert [sent for _, sent in arrived(listener)] == [
        expected(event, options) for event, options in messages
    ]


def check_httpie_form(listener: FakeServer, tmp_path: Path, values: list[str]) -> None:
    messages = [{"title": value, "description": f"x{value}"} for value in values]
    in_bash(
        [snippets.httpie(listener.url, "create_project", options, form=True) for options in messages],
        tmp_path,
    )

    assert [sent for _, sent in arrived(listener)] == messages


needs_httpie = pytest.mark.skipif(
    not (Path(sys.executable).with_name("http").exists() or shutil.which("http")), reason="needs HTTPie"
)


@needs_httpie
def test_httpie_sends_the_message(listener: FakeServer, tmp_path: Path) -> None:
    messages = [texts(value)["/api/v1/create_project"] for value in FEW]
    check_httpie(listener, tmp_path, [*messages, texts("a\\=b")["/api/conat/hub"], ("ping", {})])
    check_httpie_form(listener, tmp_path, FEW[:2])


@needs_httpie
@pytest.mark.long
def test_httpie_sends_every_hostile_message(listener: FakeServer, tmp_path: Path) -> None:
    check_httpie(listener, tmp_path, httpie_messages(VALUES))
    check_httpie_form(listener, tmp_path, VALUES)


def test_a_long_command_is_broken_at_its_options() -> None:
    options = {"title": "it's a title", "description": "many words " * 9, "start": True}

    curl = snippets.curl("https://cocalc.example.edu", "create_project", options)
    httpie = snippets.httpie("https://cocalc.example.edu", "create_project", options)

    assert [line.split(None, 1)[0] for line in curl.replace("\\\n", "").splitlines()[0].split("  ")] == [
        "curl", "-u", "-H", "-d",
    ]  # fmt: skip
    assert curl.endswith(" \\\n  https://cocalc.example.edu/api/v1/create_project")
    assert httpie.splitlines()[1:] == [
        "  POST https://cocalc.example.edu/api/v1/create_project \\",
        "  'title=it'\"'\"'s a title' \\",
        f"  'description={'many words ' * 9}' \\",
        "  start:=true",
    ]


@pytest.mark.parametrize("write", [snippets.python, snippets.requests])
def test_python_sends_the_message(listener: FakeServer, tmp_path: Path, write: Callable[..., str]) -> None:
    """One process runs all of the programs, each as it is printed."""
    messages = hostile()
    programs = [write(listener.url, event, options) for event, options in messages]
    script = tmp_path / "programs.py"
    script.write_text(f"for program in {programs!a}:\n    exec(compile(program, 'snippet', 'exec'), {{}})\n")

    run([sys.executable, str(script)])

    got = [
        without_made_up_id(sent, options)
        for (_, sent), (_, options) in zip(arrived(listener), messages, strict=True)
    ]
    assert got == [expected(event, options) for event, options in messages]


def without_made_up_id(sent: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name != "id" or "id" in options}


def test_the_magic_sends_the_message(
    listener: FakeServer, shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCALC_HOST", listener.url)
    monkeypatch.setenv("COCALC_API_KEY", KEY)
    messages = [*(texts(value)["/api/v1/create_project"] for value in VALUES), *hostile()[-10:]]
    for event, options in messages:
        shell.cell(format_magic(event, options))

    got = [
        without_made_up_id(sent, options)
        for (_, sent), (_, options) in zip(arrived(listener), messages, strict=True)
    ]
    assert got == [expected(event, options) for event, options in messages]


@pytest.mark.parametrize("form", [False, True])
def test_what_is_too_long_for_a_word_of_a_command_is_piped(
    listener: FakeServer, tmp_path: Path, form: bool
) -> None:
    options = {"title": "x", "description": "it's $HOME \\ é\n" * 20_000}
    lines = [snippets.curl(listener.url, "create_project", options, form=form)]
    if not needs_httpie.args[0]:
        lines.append(snippets.httpie(listener.url, "create_project", options, form=form))

    in_bash(lines, tmp_path)

    assert [sent for _, sent in arrived(listener)] == [options] * len(lines)
    (found,) = from_curl.read(lines[0]).messages
    assert found.options == options


MESSAGES = list(catalog.all_messages())


@pytest.mark.parametrize("messages", [MESSAGES[::9], pytest.param(MESSAGES, marks=pytest.mark.long)])
def test_messages_of_the_catalog_arrive_by_curl(
    listener: FakeServer, tmp_path: Path, messages: list[Message]
) -> None:
    """The examples of all APIs, those without options among them."""
    in_bash(
        [snippets.curl(listener.url, message.event, message.example.options) for message in messages],
        tmp_path,
    )

    assert len(arrived(listener)) == len(messages)


def test_every_message_of_the_catalog_comes_back_from_curl() -> None:
    """What is secret does not come back: the notebook is asked for it."""
    for message in MESSAGES:
        options = message.example.options
        (found,) = from_curl.read(snippets.curl("https://s.example", message.event, options)).messages
        public = {name: value for name, value in options.items() if name not in message.secret}
        assert found.words == message.event
        assert {name: found.options.get(name) for name in public} == public


def test_no_event_hides_a_method_of_the_client() -> None:
    from cocalc_magic import Client

    assert [event for event in catalog.messages() if hasattr(Client, event)] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: mask_value(value) == value)  # what is named as a secret does not come back from curl


def check_any(listener: FakeServer, tmp_path: Path, value: Any) -> None:
    options = {"query": {"a": value, "b": [value]}}
    in_bash([snippets.curl(listener.url, "query", options)], tmp_path)

    assert [sent for _, sent in arrived(listener)] == [options]
    (found,) = from_curl.read(snippets.curl("https://s.example", "query", options)).messages
    assert found.options == options


SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(value=JSON)
def test_any_value_arrives_by_curl_and_comes_back(listener: FakeServer, tmp_path: Path, value: Any) -> None:
    check_any(listener, tmp_path, value)


@pytest.mark.long
@settings(max_examples=3_000, deadline=None, suppress_health_check=SLOW)
@given(value=JSON)
def test_thousands_of_values_arrive_by_curl_and_come_back(
    listener: FakeServer, tmp_path: Path, value: Any
) -> None:
    check_any(listener, tmp_path, value)


@needs_httpie
@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(value=JSON, text=st.text())
def test_hundreds_of_values_arrive_by_httpie(
    listener: FakeServer, tmp_path: Path, value: Any, text: str
) -> None:
    check_httpie(
        listener, tmp_path, [("query", {"query": {"a": value}}), ("create_project", {"title": text})]
    )
