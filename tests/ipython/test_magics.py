"""%cocalc and %%cocalc in a real shell against a real sandbox: what is returned, shown, stored and refused."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from cocalc_magic import config
from cocalc_magic.errors import (
    CoCalcError,
    InvalidValue,
    KeyRequired,
    MessageFailed,
    SandboxFailed,
    UnknownEvent,
)


@pytest.fixture
def shell(shell: Any, client: Any) -> Any:
    """The shell, with a sandbox that is ended with the session."""
    shell.user_ns["pid"] = client.create_project(title="magics")["project_id"]
    return shell


def displayed(shell: Any, value: object) -> dict[str, str]:
    """The MIME bundle that a front-end would get."""
    bundle, _ = shell.display_formatter.format(value)
    return dict(bundle)


def test_a_line_returns_its_response(shell: Any) -> None:
    response = shell.cell("res = %cocalc ping\nres")

    assert response.event == "pong"
    assert shell.user_ns["res"] is response


def test_a_cell_gives_the_options(shell: Any) -> None:
    response = shell.cell("%%cocalc project_exec\nproject_id: $pid\ncommand: echo hi\n")

    assert response["stdout"] == "hi\n"


def test_the_whole_cell_may_be_one_option(shell: Any) -> None:
    response = shell.cell("%%cocalc project_exec project_id=$pid command=-\nx=3\necho $x ${HOME##*/} {x}\n")

    assert response["stdout"] == f"3 {shell.user_ns['pid']} {{x}}\n"


def test_a_cell_may_be_the_whole_message(shell: Any) -> None:
    assert shell.cell('%%cocalc event\n{"event": "ping", "id": "abc"}').id == "abc"
    assert shell.cell("%%cocalc\nevent: ping\nid: abc").id == "abc"


def test_a_cell_of_windows_runs_as_any_other(shell: Any) -> None:
    cell = "%%cocalc project_exec project_id=$pid command=-\r\nx=3\r\nprintf '%s' \"$x\" | od -c\r\n"

    assert shell.cell(cell)["stdout"].split() == ["0000000", "3", "0000001"]


def test_a_file_arrives_as_it_is(shell: Any, tmp_path: Any) -> None:
    data = b"\xef\xbb\xbfa\r\nb\rc\n\n"
    (tmp_path / "f.txt").write_bytes(data)
    shell.user_ns["file"] = str(tmp_path / "f.txt")

    shell.cell("%cocalc write_text_file_to_project project_id=$pid path=f.txt content=@$file --quiet")
    sent = shell.cell("%cocalc project_exec project_id=$pid command='base64 -w0 f.txt'")

    assert base64.b64decode(sent["stdout"]) == data


def test_a_dict_of_python_reads_and_does_not_write(shell: Any) -> None:
    """The text None in a query is written over the title; the word None is a null, and reads."""
    pid = shell.user_ns["pid"]
    printed = repr({"query": {"projects": {"project_id": pid, "title": None}}})

    assert shell.cell(f"%%cocalc query\n{printed}")["query"]["projects"]["title"] == "magics"
    shell.user_ns["payload"] = {"query": {"projects": {"project_id": pid, "title": None}}}
    assert shell.cell("%cocalc query ${payload}")["query"]["projects"]["title"] == "magics"
    for word in ("None", "undefined", "nil", "NaN"):
        with pytest.raises(InvalidValue, match=f"{word} is another language's nothing"):
            shell.cell(f"%%cocalc query\nquery: {{projects: {{project_id: $pid, title: {word}}}}}")
    assert shell.cell("%cocalc query **payload")["query"]["projects"]["title"] == "magics"


def test_a_name_of_the_notebook_is_the_name_of_a_field(shell: Any) -> None:
    shell.user_ns["field"] = "title"
    cell = "%%cocalc query\nquery: {projects: {project_id: $pid, $field: null}}"

    assert shell.cell(cell)["query"]["projects"]["title"] == "magics"


def test_the_current_project_is_not_missing_when_something_else_is_wrong(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.cell(f"%cocalc use {shell.user_ns['pid']}")
    with pytest.raises(InvalidValue):
        shell.cell("%cocalc project_exec command=ls timeout=soon")

    assert "project_id" not in capsys.readouterr().out.partition("timeout takes")[2]


def test_a_typo_of_a_command_offers_the_command(shell: Any) -> None:
    with pytest.raises(UnknownEvent) as caught:
        shell.cell("%cocalc statsu")

    assert caught.value.hints == ("Did you mean status?", caught.value.hints[-1])
    assert "%cocalc events lists them" in caught.value.hints[-1]


def test_a_flag_takes_a_value_of_the_notebook(shell: Any) -> None:
    shell.user_ns.update(seconds=7.5, server="sandbox", name="kept")

    response = shell.cell("%cocalc ping --timeout $seconds --server $server -o $name")

    assert shell.user_ns["kept"] is response
    with pytest.raises(InvalidValue, match="--timeout takes seconds"):
        shell.cell("%cocalc ping --timeout $name")


def test_values_are_those_of_the_function_that_the_magic_is_in(shell: Any) -> None:
    source = """
    name = "outside"
    def make(name):
        return get_ipython().run_line_magic("cocalc", "ping id=$name")
    """

    shell.cell(textwrap.dedent(source))

    assert shell.cell("make('inside')").id == "inside"
    assert shell.cell("[make(str(n)).id for n in range(2)]") == ["0", "1"]


def test_ipythons_own_expansion_is_off(shell: Any) -> None:
    assert shell.cell("%cocalc ping id={1+1}").id == "{1+1}"


def test_a_response_is_stored_under_a_name(shell: Any) -> None:
    response = shell.cell("%cocalc ping -o kept")

    assert shell.user_ns["kept"] is response
    with pytest.raises(InvalidValue, match="--out takes the name of a variable"):
        shell.cell("%cocalc ping -o 1x")
    assert len(shell.magics_manager.registry["CoCalc"].session.history) == 1, "the second one was sent"


QUIET = [
    "%cocalc ping --quiet",
    "%cocalc ping;",
    "%cocalc ping id='a;' --quiet",
    "%%cocalc ping --quiet\nid: x",
    "%cocalc version;",
    "%cocalc help ping;  # a command",
    "%cocalc events ping;",
]


@pytest.mark.parametrize("cell", QUIET)
def test_quiet_hides_the_response(shell: Any, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell(cell)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "cell",
    [
        "%cocalc ping id=one\n%cocalc ping id=two",
        "%cocalc ping id=one\n\n%cocalc ping id=two\nx = 1",
        "%cocalc ping id=none --quiet\n%cocalc ping id=one  # both\n%cocalc ping id=none;\n%cocalc ping \\\n id=two",
    ],
)
def test_every_response_of_a_cell_is_shown(shell: Any, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell(cell)

    assert capsys.readouterr().out.count("ping → pong") == 2


def test_what_only_looks_like_a_message_on_a_line_of_its_own_is_left_alone(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call = "get_ipython().run_line_magic('cocalc', 'ping')"

    shell.cell(f"text = '''\n{call}\n'''\nfor _ in range(2):\n    %cocalc ping\nr = %cocalc ping\n'end'")

    assert shell.user_ns["text"] == f"\n{call}\n"
    assert "ping → pong" not in capsys.readouterr().out


@pytest.mark.parametrize("end", [";", " --quiet"])
def test_a_quiet_response_is_returned_all_the_same(
    shell: Any, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.cell(f"res = %cocalc ping{end}\nres")

    assert shell.user_ns["res"].event == "pong"
    assert "ping → pong" in capsys.readouterr().out


def test_a_semicolon_within_a_value_hides_nothing(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell("%cocalc ping id='a; --quiet'")

    assert "ping → pong" in capsys.readouterr().out


def test_in_a_terminal_the_text_view_is_shown(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell("%cocalc ping id=abc")

    assert "ping → pong · [sandbox] · " in capsys.readouterr().out


def test_inside_of_other_values_a_response_is_its_short_repr(shell: Any) -> None:
    response = shell.cell("%cocalc ping")

    assert displayed(shell, [response])["text/plain"] == f"[{response!r}]"


def test_a_front_end_gets_html_that_marks_the_sandbox(shell: Any) -> None:
    bundle = displayed(shell, shell.cell("%cocalc ping"))

    assert ">sandbox</span>" in bundle["text/html"]
    assert "data-ccm" not in bundle["text/html"]  # a terminal has no page that could ask


def test_text_alone_is_shown_where_one_says_so(shell: Any) -> None:
    shell.cell("%config CoCalc.view = 'text'")

    assert list(displayed(shell, shell.cell("%cocalc ping"))) == ["text/plain"]


@pytest.mark.parametrize(
    ("view", "types"),
    [("html", {"text/plain", "text/html"}), ("text", {"text/plain"}), ("raw", {"text/plain"})],
)
def test_a_line_says_how_its_response_is_shown(shell: Any, view: str, types: set[str]) -> None:
    assert set(displayed(shell, shell.cell(f"%cocalc ping --as {view}"))) == types
    with pytest.raises(InvalidValue, match=r"--as takes auto, .*bundle, not 'nothing'"):
        shell.cell("%cocalc ping --as nothing")


def test_without_a_page_a_form_is_a_line_that_says_what_to_type(shell: Any) -> None:
    shell.cell("%config CoCalc.view = 'bundle'")

    assert "application/vnd.jupyter.widget-view+json" not in displayed(shell, shell.cell("%cocalc form ping"))


def test_a_mistake_fails_the_cell_with_one_short_block(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnknownEvent):
        shell.cell("%cocalc pingg")
    printed = "".join(capsys.readouterr())

    assert printed.splitlines()[:4] == [
        "Not sent: there is no event 'pingg'.",
        "  pingg",
        "  ^^^^^",
        "  Did you mean ping?",
    ]
    assert "Traceback" not in printed


def test_a_failed_message_fails_the_cell(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MessageFailed):
        shell.cell("%cocalc read_text_file_from_project project_id=$pid path=none.txt")

    assert "".join(capsys.readouterr()).startswith("Failed: Error: ENOENT: no such file or directory, stat '")


def test_a_failure_can_be_returned(shell: Any) -> None:
    response = shell.cell("%cocalc read_text_file_from_project project_id=$pid path=none.txt --no-raise")

    assert not response.ok
    assert ">failed</span>" in displayed(shell, response)["text/html"]


@pytest.mark.parametrize("seconds", ["soon", "0", "-1", "nan", "1e9"])
def test_a_time_limit_is_a_number_of_seconds(shell: Any, seconds: str) -> None:
    with pytest.raises(InvalidValue, match="--timeout takes seconds"):
        shell.cell(f"%cocalc ping --timeout {seconds}")


def test_the_environment_chooses_the_server(shell: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCALC_HOST", "http://127.0.0.1:9")
    with pytest.raises(KeyRequired, match="there is no key for 127"):
        shell.cell("%cocalc ping")

    monkeypatch.setenv("COCALC_HOST", client.server.url)
    monkeypatch.setenv("COCALC_API_KEY", client.key.reveal())

    assert shell.cell("%cocalc ping").server == client.server.url.removeprefix("http://")


def test_what_reaches_people_asks_first_on_a_real_server(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is one where nobody listens: had the message been sent, the error would be another."""
    monkeypatch.setenv("COCALC_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("COCALC_API_KEY", "sk-0000000000000000000009")
    line = "%cocalc delete_account account_id=7d1c6a52-0b3e-4c58-9a0f-2f6f1c8f5e11"

    with pytest.raises(CoCalcError, match="delete_account asks first") as caught:
        shell.cell(line)

    assert "Run it with --yes" in str(caught.value)
    with pytest.raises(CoCalcError, match="can't be reached"):
        shell.cell(f"{line} --yes")


@pytest.mark.slow
def test_a_sandbox_that_was_killed_is_told_and_then_made_anew() -> None:
    script = """
    import os, signal
    from cocalc_magic import config as servers
    from cocalc_magic.errors import SandboxFailed
    first, _ = servers.configured()
    process_id = servers.sandbox().process_id
    os.kill(process_id, signal.SIGKILL)
    os.waitid(os.P_PID, process_id, os.WEXITED | os.WNOWAIT)  # all of its threads, and left to be waited for
    try:
        servers.configured()
    except SandboxFailed as problem:
        print(problem.problem)
    second, _ = servers.configured()
    print(first != second)
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=30
    )

    assert done.stdout.splitlines() == ["the sandbox has ended by itself (exit code -9).", "True"]


def test_the_help_of_the_magic_is_its_docstring(shell: Any) -> None:
    text = shell.object_inspect("%cocalc")["docstring"]

    assert text.startswith("Send a message to CoCalc and return its response.")
    assert "%%cocalc project_exec project_id=$pid command=-" in text


def test_no_key_is_in_the_namespace_or_its_listing(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell("res = %cocalc ping")
    shell.cell("%whos")
    shell.cell("vars(res)")
    key = config.configured()[1].reveal()

    assert key not in "".join(capsys.readouterr())


def test_the_process_id_of_this_test_is_alive_after_its_sandbox_is_interrupted(client: Any) -> None:
    """An interrupt of the process group does not reach the sandbox, which has a session of its own."""
    process_id = config.sandbox().process_id
    assert process_id
    assert os.getsid(process_id) == process_id
    assert client.ping().ok


def test_a_sandbox_that_can_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))

    with pytest.raises(SandboxFailed, match="the sandbox did not start") as caught:
        config.EmbeddedSandbox().connection()

    assert "Python" in str(caught.value)
