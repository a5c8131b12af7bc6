"""The page of `from-curl`: its cells, what stands above them, and where they send to."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import HTML, Widget

from cocalc_magic import from_curl
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax, InvalidValue, KeyRequired, UndefinedName
from cocalc_magic.render.blocks import Note
from cocalc_magic.sandbox.testing import FakeServer
from cocalc_magic.widgets import Cells
from tests.sent import ANSWER, PROJECT, message_of
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Iterator


def cells(text: str, here: str = "https://s.example") -> list[str]:
    return from_curl.read(text).cells(here)


def test_notes_stand_above_the_cells_and_cells_are_parted_by_an_empty_line(shell: Any) -> None:
    page = shell.cell(
        "%%cocalc from-curl\ncurl -s https://cocalc.com/api/v1/ping -d id=1 | jq\n"
        'curl https://cocalc.com/api/v1/query --json \'{"query": {"accounts": {"account_id": null}}}\''
    )

    assert str(page) == (
        "Left aside: | jq, -s.\n"
        "It was for https://cocalc.com; here it goes to the server that is configured.\n"
        "\n"
        "%cocalc ping id=1\n"
        "\n"
        '%cocalc query query:={"accounts": {"account_id": null}}'
    )
    assert page.cells == ["%cocalc ping id=1", '%cocalc query query:={"accounts": {"account_id": null}}']
    assert page._repr_html_().count("<pre") == 2


def test_cells_run_as_they_are(shell: Any, listener: FakeServer) -> None:
    text = f'curl {listener.url}/api/v1/create_project --json \'{{"title":"{"long " * 60}\\n?"}}\' && curl {listener.url}/api/v1/ping'
    page = shell.cell(f"%%cocalc from-curl\n{text}")

    outcomes = [shell.run_cell(cell) for cell in page.cells]

    assert [outcome.success for outcome in outcomes] == [True, True]
    assert message_of(listener.take()[0])["title"] == f"{'long ' * 60}\n?"


# -- servers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "flag"),
    [
        ("https://s.example", ""),
        ("https://cocalc.com", ""),
        ("localhost:5000", " --server http://localhost:5000"),
        ("127.0.0.1:5000/base", " --server http://127.0.0.1:5000/base"),
        ("http://[::1]:5000", " --server http://[::1]:5000"),
        ("cocalc.example.edu:8443/lab", " --server https://cocalc.example.edu:8443/lab"),
        ("https://cocalc.ai", " --server https://cocalc.ai"),
        ("https://user:pw@s.example", ""),
    ],
)
def test_another_server_is_named_with_its_port_and_base_path(address: str, flag: str) -> None:
    assert cells(f"curl {address}/api/v1/ping") == [f"%cocalc ping{flag}"]
    assert cells(f"curl {address}/api/v2/exec/") == [f"%cocalc /exec{flag}"]


def test_a_named_server_gets_it_with_its_own_key(
    shell: Any, listener: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    with FakeServer(ANSWER) as other:
        page = shell.cell(f"%%cocalc from-curl\ncurl {other.url.partition('//')[2]}/api/v1/ping -d id=1")
        assert page.cells == [f"%cocalc ping id=1 --server {other.url}"]
        with pytest.raises(KeyRequired):
            shell.cell(page.cells[0])
        keys.save(other.url, Secret("sk-OthersOwn7Key00000000zX"), "file")
        shell.cell(page.cells[0])
        assert [message_of(request) for request in other.take()] == [{"id": "1"}]
    assert listener.take() == []


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("$url/user-query", "%cocalc /user-query"),
        ("$BASE/create_project", "%cocalc create_project"),
        ("https://$HOST/api/v1/ping", "%cocalc ping"),
        ("$COCALC/api/v2/projects/stop", "%cocalc projects/stop"),
        ("${V2_URL}ping", "%cocalc raw GET /api/v2/ping"),
        ('$base/hub --json \'{"name":"system.ping","args":[]}\'', "%cocalc system.ping"),
    ],
)
def test_an_address_in_a_variable_is_known_by_what_follows_it(line: str, cell: str) -> None:
    assert cells(f"curl {line}") == [cell]


# -- messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("curl -X DELETE https://s.example/api/v2/some/new-thing", "%cocalc raw DELETE /api/v2/some/new-thing"),
        (
            "curl https://s.example/api/v2/some/new-thing -d a=1 -d 'b=x y'",
            '%cocalc raw POST /api/v2/some/new-thing body:={"a": "1", "b": "x y"}',
        ),
        (
            "curl 'https://s.example/lab/api/v9/x?a=b%20c' --json '[1, \"$x\"]'",
            '%cocalc raw POST /api/v9/x?a=b+c body:=[1, "$$x"] --server https://s.example/lab',
        ),
        ("curl https://s.example/api/v1/pingg -X POST", "%cocalc raw POST /api/v1/pingg"),
        (
            "curl https://s.example/api/conat/hub --json '{\"name\":\"new.thing\",\"args\":[1,2]}'",
            '%cocalc raw POST /api/conat/hub body:={"name": "new.thing", "args": [1, 2]}',
        ),
        ("curl https://s.example/api/v2/x -d @b.json", "%cocalc raw POST /api/v2/x body:=@b.json"),
        ("curl https://s.example/api/v2/x -d \"$BODY\"", "%cocalc raw POST /api/v2/x body=$BODY"),
    ],
)  # fmt: skip
def test_what_the_catalog_lacks_is_a_raw_request(text: str, cell: str) -> None:
    pasted = from_curl.read(text)

    assert pasted.cells("https://s.example") == [cell]
    assert "The catalog has no message for" in str(pasted.all_notes([cell]))


def test_a_raw_request_arrives_as_curl_sends_it(shell: Any, listener: FakeServer) -> None:
    page = shell.cell(
        f'%%cocalc from-curl\ncurl -X PUT {listener.url}/api/v2/new/thing?x=1 --json \'{{"a": "$5"}}\''
    )

    shell.cell(f"{page.cells[0]} --yes")

    assert [(request.method, request.target, message_of(request)) for request in listener.take()] == [
        ("PUT", "/api/v2/new/thing?x=1", {"a": "$5"})
    ]


def test_a_name_that_is_nearly_one_is_offered() -> None:
    pasted = from_curl.read("curl https://s.example/api/v1/pingg")

    assert "Did you mean ping?" in str(pasted.all_notes(pasted.cells()))


@pytest.mark.parametrize(
    ("milliseconds", "flag"),
    [(58000, ""), (4000, " --timeout 5"), (8000, " --timeout 10"), (118000, " --timeout 120")],
)
def test_the_time_that_a_bridge_waits_is_the_time_of_the_magic(milliseconds: int, flag: str) -> None:
    body = json.dumps({"name": "projects.createProject", "args": [{"title": "x"}], "timeout": milliseconds})

    assert cells(f"curl https://s.example/api/conat/hub --json '{body}'") == [
        f"%cocalc projects.createProject title=x{flag}"
    ]


def test_the_time_limit_of_curl_is_that_of_the_magic() -> None:
    assert cells("curl -m 90 https://s.example/api/v1/ping") == ["%cocalc ping --timeout 90"]


def test_false_in_a_form_is_told() -> None:
    pasted = from_curl.read("curl https://s.example/api/v1/create_project -d start=false")

    assert pasted.cells("https://s.example") == ["%cocalc create_project start:=false"]
    assert (
        "start=false is sent as false; curl sends a text, which servers take for true."
        in pasted.all_notes([])
    )


# -- values of the shell ---------------------------------------------------------------------------


def test_a_file_with_the_whole_message_is_read_when_the_cell_runs(shell: Any, listener: FakeServer) -> None:
    page = shell.cell(f"%%cocalc from-curl\ncurl {listener.url}/api/v1/create_project --json @b.json")
    Path("b.json").write_text('{"title": "später", "start": true}', encoding="utf-8")

    shell.cell(page.cells[0])

    assert message_of(listener.take()[0]).items() >= {"title": "später", "start": True}.items()


def test_a_variable_may_be_the_whole_message(shell: Any, listener: FakeServer) -> None:
    page = shell.cell(f'%%cocalc from-curl\ncurl {listener.url}/api/v1/create_project -d "$BODY"')
    with pytest.raises(UndefinedName, match="BODY"):
        shell.cell(page.cells[0])
    shell.user_ns["BODY"] = {"title": "x"}

    shell.cell(page.cells[0])

    assert message_of(listener.take()[0])["title"] == "x"


def test_names_that_python_keeps_for_itself_get_another() -> None:
    pasted = from_curl.read(
        "curl https://s.example/api/v1/ping -d id=$class; curl https://s.example/api/v1/ping -d id=$1"
    )

    assert pasted.cells("https://s.example") == ["%cocalc ping id=$class_", "%cocalc ping id=$arg_1"]


def test_dollars_that_are_no_variables_stay_dollars() -> None:
    (cell,) = cells(
        'curl https://s.example/api/v1/create_project --data-urlencode "title=it\'s 5\\$ $WHO \\${X}"'
    )

    assert cell == '%cocalc create_project title="it\'s 5$$ ${WHO} $${X}"'


def test_what_only_jq_knows_is_left_to_the_person() -> None:
    pasted = from_curl.read(
        f"T=$(curl https://s.example/api/v1/query --json '{{\"query\":{{}}}}' | jq -r '.query.projects[0].title')\n"
        f"curl https://s.example/api/v1/create_project -d title=$T -d description={PROJECT}"
    )

    assert pasted.cells("https://s.example") == [
        "%cocalc query query:={} -o response_1",
        f"%cocalc create_project title=$T description={PROJECT}",
    ]
    assert "set it first, T = …" in str(pasted.all_notes(pasted.cells()))


# -- in a page -------------------------------------------------------------------------------------


@pytest.fixture
def widgets() -> Iterator[None]:
    yield
    Widget.close_all()


@pytest.mark.usefixtures("widgets")
def test_in_a_page_each_cell_can_be_inserted() -> None:
    shown = Cells((Note("one thing"),), ["%cocalc ping", "%%cocalc query\nquery: {}"])

    assert [action.code for action in shown.actions] == ["%cocalc ping", "%%cocalc query\nquery: {}"]
    assert [part.value.count("<pre") for part in shown.children if isinstance(part, HTML)] == [0, 1, 1]


# -- bounds ----------------------------------------------------------------------------------------

PING = "curl http://s/api/v1/ping"
HOSTILE = {
    "brackets": "(" * 20_000 + PING + ")" * 20_000,
    "substitutions": f"{PING} -d id={'$(' * 3_000}x{')' * 3_000}",
    "nested JSON": f"{PING} --json '{{\"id\":{'[' * 30_000}{']' * 30_000}}}'",
    "a long value": f"{PING} -d id={'x' * 1_000_000}",
    "a longer one": f"{PING} -d id={'x' * 3_000_000}",
    "prompts": "$ curl 'x\n" * 10_000,
    "lines that go on": "$ curl \\\n" * 900,
    "commands": f"{PING}\n" * 2_000,
    "options": PING + " -s" * 20_000,
    "PowerShell": "PS C:\\> curl.exe " + "(" * 100_000,
    "cmd": "curl.exe ^\n" * 20_000,
    "keys": f"{PING} -d id={'sk-LeakCanary7Wq5Zk0000zX,' * 5_000}",
    "variables of variables": "".join(f"A{i}=x$A{i - 1}$A{i - 1}\n" for i in range(1, 60)) + f"{PING} -d id=$A59",
    "braces": f"{PING} -d id={'{a,' * 5_000}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_little_time(name: str) -> None:
    with within(4), contextlib.suppress(InvalidSyntax, InvalidValue):
        from_curl.read(HOSTILE[name]).cells()
