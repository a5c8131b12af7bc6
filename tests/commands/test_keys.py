"""%cocalc keys: lists, makes, changes and deletes keys; a new one is saved or shown once, and never saved."""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from cocalc_magic.commands import run
from cocalc_magic.config import keyfile, keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, ConfirmationRequired, InvalidSyntax, InvalidValue
from cocalc_magic.render.page import LivePage
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from cocalc_magic.session.api_keys import ApiKeys, moment_after
from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.session.legacy_key import LegacyKeyManager
from cocalc_magic.session.session import Session
from tests.ipython.test_kernel import Kernel
from tests.sandbox.conftest import sandbox  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Running


@dataclass
class AtServer:
    """A session at a real server, and what commands of it show."""

    server: Running
    session: Session = field(default_factory=Session)

    def keys(self, line: str = "") -> str:
        return str(run(self.session, f"keys {line}", None))


@pytest.fixture
def at(sandbox: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtServer]:  # noqa: F811
    """The server is any server here, not the embedded sandbox."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    keys.give(sandbox.url, Secret(sandbox.key))
    session = AtServer(sandbox)
    session.session.use_server(sandbox.url)
    yield session
    keys.forget(sandbox.url, everywhere=True)


def number_of(text: str) -> str:
    """The id in what is said of a key."""
    return text.partition("(id ")[2].partition(",")[0]


def test_a_key_is_made_kept_and_works(at: AtServer) -> None:
    said = at.keys("create 'night job' --expire 30 --save file")

    kept = keyfile.read(at.server.url)
    assert kept
    assert "'night job'" in said
    assert "valid until 20" in said
    assert "the key that later kernels have" in said
    assert kept.reveal() not in said
    assert at.server.post("ping", key=kept.reveal()).json()["event"] == "pong"
    keys.forget(at.server.url)
    table = at.keys("list")
    assert "→" in table.replace("→ is the key", "")
    assert "night job" in table
    assert f"sk-...{kept.reveal()[-6:]}" in table
    assert kept.reveal() not in table


def test_one_that_was_kept_before_is_told(at: AtServer) -> None:
    at.keys("create first --save file")
    first = keyfile.read(at.server.url)
    keys.forget(at.server.url)

    said = at.keys("create second --save file")

    assert first
    assert f"{first.hint} was there before, and works until it is deleted" in " ".join(said.split())


def test_name_and_expiry_are_changed(at: AtServer) -> None:
    number = number_of(at.keys("create before --save file"))

    said = at.keys(f"edit {number} --name after --expire 1.5")
    assert "'after'" in said
    assert "valid until 20" in said
    assert "does not expire" in at.keys(f"edit {number} --expire never")


def test_deleting_asks_and_says_what_is_there(at: AtServer) -> None:
    number = number_of(at.keys("create doomed --save file"))

    with pytest.raises(ConfirmationRequired, match="'doomed'"):
        at.keys(f"delete {number}")
    assert "doomed" in at.keys("list")
    assert "was deleted" in at.keys(f"delete {number} --yes")
    with pytest.raises(InvalidValue, match=f"no key has the id '{number}'"):
        at.keys(f"delete {number} --yes")


def test_the_key_in_use_is_told_before_it_is_deleted(at: AtServer) -> None:
    number = number_of(at.keys("create mine --save file"))
    keys.forget(at.server.url)

    with pytest.raises(ConfirmationRequired, match="It is the key of this kernel"):
        at.keys(f"delete {number}")


def test_a_project_has_keys_of_its_own(at: AtServer) -> None:
    project_id = at.server.project("Seminar keys")

    said = at.keys("create theirs --save file --project 'Seminar keys'")

    assert "It speaks for the project alone" in said
    assert "theirs" in at.keys(f"list --project {project_id}")
    assert "theirs" not in at.keys("list")
    keys.forget(at.server.url)
    with pytest.raises(CoCalcError, match="the key of a project cannot manage keys"):
        at.keys("list")


def test_where_a_key_would_be_saved_with_the_notebook_none_is_made(at: AtServer) -> None:
    before = at.keys("list")

    for flags in ("", "--show"):
        with pytest.raises(CoCalcError, match="would be saved with the notebook") as caught:
            at.keys(f"create x {flags}")
    assert "--save file" in str(caught.value)
    with pytest.raises(CoCalcError, match="the key would not be saved"):
        at.keys("create x --save keyring")
    assert at.keys("list") == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("creat x", "Did you mean create?"),
        ("create", "takes one name"),
        ("create x --save drawer", "not in 'drawer'"),
        ("create '' --save file", "a key has a name"),
        (f"create {'x' * 129} --save file", "at most 128 characters"),
        ("create x --expire tomorrow --save file", "not 'tomorrow'"),
        ("create x --expire -1", "not '-1'"),
        ("create x --expire 1e9 --save file", "not '1e9'"),
        ("create x --save file --show", "saved or shown"),
        ("edit 7", "what is to change"),
        ("edit 999999 --name x", "no key has the id '999999'"),
        ("delete", "takes the id"),
        ("list 7", "takes no word"),
        ("legacy show", "One of reveal"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(at: AtServer, line: str, words: str) -> None:
    with pytest.raises((InvalidSyntax, InvalidValue), match=re.escape(words)):
        at.keys(line)


def test_an_expiry_is_a_moment_in_iso() -> None:
    assert moment_after("never") is None
    assert str(moment_after("1"))[10] == "T"
    assert str(moment_after("1")).endswith("Z")


def test_in_a_terminal_it_is_shown_once_and_nowhere_kept(at: AtServer, tmp_path: Path) -> None:
    """Not by the history, not by a log of IPython's, which takes all that Python prints."""
    environ = os.environ | {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "COCALC_HOST": at.server.url,
        "COCALC_API_KEY": at.server.key,
    }
    command = ["-m", "IPython", "--simple-prompt", "--ext=cocalc_magic", "--no-banner"]
    terminal = pexpect.spawn(
        sys.executable, command, env=environ, encoding="utf-8", timeout=30, cwd=str(tmp_path)
    )
    terminal.expect(r"In \[1\]")
    terminal.sendline("%logstart -o log")
    terminal.expect(r"In \[2\]")
    terminal.sendline("%cocalc keys create terminal")
    terminal.expect("Where does the new key go")
    terminal.sendline("show")
    terminal.expect(r"(sk-\w{22})\s")
    shown = terminal.match[1]
    terminal.expect("this one time")
    terminal.expect(r"In \[3\]")
    terminal.sendline("%cocalc keys delete 999")
    terminal.expect("no key has the id")
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert at.server.post("ping", key=shown).json()["event"] == "pong"
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.name == "log" for file in files)
    assert [file for file in files if shown.encode() in file.read_bytes()] == []


@pytest.mark.slow
def test_in_a_page_no_output_and_no_state_has_the_text(at: AtServer) -> None:
    """A kernel whose page never asks for it: all that it sends is looked through."""
    kernel = Kernel()
    try:
        kernel.run(f"%load_ext cocalc_magic\n%cocalc server use {at.server.url}")
        kernel.run(f"%cocalc login {at.server.url} --prompt --save no", answers=[at.server.key])
        _, outputs = kernel.run("%cocalc keys create paged", answers=[])
        _, rest = kernel.run("registry = get_ipython().magics_manager.registry\n%cocalc keys", answers=[])
    finally:
        kernel.close()

    text = json.dumps([outputs, rest])
    assert "'paged'" in text
    assert 'data-ccm=\\"' in text
    assert "sk-..." in text
    assert not [word for word in text.replace('"', " ").split() if word.startswith("sk-") and len(word) > 20]


# -- the one key of older servers ------------------------------------------------------------------


OLD = "sk_abcdefQWERTY0909"
NOT_FOUND = Response(404, "text/html", b"<html>not found</html>")


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """Answers `api-key` as documented for 2021 to 2025."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with FakeServer({"api_key": OLD}) as server:
        yield server
        keys.forget(server.url, everywhere=True)


def test_the_one_key_is_revealed_with_the_password_alone(older: FakeServer, tmp_path: Path) -> None:
    """In a terminal, since only there a password can be asked for."""
    environ = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython"), "COCALC_HOST": older.url}
    environ["COCALC_API_KEY"] = "sk_previousQWERTY0909"
    command = ["-m", "IPython", "--simple-prompt", "--ext=cocalc_magic", "--no-banner"]
    terminal = pexpect.spawn(sys.executable, command, env=environ, encoding="utf-8", timeout=30)
    terminal.expect(r"In \[1\]")
    terminal.sendline("%cocalc keys legacy reveal --show")
    terminal.expect("Password of your account")
    terminal.sendline("hunter22")
    terminal.expect(OLD)
    terminal.expect(r"In \[2\]")
    terminal.sendline("%cocalc keys legacy regenerate --save file")
    terminal.expect("Go on")
    terminal.sendline("y")
    terminal.expect("Password of your account")
    terminal.sendline("hunter22")
    terminal.expect("later kernels")
    terminal.expect(r"In \[3\]")
    terminal.sendline("%cocalc keys legacy create --show")
    terminal.expect("Password of your account")
    terminal.sendline("hunter22")
    terminal.expect("has such a key already")
    terminal.sendline("%cocalc status --offline")
    terminal.expect("from login in this kernel")
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert [(request.target, json.loads(request.body)) for request in older.requests] == [
        ("/api/v2/api-key", {"action": action, "password": "hunter22"})
        for action in ("get", "regenerate", "get")
    ]
    assert keyfile.read(older.url) == Secret(OLD)
    searched = [file for file in (tmp_path / "ipython").rglob("*") if file.is_file()]
    assert [file for file in searched if b"hunter22" in file.read_bytes()] == []


def test_a_server_without_the_dialog_says_so(older: FakeServer) -> None:
    keys.give(older.url, Secret("sk_previousQWERTY0909"))
    older.answer = NOT_FOUND
    session = Session()
    session.use_server(older.url)

    with pytest.raises(CoCalcError, match="has no keys to manage here") as caught:
        run(session, "keys list", None)
    assert "%cocalc keys legacy" in str(caught.value)


@pytest.mark.parametrize("answer", [{"response": "x"}, {"response": [7]}, [], {"response": [{"id": "7"}]}])
def test_whatever_a_server_lists_there_is_a_table(older: FakeServer, answer: Any) -> None:
    keys.give(older.url, Secret("sk_previousQWERTY0909"))
    older.answer = answer
    session = Session()
    session.use_server(older.url)

    assert "last used" in str(run(session, "keys list", None))
    with pytest.raises(CoCalcError, match="did not return a new key"):
        run(session, "keys create x --save file", None)


# -- its dialog ------------------------------------------------------------------------------------


class Older(FakeServer):
    """A server of 2022 as far as its one key goes: `api-key` of an account whose password is `hunter22`."""

    def __init__(self) -> None:
        super().__init__(self._respond)
        self.key, self.made = "", 0

    def _respond(self, request: Request) -> Any:
        if request.path != "/api/v2/api-key":
            return NOT_FOUND
        sent = json.loads(request.body)
        if sent.get("password") != "hunter22":
            return {"error": f"incorrect password {sent.get('password')}"}
        if sent["action"] == "regenerate":
            self.made += 1
            self.key = f"sk_abcdefQWERTY{self.made:04}"
        if sent["action"] == "delete":
            self.key = ""
        return {"api_key": self.key} if self.key else {}


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Older, LegacyKeyManager]]:
    """The desk of the dialog, at such a server; the kernel has a key of that kind."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with Older() as server:
        keys.give(server.url, Secret("sk_previousQWERTY0909"))
        session = Session()
        session.use_server(server.url)
        yield server, LegacyKeyManager(ApiKeys(session.client()), "Key")
        keys.forget(server.url, everywhere=True)


PASSWORD = Secret("hunter22")


def test_the_one_key_is_made_revealed_replaced_and_deleted(one: tuple[Older, LegacyKeyManager]) -> None:
    server, desk = one

    assert desk.change("reveal", PASSWORD) == "The account has no such key. Create makes one."
    assert desk.new_entry() == {}
    for action, made in (("create", 1), ("reveal", 1), ("regenerate", 2)):
        assert desk.change(action, PASSWORD) == "Its text can be shown now."
        assert desk.take() == Secret(f"sk_abcdefQWERTY{made:04}")
        with pytest.raises(CoCalcError, match="Reveal shows it again"):
            desk.take()
    with pytest.raises(CoCalcError, match="has such a key already"):
        desk.change("create", PASSWORD)
    kept = keys.find(server.url)
    assert kept is not None
    assert kept.key == Secret(server.key)  # the kernel goes on with the new one
    assert desk.change("delete", PASSWORD) == "The account no longer has such a key."
    assert (server.key, server.made, desk.new_entry()) == ("", 2, {})


def test_a_password_that_is_wrong_is_not_told_again(one: tuple[Older, LegacyKeyManager]) -> None:
    """A server may write it into its refusal, which is saved with the notebook."""
    _, desk = one

    with pytest.raises(CoCalcError, match="incorrect password") as caught:
        desk.change("reveal", Secret("hunter23"))
    assert "hunter23" not in str(caught.value)
    with pytest.raises(CoCalcError, match="type the password"):
        desk.change("reveal", Secret(""))


@dataclass(frozen=True)
class InAPage(HeadlessFrontend):
    """The front end of a notebook that shows widgets."""

    page: bool = True


def test_where_there_is_no_list_a_page_has_the_form_of_the_one_key(
    one: tuple[Older, LegacyKeyManager],
) -> None:
    server, _ = one
    session = Session(frontend=InAPage())
    session.use_server(server.url)

    page = run(session, "keys", None)

    assert "The key of your account" in str(page)
    assert isinstance(page, LivePage)
    assert "The key of your account" in str(run(session, "keys legacy", None))
    with pytest.raises(CoCalcError, match="has no keys to manage here"):
        run(session, f"keys --project {uuid.uuid4()}", None)
    with pytest.raises(CoCalcError, match="has no keys to manage here"):
        run(Session(), f"keys --server {server.url}", None)


def test_where_there_is_neither_list_nor_key_the_page_says_so(older: FakeServer) -> None:
    older.answer = NOT_FOUND
    keys.give(older.url, Secret("sk_previousQWERTY0909"))
    session = Session(frontend=InAPage())
    session.use_server(older.url)

    with pytest.raises(CoCalcError, match="has no keys to manage here"):
        run(session, "keys", None)
