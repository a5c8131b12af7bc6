"""servers.json: readable, whole, and without any key."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.config import Server, servers_file
from cocalc_magic.errors import CoCalcError, InsecureServer
from tests.unix import unix

if TYPE_CHECKING:
    from pathlib import Path

LAB = Server("lab", "https://Example.edu:443/lab/", timeout=90.0, proxy="http://proxy:3128")


def test_what_is_saved_is_there_again_in_the_normal_form(config: Path) -> None:
    known = servers_file.load()
    known.add(LAB)
    known.use = "lab"
    known.save()

    again = servers_file.load()

    assert again.use == "lab"
    assert again.servers == {
        "lab": Server("lab", "https://example.edu/lab", timeout=90.0, proxy="http://proxy:3128")
    }
    assert json.loads((config / "servers.json").read_text()) == {
        "use": "lab",
        "servers": {"lab": {"url": "https://example.edu/lab", "timeout": 90.0, "proxy": "http://proxy:3128"}},
    }


@unix
def test_the_file_is_replaced_as_a_whole_and_is_private(config: Path) -> None:
    known = servers_file.load()
    known.save()
    known.add(LAB)
    known.save()

    assert [file.name for file in config.iterdir()] == ["servers.json"]
    assert stat.S_IMODE((config / "servers.json").stat().st_mode) == 0o600


def test_a_place_that_can_not_be_written_is_told(config: Path) -> None:
    config.parent.mkdir()
    config.write_text("a file where the folder should be")

    with pytest.raises(CoCalcError, match=r"servers\.json can't be"):
        servers_file.Settings().save()


BROKEN = [
    ("{", "line 1 of servers.json: it is not JSON"),
    ('{"servers": {\n "a": {"url": "https://a.b"},,\n}}', "line 2 of servers.json: it is not JSON"),
    ("[]", "line 1 of"),
    ('{"servers": []}', "line 1 of"),
    ('{"servers": {\n\n"a": {"url": 7}}}', "line 3 of servers.json: a: it needs"),
    ('{"servers": {\n"a": {}}}', "line 2 of servers.json: a: it needs"),
    ('{"servers": {\n"a": {"url": "https://a.b", "tiemout": 3}}}', "there is no setting tiemout; there are url, timeout"),
    ('{"servers": {\n"a": {"url": "https://a.b", "timeout": "3"}}}', "line 2 of servers.json: a: timeout has a value of the wrong kind"),
    ('{"servers": {\n"a": {"url": "https://a.b", "timeout": true}}}', "timeout has a value of the wrong kind"),
    ('{"servers": {\n"a": {"url": "https://a.b", "timeout": -1}}}', "more than 0"),
    ('{"servers": {\n"a": {"url": "https://a.b", "insecure": 1}}}', "insecure has a value of the wrong kind"),
    ('{"servers": {\n"a": {"url": "http://a.b"}}}', "a.b would get the key unencrypted"),
    ('{"servers": {\n"a b": {"url": "https://a.b"}}}', "is not a name for a server"),
    ('{"servers": {\n"sandbox": {"url": "https://a.b"}}}', "line 2 of servers.json: sandbox: there is a server sandbox"),
    ('{"serves": {}}', "serves is not for this file"),
    ('{"use":\n "lab"}', "there is no server lab to use"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BROKEN, ids=[words for _, words in BROKEN])
def test_a_broken_file_is_told_with_the_line_and_what_to_do(text: str, words: str) -> None:
    with pytest.raises(CoCalcError) as caught:
        servers_file.parse(text)

    assert words in str(caught.value)
    assert "in an editor, or delete the file" in str(caught.value)


def test_a_key_in_the_file_is_refused_and_not_repeated() -> None:
    for field in (
        "key",
        "api_key",
        "Token",
        "apiKey",
        "secret",
        "client_secret",
        "PASSWORD",
        "auth",
        "cookie",
    ):
        text = json.dumps({"servers": {"a": {"url": "https://a.b", field: "sk-Marked0Marked00000001n"}}})
        with pytest.raises(CoCalcError, match="remove it and type %cocalc login a") as caught:
            servers_file.parse(text)
        assert "Marked" not in str(caught.value)


@pytest.mark.parametrize(
    "server",
    [
        Server("a", "https://user:Marked@a.b"),
        Server("a", "https://sk-Marked@a.b/x"),
        Server("a", "https://a.b", proxy="http://user:Marked@proxy:3128"),
    ],
)
def test_no_address_with_a_password_is_kept(server: Server) -> None:
    with pytest.raises(CoCalcError, match=r"no password|no key") as caught:
        servers_file.Settings().add(server)
    assert "Marked" not in str(caught.value)


def test_plain_http_needs_the_word_insecure() -> None:
    known = servers_file.Settings()
    with pytest.raises(InsecureServer, match="would get the key unencrypted"):
        known.add(Server("a", "http://cocalc.lan:5000"))
    known.add(Server("a", "http://cocalc.lan:5000", insecure=True))
    known.add(Server("here", "http://localhost:5000"))


def test_names_are_unique_and_built_in_ones_stay() -> None:
    known = servers_file.Settings()
    known.add(LAB)
    for name in ("lab", "sandbox", "cocalc.com"):
        with pytest.raises(CoCalcError, match=f"there is a server {name} already"):
            known.add(Server(name, "https://a.b"))
    for name in ("sandbox", "cocalc.com"):
        with pytest.raises(CoCalcError, match=f"{name} is built in and stays"):
            known.remove(name)
    with pytest.raises(CoCalcError, match="there is no server 'labb'") as caught:
        known.remove("labb")
    assert "Did you mean lab?" in str(caught.value)
