"""%cocalc server: servers by name, and which one is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.config import servers_file
from cocalc_magic.errors import CoCalcError, InvalidSyntax, KeyRequired

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-Marked0Marked0Mark00001n"


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return shell


def used(shell: Any) -> str:
    """The name with the arrow in the list."""
    line = next(line for line in str(shell.cell("%cocalc server list")).splitlines() if "→  " in line)
    return line.split()[1]


def test_at_first_there_are_the_sandbox_and_cocalc_ai(shell: Any) -> None:
    text = str(shell.cell("%cocalc server"))

    assert "cocalc.ai" in text
    assert "https://cocalc.ai" in text
    assert used(shell) == "sandbox"
    assert "chosen by nothing else is configured" not in text


def test_a_server_is_added_used_and_removed(shell: Any) -> None:
    shell.cell("%cocalc server add lab https://example.edu/lab/ --timeout 90 --proxy http://p:3128")
    assert "time limit 90 s, proxy http://p:3128" in str(shell.cell("%cocalc server list"))
    assert used(shell) == "sandbox"

    shell.cell("%cocalc server use lab")
    assert used(shell) == "lab"
    with pytest.raises(KeyRequired, match="there is no key for lab") as caught:
        shell.cell("%cocalc ping")
    assert "%cocalc login lab" in str(caught.value)

    shell.cell("%cocalc server remove lab")
    assert used(shell) == "sandbox"
    assert "lab" not in servers_file.load().servers


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "https://example.edu",
            "certificate is checked all the same: --insecure is for addresses with http.",
        ),
        ("https://localhost:5000", "certificate is checked all the same"),
        ("http://example.edu", "The connection is not encrypted"),
    ],
)
def test_what_insecure_means_is_said_at_once(shell: Any, address: str, told: str) -> None:
    assert told in str(shell.cell(f"%cocalc server add lab {address} --insecure"))


def test_flags_of_a_server_are_checked(shell: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    for words, problem in [
        ("--timeout soon", "--timeout takes seconds, not 'soon'"),
        ("--timeout", "--timeout of server add takes a value"),
        ("--insecure=no", "--insecure of server add takes no value"),
        ("--tiemout 3", "server add has no flag --tiemout"),
        (f"--ca {tmp_path}/none.pem", "none.pem cannot be used: No such file"),
        (f"--ca {tmp_path}/empty.pem", "does not hold a certificate"),
        ("--proxy proxy", "not the address of a proxy"),
    ]:
        with pytest.raises(CoCalcError, match=problem):
            shell.cell(f"%cocalc server add lab https://example.edu {words}")
    with pytest.raises(InvalidSyntax, match="server add takes a name and an address"):
        shell.cell("%cocalc server add lab")
    with pytest.raises(InvalidSyntax, match="server has no 'addd'"):
        shell.cell("%cocalc server addd lab https://example.edu")


def test_the_order_of_choice(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c", "d"):
        shell.cell(f"%cocalc server add {name} https://{name}.example.edu")
    magics = shell.magics_manager.registry["CoCalc"]

    shell.cell("%cocalc server use a --always")
    shell.cell("%cocalc server use --clear")
    assert used(shell) == "a"
    monkeypatch.setenv("COCALC_API_KEY", KEY)
    assert used(shell) == "cocalc.ai"
    monkeypatch.setenv("COCALC_HOST", "https://b.example.edu")
    assert used(shell) == "b"
    magics.server = "c"
    assert used(shell) == "c"
    shell.cell("%cocalc server use d")
    assert used(shell) == "d"
    with pytest.raises(KeyRequired, match="there is no key for a"):
        shell.cell("%cocalc ping --server a")


def test_the_list_shows_where_keys_come_from_and_no_key(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.cell("%cocalc server add b https://b.example.edu")
    monkeypatch.setenv("COCALC_API_KEY", KEY)
    monkeypatch.setenv("COCALC_HOST", "https://b.example.edu/")

    text = str(shell.cell("%cocalc server list"))

    assert "sk-…1n, from COCALC_API_KEY" in next(line for line in text.splitlines() if "b.example" in line)
    assert "none" in next(line for line in text.splitlines() if "https://cocalc.ai" in line)
    assert "Marked" not in text


def test_a_server_that_is_in_use_only_by_address_is_listed(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCALC_HOST", "https://other.example.edu/base")

    assert used(shell) == "other.example.edu/base"


def test_another_server_forgets_the_current_project(shell: Any, client: Any) -> None:
    shell.cell("%cocalc create_project title='Only here' --quiet")
    shell.cell("%cocalc use 'Only here'")
    shell.cell("%cocalc server use cocalc.ai")

    assert "none; %cocalc use PROJECT" in str(shell.cell("%cocalc server use sandbox")) + str(
        shell.cell("%cocalc")
    )


def test_a_name_that_is_no_server_is_told(shell: Any) -> None:
    with pytest.raises(CoCalcError, match="there is no server 'labb'") as caught:
        shell.cell("%cocalc ping --server labb")
    assert "There are: sandbox, cocalc.ai." in str(caught.value)
    with pytest.raises(CoCalcError, match="can only use a server that has a name"):
        shell.cell("%cocalc server use https://example.edu --always")


def test_what_is_sent_again_goes_to_the_server_it_went_to(shell: Any, client: Any) -> None:
    """Whichever is in use by then: cocalc.ai has no key here, so asking it would fail."""
    response = shell.cell("%cocalc ping id=abc")
    send, _ = shell.magics_manager.registry["CoCalc"].session.again(response)

    shell.cell("%cocalc server use cocalc.ai")

    assert send(lambda: None).server == response.server
    assert shell.cell("%cocalc history 1 --again").id == "abc"
