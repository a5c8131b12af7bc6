"""%cocalc login --page, and what is said of a key: in a kernel with a person, with servers that are played."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import keyring
import pytest
import requests
from keyring.backends.fail import Keyring as NoKeyring

from cocalc_magic import Client, config
from cocalc_magic.client.device_login import DeviceLogin
from cocalc_magic.commands.help import status
from cocalc_magic.config import keys, login_sessions
from cocalc_magic.config.login_sessions import LoginSession
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import (
    CoCalcError,
    InvalidSyntax,
    InvalidValue,
    KeyRequired,
    ServerRetired,
)
from cocalc_magic.sandbox.testing import FakeServer, Response
from cocalc_magic.session.login import Login
from cocalc_magic.session.session import Session
from tests.client.approving import SECRETS, Approving
from tests.commands.test_login import kernel, shown  # noqa: F401 - a fixture
from tests.config.test_keys import Memory
from tests.leaks.examples import KEYS
from tests.sandbox.conftest import start_sandbox  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic.client.device_login import Approval
    from tests.ipython.test_kernel import Kernel
    from tests.sandbox.conftest import Start

KEY = KEYS["sk-cc-v2"]
LATER = 3 * 3600.0


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return shell


@pytest.fixture
def ring() -> Iterator[Memory]:
    """A keyring as a system has it."""
    started = Memory()
    keyring.set_keyring(started)
    yield started
    keyring.set_keyring(NoKeyring())


@pytest.fixture
def server() -> Iterator[Approving]:
    with Approving(0) as started:
        yield started
        keys.forget(started.url)
        login_sessions.forget(started.url)


def signed_in(server: Approving, seconds: float = LATER) -> LoginSession:
    """Hold a session at the server, as a login has given it."""
    session = LoginSession(Secret(SECRETS[2]), time.time() + seconds, "Iris Instructor <iris@example.edu>")
    login_sessions.give(server.url, session)
    return session


# -- signing in and out ----------------------------------------------------------------------------


def test_a_person_approves_on_the_page_and_is_signed_out_of_it_again(
    kernel: Kernel,  # noqa: F811
    server: Approving,
) -> None:
    outcome = kernel.run(f"%cocalc login {server.url} --page", answers=[])

    text = shown(outcome)
    assert f"Open this page in a browser, and approve there:\n  {server.url}/auth/cli-login/" in text
    assert f"You are signed in to {server.url[7:]} as Iris Instructor <iris@example.edu>, until " in text
    assert "in this kernel alone" in text
    status = shown(kernel.run("%cocalc status --offline"))
    assert "of Iris Instructor <iris@example.edu>, until " in status
    assert f"none; %cocalc login {server.url}" in status
    left = shown(kernel.run(f"%cocalc logout {server.url}"))
    assert left == f"You are signed out of {server.url[7:]}."
    assert server.asked[-1] == ("accounts/sign-out", {})
    assert server.headers_of("accounts/sign-out")[0]["cookie"] == f"remember_me={SECRETS[2]}"
    assert "session" not in shown(kernel.run("%cocalc status --offline"))
    for secret in SECRETS:
        assert secret not in json.dumps([outcome, status, left])


def test_a_sign_out_that_is_not_confirmed_says_how_long_the_session_lasts(
    shell: Any, server: Approving
) -> None:
    server.answers["sign_out"] = Response(502, "text/html", b"")
    signed_in(server)

    text = str(shell.cell(f"%cocalc logout {server.url}"))

    assert "did not confirm that you are signed out: the session lasts until " in text
    assert "(3 h 0 min from now)" in text
    assert login_sessions.find(server.url) is None


def test_a_kernel_that_is_interrupted_gives_up(kernel: Kernel, server: Approving) -> None:  # noqa: F811
    server.questions = 10_000
    message = kernel.client.execute(
        f"%cocalc login {server.url} --page", allow_stdin=True, stop_on_error=False
    )
    while len(server.requests) < 2:
        time.sleep(0.01)
    kernel.manager.interrupt_kernel()

    while (reply := kernel.client.get_shell_msg(timeout=20))["parent_header"]["msg_id"] != message:
        pass
    assert reply["content"]["ename"] == "Interrupted"
    assert "session" not in shown(kernel.run("%cocalc status --offline"))


def test_an_older_server_says_that_it_takes_a_key(kernel: Kernel) -> None:  # noqa: F811
    with FakeServer(Response(404, "text/html", b"<html>")) as older:
        reply, _ = kernel.run(f"%cocalc login {older.url} --page", answers=[])

    assert "has no sign-in for programs" in reply["evalue"]
    assert "takes a key" in reply["evalue"]


def test_nobody_is_asked_to_approve_where_nobody_is(shell: Any, server: Approving) -> None:
    with pytest.raises(KeyRequired, match="nobody is here to approve on a page"):
        shell.cell(f"%cocalc login {server.url} --page")

    assert server.asked == []


# -- with a sandbox --------------------------------------------------------------------------------


def approve(page: str, password: str) -> str:
    """Approve on the page, as a browser does; the text that comes back."""
    with requests.Session() as browser:
        browser.trust_env = False
        fields = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', browser.get(page, timeout=10).text))
        fields |= {"email": "iris@example.edu", "password": password}
        return browser.post(page, data=fields, timeout=10).text


def test_a_session_of_the_sandbox_does_what_no_key_does_until_it_is_signed_out_of(
    start_sandbox: Start,  # noqa: F811
) -> None:
    running = start_sandbox("--generation", "ai")
    session, pages = Session(), list[str]()
    actions = Login(session)

    def show(approval: Approval) -> None:
        pages.extend([approval.page, approve(approval.page, "wrong"), approve(approval.page, "try-it-out")])

    told = actions.sign_in(running.url, show)

    assert f"You are signed in to {running.url[7:]} as Iris Instructor <iris@example.edu>, until " in told
    assert "There is no account here with this" in pages[1]
    assert "The program is signed in" in pages[2]
    assert re.search(r"speaks +ai\b", str(status(session, [])))
    query = {"accounts": {"account_id": None, "first_name": None}}
    client = session.client()
    assert client.send("/user-query", query=query)["query"]["accounts"]["first_name"] == "Iris"
    with pytest.raises(KeyRequired, match="needs a key of"):
        client.send("project:system.exec", project_id=PROJECT, command="ls")
    cookie = client.router.login_session
    assert actions.forget(running.url, everywhere=False) == f"You are signed out of {running.url[7:]}."
    with Client(running.url, running.key, login_session=cookie) as later:
        assert later.ping().ok
        with pytest.raises(CoCalcError):
            later.send("/user-query", query=query)


# -- keys are made by people -----------------------------------------------------------------------


def test_the_question_for_a_key_says_where_it_is_made(kernel: Kernel, server: Approving) -> None:  # noqa: F811
    reply, outputs = kernel.run(f"%cocalc login {server.url} --prompt --save no", answers=["no key"])

    text = json.dumps(outputs)
    assert f"Keys are made by people, at {server.url}/settings/keys" in text
    assert "%cocalc scope" in text
    assert f"%cocalc login {server.url} --page signs you in" in text
    assert "what was given is not a key" in reply["evalue"]


@pytest.mark.parametrize("way", ["--email iris@example.edu", "--browser"])
def test_no_password_is_asked_for_where_programs_get_no_key(
    kernel: Kernel,  # noqa: F811
    server: Approving,
    way: str,
) -> None:
    reply, _ = kernel.run(f"%cocalc login {server.url} {way}", answers=[])

    assert f"{server.url[7:]} makes no keys for programs." in reply["evalue"]
    assert f"Make one at {server.url}/settings/keys" in reply["evalue"]
    assert f"%cocalc login {server.url} --page" in reply["evalue"]
    assert [name for name, _ in server.asked] == ["auth/cli/login/status"]


@pytest.mark.parametrize("words", ["", "create lesson --save file", "delete 7 --yes", "list"])
def test_the_key_dialog_says_that_people_make_keys(shell: Any, server: Approving, words: str) -> None:
    keys.give(server.url, Secret(KEY))
    shell.cell(f"%cocalc server use {server.url}")

    with pytest.raises(CoCalcError, match="made, changed and deleted by people alone") as caught:
        shell.cell(f"%cocalc keys {words}")

    assert f"{server.url}/settings/keys" in str(caught.value)
    assert server.asked == []


# -- what a key may do -----------------------------------------------------------------------------

PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


def test_what_a_key_may_do_is_said_by_a_person_and_shown(shell: Any, server: Approving) -> None:
    keys.give(server.url, Secret(KEY))
    unknown = str(shell.cell(f"%cocalc server use {server.url}\n%cocalc status --offline"))
    text = str(shell.cell(f"%cocalc login {server.url} --scope file:read,project:exec --projects {PROJECT}"))
    status = str(shell.cell("%cocalc status --offline"))

    assert f"not known; say it by %cocalc login {server.url} --scope" in unknown
    may = f"file:read, project:exec in {PROJECT}, as you said"
    assert f"The key sk-…Q1 of {server.url[7:]}, from login in this kernel, may: {may}." in text
    assert "as long as this kernel or program runs" in text
    assert may in status
    assert server.asked == []


def test_a_later_kernel_knows_it_of_a_saved_key_until_that_is_forgotten(
    shell: Any, server: Approving
) -> None:
    keys.give(server.url, Secret(KEY))
    shell.cell(f"%cocalc login {server.url} --scope file:read,project:exec --projects {PROJECT}")
    Login(shell.magics_manager.registry["CoCalc"].session).save(server.url, "file")
    keys.forget(server.url)

    later = Session()
    later.use_server(server.url)
    assert f"file:read, project:exec in {PROJECT}, as you said" in str(status(later, ["--offline"]))
    for client in (later.client(), Client(server.url)):
        assert client.router.scope.missing(["file:read", "project:list"]) == "project:list"

    Login(later, "project:list", ()).state(server.url)
    assert Client(server.url).router.scope.missing(["project:list"]) == ""
    shell.cell(f"%cocalc logout {server.url} --forget")
    assert not [path for path in config.servers_file.config_dir().rglob("*") if path.is_file()]


def test_a_key_without_a_scope_is_not_said_to_have_one(shell: Any, server: Approving) -> None:
    keys.give(server.url, Secret(KEYS["sk-"]))
    shell.cell(f"%cocalc server use {server.url}")

    assert "key may" not in str(shell.cell("%cocalc status --offline"))


def test_both_are_shown_with_what_each_is_for(shell: Any, server: Approving) -> None:
    keys.give(server.url, Secret(KEY))
    signed_in(server)
    shell.cell(f"%cocalc server use {server.url}")

    text = str(shell.cell("%cocalc status --offline"))

    assert "sk-…Q1, from login in this kernel" in text
    assert "it is for what no key may send" in text


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        ("--scope project:exce", InvalidValue, "Did you mean project:exec?"),
        ("--scope ,", InvalidValue, "no capability is named"),
        ("--projects x", InvalidSyntax, "--projects belongs to --scope."),
        ("--page --save file", InvalidValue, "a session is saved in the keyring alone"),
        ("--page --prompt", InvalidSyntax, "login takes one of"),
        ("--page", InvalidSyntax, "which server? None is in use."),
    ],
)
def test_what_does_not_fit_is_told(shell: Any, words: str, error: type[CoCalcError], told: str) -> None:
    with pytest.raises(error) as caught:
        shell.cell(f"%cocalc login {words}")

    assert told in str(caught.value)


# -- cocalc.com ------------------------------------------------------------------------------------

RETIRED = [
    "%cocalc login cocalc.com", "%cocalc login https://cocalc.com --page", "%cocalc ping --server cocalc.com",
    "%cocalc server use cocalc.com", "%cocalc ping --server https://cocalc.com/api/v1 --show curl",
    "%cocalc doctor cocalc.com",
]  # fmt: skip


@pytest.mark.parametrize("cell", RETIRED)
def test_the_old_server_is_said_to_be_retired(shell: Any, monkeypatch: pytest.MonkeyPatch, cell: str) -> None:
    """No key goes there, not even one that is configured for it."""
    monkeypatch.setenv("COCALC_HOST", "cocalc.com")
    monkeypatch.setenv("COCALC_API_KEY", KEY)
    with pytest.raises(ServerRetired, match=r"cocalc\.com was retired in July 2026") as caught:
        shell.cell(cell)

    assert "%cocalc login cocalc.ai" in str(caught.value)
    assert "https://cocalc.ai/settings/keys" in str(caught.value)


def test_it_is_known_all_the_same_and_its_key_is_forgotten(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.give(config.COCALC_COM, Secret(KEY))
    monkeypatch.setenv("COCALC_HOST", "cocalc.com")

    assert "https://cocalc.com, which was retired in July 2026" in str(shell.cell("%cocalc status"))
    listed = str(shell.cell("%cocalc server list"))
    assert "retired in July 2026" in next(
        line for line in listed.splitlines() if "https://cocalc.com" in line
    )
    assert "was removed from this kernel" in str(shell.cell("%cocalc logout cocalc.com"))
    with pytest.raises(ServerRetired):
        Client(config.COCALC_COM, KEY)
    with pytest.raises(ServerRetired):
        Client()


# -- where a session is kept -----------------------------------------------------------------------


def test_a_session_alone_is_enough_to_send(server: Approving) -> None:
    signed_in(server)

    with Client(server.url) as client:
        assert not client.key
        assert client.router.login_session == Secret(SECRETS[2])


def test_one_that_has_ended_is_gone_and_says_when(server: Approving) -> None:
    signed_in(server, -60)

    assert login_sessions.find(server.url) is None
    with pytest.raises(
        KeyRequired, match=r"your session at .* ended at \d\d:\d\d, and there is no key for it"
    ):
        Client(server.url)


def test_a_kernel_goes_on_without_one_that_ends(shell: Any, server: Approving) -> None:
    keys.give(server.url, Secret(KEY))
    signed_in(server)
    session = shell.magics_manager.registry["CoCalc"].session
    assert session.client(server.url).router.login_session
    signed_in(server, -1)

    assert session.client(server.url).router.login_session is None


def test_a_saved_one_is_in_the_keyring_and_nowhere_else(ring: Memory, shell: Any, server: Approving) -> None:
    session = signed_in(server)

    assert login_sessions.save(server.url) == "the system keyring"

    files = [path for path in config.servers_file.config_dir().rglob("*") if path.is_file()]
    assert [path.parent.name for path in files] == ["sessions"]
    assert SECRETS[2] not in files[0].read_text()
    assert "Iris Instructor" in files[0].read_text()
    login_sessions._held.clear()  # as a later kernel begins
    login_sessions._looked.clear()
    assert login_sessions.find(server.url) == session
    login_sessions.forget(server.url)
    assert not files[0].exists()
    assert SECRETS[2] not in str(ring.kept)


def test_without_a_keyring_none_is_saved(shell: Any, server: Approving) -> None:
    signed_in(server)
    with pytest.raises(CoCalcError, match="the session is not saved"):
        login_sessions.save(server.url)

    assert not (config.servers_file.config_dir() / "sessions").exists()


def test_a_file_about_a_session_that_is_broken_is_none(ring: Memory, shell: Any, server: Approving) -> None:
    signed_in(server)
    login_sessions.save(server.url)
    (file,) = (config.servers_file.config_dir() / "sessions").iterdir()
    for text in ("", "{", "[]", '{"server": "x", "ends": 1, "account": ""}', '{"server": 7}'):
        file.write_text(text)
        login_sessions._held.clear()
        login_sessions._looked.clear()
        assert login_sessions.find(server.url) is None


def test_a_login_is_closed_with_its_tokens(server: Approving) -> None:
    login = DeviceLogin(config.named(server.url))
    login.start()
    login.close()

    assert login._tokens.secrets == ()
