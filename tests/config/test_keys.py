"""Where keys come from, in which order, and that each is found for its own server alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from cocalc_magic.config import Server, configured, connection, keyfile, keys, named, servers_file
from cocalc_magic.config import keyring as system_keyring
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, KeyRequired
from tests.unix import unix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL, OTHER = "https://cocalc.example.edu/lab", "https://cocalc.example.edu"
GIVEN, VARIABLE, RING, FILE = (Secret(f"sk-{place}0Marked0Mark0000a{place}") for place in "1234")
pytestmark = pytest.mark.usefixtures("config")


class Memory(KeyringBackend):
    """A keyring as a system has it, that forgets when the test ends."""

    priority: float = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    for url in (URL, OTHER, "https://cocalc.ai"):
        keys.forget(url, everywhere=True)
    keyring.set_keyring(NoKeyring())


@pytest.fixture
def ring() -> Memory:
    backend = Memory()
    keyring.set_keyring(backend)
    return backend


def test_the_order_of_sources(ring: Memory) -> None:
    environ = {"COCALC_HOST": URL, "COCALC_API_KEY": VARIABLE.reveal()}
    keys.give(URL, GIVEN)
    keys.save(URL, RING, "keyring")
    keys.save(URL, FILE, "file")

    def found(environ: dict[str, str]) -> tuple[str, str]:
        one = keys.find(URL, environ)
        assert one
        return one.key.reveal(), one.source

    assert found(environ) == (GIVEN.reveal(), "login in this kernel")
    keys.forget(URL)
    assert found(environ) == (VARIABLE.reveal(), "COCALC_API_KEY")
    assert found({}) == (RING.reveal(), "the system keyring")
    system_keyring.forget(URL)
    assert found({}) == (FILE.reveal(), f"the file {keyfile.path(URL)}")
    assert keys.forget(URL, everywhere=True) == ["the key file"]
    assert keys.find(URL, {}) is None


def test_a_key_is_found_for_its_own_server_alone(ring: Memory) -> None:
    keys.give(URL, GIVEN)
    keys.save(URL, RING, "keyring")
    keys.save(URL, FILE, "file")
    environ = {"COCALC_HOST": URL, "COCALC_API_KEY": VARIABLE.reveal()}

    for other in (OTHER, f"{URL}2", "https://cocalc.ai", "http://cocalc.example.edu/lab"):
        assert keys.find(other, environ) is None


@pytest.mark.parametrize(
    ("host", "home"),
    [("", "https://cocalc.ai"), ("COCALC.example.edu:443/lab/", URL), ("https://cocalc.example.edu", OTHER)],
)
def test_the_key_of_the_environment_belongs_to_one_server(host: str, home: str) -> None:
    environ = {"COCALC_HOST": host, "COCALC_API_KEY": VARIABLE.reveal()}

    assert [url for url in (URL, OTHER, "https://cocalc.ai") if keys.find(url, environ)] == [home]


@pytest.mark.parametrize(
    "host", ["lab", URL, f"{URL}/", f"{URL}/api/v1", f"{URL}/api/v2/exec", URL.removeprefix("https://")]
)
def test_a_named_server_has_the_key_of_the_environment_by_its_name_as_by_its_address(host: str) -> None:
    known = servers_file.load()
    known.add(Server("lab", URL, timeout=7))
    known.save()
    environ = {"COCALC_HOST": host, "COCALC_API_KEY": VARIABLE.reveal()}

    server, key = configured(environ)

    assert (server.name, server.url, server.timeout) == ("lab", URL, 7)
    assert key == VARIABLE
    assert connection("lab", environ)[1] == VARIABLE
    with pytest.raises(KeyRequired, match=rf"COCALC_API_KEY is set, and is for {URL}\."):
        connection(OTHER, environ)


def test_a_host_that_is_no_server_is_told_by_its_name() -> None:
    with pytest.raises(CoCalcError, match="there is no server 'lap'"):
        configured({"COCALC_HOST": "lap", "COCALC_API_KEY": VARIABLE.reveal()})


def test_with_the_sandbox_as_host_the_key_of_the_environment_is_for_nobody() -> None:
    environ = {"COCALC_HOST": "sandbox", "COCALC_API_KEY": VARIABLE.reveal()}

    assert keys.find(URL, environ) is None
    assert keys.find("https://cocalc.ai", environ) is None


def test_where_there_is_no_key_it_is_told_what_to_do_and_nothing_is_asked() -> None:
    environ = {"COCALC_API_KEY": VARIABLE.reveal()}

    with pytest.raises(KeyRequired) as caught:
        connection(URL, environ)

    text = str(caught.value)
    assert "there is no key for cocalc.example.edu/lab" in text
    assert "%cocalc login cocalc.example.edu/lab" in text
    assert f"set COCALC_HOST={URL} and COCALC_API_KEY" in text
    assert "COCALC_API_KEY is set, and is for https://cocalc.ai." in text
    assert "Marked" not in text


# -- the keyring -----------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring])
def test_a_keyring_that_keeps_nothing_is_none(backend: type[KeyringBackend]) -> None:
    keyring.set_keyring(backend())

    assert "the system offers none that is safe" in system_keyring.trouble()
    assert system_keyring.read(URL) is None
    assert not system_keyring.forget(URL)
    with pytest.raises(CoCalcError, match="the key is not saved: the system offers none") as caught:
        keys.save(URL, RING, "keyring")
    assert "--save file" in str(caught.value)
    assert "Marked" not in str(caught.value)


def test_one_that_keeps_plain_text_is_none(ring: Memory) -> None:
    ring.priority = 0.5

    assert "none that is safe" in system_keyring.trouble()


def test_a_locked_keyring_is_told_where_it_matters(ring: Memory) -> None:
    ring.locked = True

    with pytest.raises(KeyRequired, match="there is no key") as caught:
        connection(URL, {})
    assert "the system keyring gives nothing: KeyringLocked" in str(caught.value)
    with pytest.raises(CoCalcError, match="did not take the key: KeyringLocked"):
        keys.save(URL, RING, "keyring")
    keys.save(URL, FILE, "file")
    assert connection(URL, {})[1] == FILE
    ring.locked = False


def test_without_the_package_there_is_no_keyring() -> None:
    code = "import sys; sys.modules['keyring'] = None; from cocalc_magic.config import keyring; print(keyring.trouble())"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip().endswith("pip install 'cocalc-magic[keyring]')")


def test_a_configured_keyring_that_is_not_there_is_none() -> None:
    code = "from cocalc_magic.config import keyring; print(keyring.trouble())"
    environ = os.environ | {"PYTHON_KEYRING_BACKEND": "not.there.Keyring"}

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ
    )

    assert done.stdout.strip() == "the keyring that is configured can't be loaded"


# -- the file --------------------------------------------------------------------------------------


@unix
def test_the_key_file_is_its_owners_alone_from_the_first_byte(config: Path) -> None:
    """Also where the umask would let others read, and where an older file did."""
    before = os.umask(0)
    try:
        keys.save(URL, FILE, "file")
        keyfile.path(URL).chmod(0o666)
        keys.save(URL, FILE, "file")
    finally:
        os.umask(before)

    assert stat.S_IMODE(keyfile.path(URL).stat().st_mode) == 0o600
    assert stat.S_IMODE((config / "keys").stat().st_mode) == 0o700
    assert [file.name for file in (config / "keys").iterdir()] == [keyfile.path(URL).name]


@unix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610])
def test_a_key_file_that_others_can_read_is_refused(mode: int) -> None:
    keys.save(URL, FILE, "file")
    keyfile.path(URL).chmod(mode)

    with pytest.raises(CoCalcError, match="can be read by others and is not used") as caught:
        keys.find(URL, {})

    assert f"chmod 600 '{keyfile.path(URL)}'" in str(caught.value)
    assert "Marked" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_file_of_somebody_else_is_refused() -> None:
    keys.save(URL, FILE, "file")
    os.chown(keyfile.path(URL), 12345, -1)

    with pytest.raises(CoCalcError, match="belongs to somebody else"):
        keys.find(URL, {})


@pytest.mark.parametrize(
    "content",
    ["", "sk-Marked", "[]", "{}", '{"server": "https://other.example", "key": "sk-Marked"}',
     '{"server": "https://cocalc.example.edu/lab", "key": 7}', '{"server": "https://cocalc.example.edu/lab", "key": ""}'],
)  # fmt: skip
def test_a_file_that_holds_no_key_of_this_server_is_told(content: str) -> None:
    keys.save(URL, FILE, "file")
    keyfile.path(URL).write_text(content)

    with pytest.raises(CoCalcError, match="holds no key for") as caught:
        keys.find(URL, {})
    assert "Marked" not in str(caught.value)


def test_files_of_two_servers_are_apart() -> None:
    assert len({keyfile.path(url) for url in (URL, OTHER, f"{URL}/x", f"{OTHER}%2Flab")}) == 4
    assert keyfile.path("https://a/../../etc").parent == keyfile.path(URL).parent


def test_a_place_that_can_not_be_written_is_told(config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text("")

    with pytest.raises(CoCalcError, match="can't be written") as caught:
        keys.save(URL, FILE, "file")
    assert "Marked" not in str(caught.value)


def test_a_server_finds_its_key(ring: Memory) -> None:
    keys.save(URL, RING, "keyring")

    assert connection("cocalc.example.edu/lab", {}) == (named(URL), RING)
