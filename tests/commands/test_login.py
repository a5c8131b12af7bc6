"""%cocalc login, logout and status: by a kernel's question, in a real terminal, and where nobody is there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pexpect
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from cocalc_magic.config import keyfile, keys, pasted
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, KeyRefused, KeyRequired, ServerUnreachable
from tests.ipython.test_kernel import Kernel
from tests.leaks.examples import KEYS, core
from tests.leaks.search import in_objects
from tests.sandbox.conftest import sandbox  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running

KEY = "sk-Marked0Marked0Mark00001n"
IRIS = "It belongs to Iris Instructor <iris@example.edu>."


# -- what is pasted --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"  {KEY}\n",
        f"'{KEY}'",
        f"https://authenticated/?api_key={KEY}",
        f"https://authenticated?api_key={KEY}&x=1",
        f"Location: https://authenticated/?api_key={KEY}",
        f"location:https://authenticated/?api_key={KEY}\r\n",
        f"< Location: https://authenticated/?api_key={KEY}",
    ],
)
def test_a_key_is_taken_in_every_form_that_people_have_it_in(text: str) -> None:
    assert pasted.parse(text).reveal() == KEY


def test_old_keys_are_keys() -> None:
    assert pasted.parse("sk_abcdefQWERTY090900000000").reveal() == "sk_abcdefQWERTY090900000000"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "around",
    ["{}", "\u200b{}\ufeff", "\u00a0{}\n", '"{}"', "https://authenticated/?api_key={}",
     "< Location: https://authenticated?api_key={}"],
)  # fmt: skip
def test_keys_of_every_form_are_taken(key: str, around: str) -> None:
    assert pasted.parse(around.format(key)).reveal() == key


MISTYPED = [*(f"{key} x" for key in KEYS.values()), *(f"{key}é" for key in KEYS.values()),
            *(key.replace("sk", "Sk") for key in KEYS.values()),
            *(f"https://evil.example/?api_key={key}" for key in KEYS.values()),
            *(f"https://authenticated/?api_key={key}%20" for key in KEYS.values())]  # fmt: skip


@pytest.mark.parametrize("text", MISTYPED)
def test_a_mistyped_key_stays_in_no_frame_and_no_error(text: str) -> None:
    """It is a key nearly, and debuggers show the variables of the frames that an error came through."""
    with pytest.raises(CoCalcError, match="what was given is not a key") as caught:
        pasted.parse(text)

    key = next(key for key in KEYS.values() if core(key) in text)
    assert in_objects({"problem": caught.value}, key) == []


@pytest.mark.parametrize(
    "text",
    ["", "  ", "Marked-password", "sk-", "sk-Marked Marked", f"https://evil.example/?api_key={KEY}",
     "https://authenticated/?api_key=", "https://authenticated/?key=x", "https://[", f"{KEY}é",
     f"Location: {KEY} x", f"https://authenticated.evil.example/?api_key={KEY}"],
)  # fmt: skip
def test_what_is_no_key_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(CoCalcError, match=r"(no|not a) key") as caught:
        pasted.parse(text)
    assert "Marked" not in str(caught.value)
    assert "A key begins with sk-" in str(caught.value)


# -- a key in the cell -----------------------------------------------------------------------------


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    yield shell
    keys.forget("https://cocalc.ai")


@pytest.mark.parametrize(
    "cell",
    [
        f"%cocalc login {KEY}",
        f"%cocalc login cocalc.ai '{KEY}'",
        f"%cocalc login --key={KEY}",
        f"%cocalc login https://authenticated/?api_key={KEY}",
        f"%cocalc {KEY}",
        f"%cocalc ping key={KEY}",
        "%cocalc login sk-abcdefghijklmnopqrstuv",
        f"%cocalc ping --server https://{KEY}@cocalc.ai",
        f"%cocalc create_project title={KEY}",
        f"%cocalc project_exec command='curl -u {KEY}: https://cocalc.ai'",
        "%cocalc create_project title=sk_abcdefQWERTY090900000000",
        f"%%cocalc create_project\ntitle: {KEY}",
        f'%%cocalc create_project\n{{"title": "{KEY}"}}',
        f"%cocalc server add a https://{KEY}:x@a.example",
        f"%cocalc create_project title={KEY}?",
        f"%cocalc query query={{{KEY}\nprint(1)",
        f"%cocalc create_project\ntitle: {KEY}",
    ],
)
def test_a_key_in_a_cell_is_refused_before_it_is_used(shell: Any, cell: str) -> None:
    """No server is started or asked: there is none to be reached."""
    shell.cell("%cocalc server use http://127.0.0.1:9")
    with pytest.raises(CoCalcError, match=r"a key stands in this cell. It was not used") as caught:
        shell.cell(cell)

    assert "Remove it from the notebook" in str(caught.value)
    assert "replace it in the settings" in str(caught.value)
    assert "Marked" not in str(caught.value)
    assert "QWERTY" not in str(caught.value)
    assert "ghijkl" not in str(caught.value)
    assert str(shell.cell("%cocalc history")) == "Nothing has been sent yet."


@pytest.mark.parametrize(
    "cell",
    [
        "%cocalc create_project title=sk-learn --show message",
        "%cocalc create_project title='sk_linearregressionexamples' --show message",
        "%cocalc create_project title=task-Aaaaaaaa0aaaaaaaaaaaaaaaaaaaa --show message",
        f"%%cocalc project_exec project_id=3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833 command=- --show message\necho {KEY}",
    ],
)
def test_what_only_looks_like_one_is_not_refused(shell: Any, cell: str) -> None:
    assert shell.cell(cell)


# -- where nobody is there -------------------------------------------------------------------------


def test_where_nobody_can_be_asked_it_is_told_what_to_set(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyRequired, match="nobody can be asked for a key here") as caught:
        shell.cell("%cocalc login")
    assert "Set COCALC_HOST and COCALC_API_KEY" in str(caught.value)
    with pytest.raises(KeyRequired, match=r"there is no key for cocalc\.ai"):
        shell.cell("%cocalc login cocalc.ai")

    monkeypatch.setenv("COCALC_API_KEY", KEY)

    assert "cocalc.ai has the key sk-…1n, from COCALC_API_KEY" in str(shell.cell("%cocalc login"))


def executed() -> Any:
    """A notebook that logs in, run as nbconvert and papermill run it."""
    cells = [
        nbformat.v4.new_code_cell(source) for source in ("%load_ext cocalc_magic", "%cocalc login", "1 + 1")
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


def test_a_notebook_run_by_nobody_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with pytest.raises(CellExecutionError, match="Set COCALC_HOST and COCALC_API_KEY"):
        executed()

    monkeypatch.setenv("COCALC_API_KEY", KEY)
    text = nbformat.writes(executed())

    assert "Nobody was asked: cocalc.ai has the key sk-…1n" in text
    assert "Marked" not in text


# -- with a server ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel with a configuration of its own, and a person who answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        started = Kernel()
        started.run("%load_ext cocalc_magic")
        yield started
        started.close()


def shown(outcome: tuple[dict[str, Any], list[dict[str, Any]]]) -> str:
    """All that a person sees of a cell."""
    reply, outputs = outcome
    assert reply["status"] == "ok", reply["evalue"]
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    )


def test_a_key_is_asked_for_tested_and_used(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    hint = f"{sandbox.key[:3]}…{sandbox.key[-2:]}"
    handed_over = f"Location: https://authenticated/?api_key={sandbox.key}"

    outcome = kernel.run(f"%cocalc login {sandbox.url} --prompt --save no", answers=[handed_over])

    assert f"The key {hint} works at {sandbox.url[7:]}. {IRIS}" in shown(outcome)
    status = shown(kernel.run("%cocalc status"))
    assert sandbox.url in status
    assert f"{hint}, from login in this kernel" in status
    assert "Iris Instructor <iris@example.edu>" in status
    assert "v1, the first API" in status
    assert shown(kernel.run("res = %cocalc ping\nprint(res.server)")).strip() == sandbox.url[7:]
    assert sandbox.key not in str(outcome) + status


def test_it_is_used_by_scripts_of_the_kernel_too(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    kernel.run(f"%cocalc login {sandbox.url} --prompt --save no", answers=[sandbox.key])

    text = shown(kernel.run(f"from cocalc_magic import Client\nprint(Client({sandbox.url!r}).ping().event)"))

    assert text.strip() == "pong"


def test_logout_drops_it(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    kernel.run(f"%cocalc login {sandbox.url} --prompt --save file", answers=[sandbox.key])

    assert "was removed from this kernel. There is still sk-" in shown(kernel.run("%cocalc logout"))
    assert "from the file" in shown(kernel.run("%cocalc status"))
    assert "was removed from the key file." in shown(kernel.run("%cocalc logout --forget"))
    assert "none; %cocalc login" in shown(kernel.run("%cocalc status"))
    assert kernel.run("%cocalc ping")[0]["ename"] == "KeyRequired"
    assert "There was no key." in shown(kernel.run("%cocalc logout"))


def test_a_wrong_key_changes_nothing(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    kernel.run("%cocalc server use sandbox")
    reply, outputs = kernel.run(f"%cocalc login {sandbox.url} --prompt", answers=[KEY])

    assert reply["ename"] == KeyRefused.__name__
    assert "Marked" not in str(outputs)
    assert "sandbox: an embedded CoCalc" in shown(kernel.run("%cocalc status"))
    assert (
        kernel.run("%cocalc login http://127.0.0.1:9 --prompt", answers=[KEY])[0]["ename"]
        == ServerUnreachable.__name__
    )
    assert "the sandbox makes its own key" in str(kernel.run("%cocalc login sandbox --prompt", answers=["x"]))


def test_without_a_named_server_it_is_asked_for(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    kernel.run("%cocalc server use --clear")

    outcome = kernel.run("%cocalc login --prompt --save no", answers=[sandbox.url, sandbox.key])

    assert IRIS in shown(outcome)


def test_the_key_of_a_project_is_told_apart(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    options = {"action": "create", "name": "ours", "project_id": sandbox.project()}
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    answer = sandbox.session.post(f"{sandbox.url}/api/v2/api-keys", json=options, headers=headers, timeout=10)
    key = answer.json()["response"][0]["secret"]

    text = shown(kernel.run(f"%cocalc login {sandbox.url} --prompt --save no", answers=[key]))

    assert "It belongs to a project, not an account." in text


def test_a_traceback_with_all_variables_has_no_key(kernel: Kernel, sandbox: Running) -> None:  # noqa: F811
    """A bug of ours, made here, at the moment when the key is in hand."""
    kernel.run("%xmode Verbose\nsession = get_ipython().magics_manager.registry['CoCalc'].session")
    kernel.run("owners, session.owners = session.owners, None")

    reply, outputs = kernel.run(f"%cocalc login {sandbox.url} --prompt --save no", answers=[sandbox.key])

    kernel.run("session.owners = owners\n%xmode Context")
    assert reply["ename"] == "TypeError"
    assert "<Secret •••>" in "".join(reply["traceback"])
    assert sandbox.key not in str(reply) + str(outputs)


def test_in_a_terminal(sandbox: Running, tmp_path: Path) -> None:  # noqa: F811
    """The key shows nowhere on the screen, and not in the history that IPython keeps on disk."""
    environ = os.environ | {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "j"),
    }
    command = ["-m", "IPython", "--simple-prompt", "--ext=cocalc_magic", "--no-banner"]
    terminal = pexpect.spawn(sys.executable, command, env=environ, encoding="utf-8", timeout=30)
    screen = (tmp_path / "screen").open("w")
    terminal.logfile_read = screen
    terminal.expect(r"In \[1\]")
    terminal.sendline(f"%cocalc login {sandbox.url}")
    terminal.expect("nothing is shown")
    terminal.sendline(sandbox.key)
    terminal.expect("Save it for later kernels")
    terminal.sendline("file")
    terminal.expect(r"In \[2\]")
    terminal.sendline("%cocalc ping")
    terminal.expect("pong")
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    screen.close()

    text = (tmp_path / "screen").read_text()
    assert "It belongs to Iris Instructor" in text
    holding = [
        file for file in tmp_path.rglob("*") if file.is_file() and sandbox.key.encode() in file.read_bytes()
    ]
    assert [file.parent.name for file in holding] == ["keys"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "j"))
        assert keyfile.read(sandbox.url) == Secret(sandbox.key)
