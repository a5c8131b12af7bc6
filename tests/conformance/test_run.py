"""Servers examined: sandboxes, alone, beside each other and falsified, and servers that mean no good."""

from __future__ import annotations

import base64
import itertools
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.conformance.compare import NOT_ASKED, SAME, SHAPE
from cocalc_magic.conformance.exchange import INVENTED, MAX_FAILURES, Side
from cocalc_magic.conformance.run import OWN_DATA, compare_servers, compare_with_sandbox
from cocalc_magic.errors import CoCalcError, KeyRefused, ServerUnreachable
from cocalc_magic.sandbox.testing import FakeServer, Request, Response, json_response
from tests.conformance.conftest import side

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cocalc_magic.conformance.cases import Case
    from cocalc_magic.conformance.run import Run
    from tests.conformance.mutations import Falsifier, Signature
    from tests.sandbox.conftest import Running, Start


def differing(run: Run) -> list[str]:
    return [f"{result.case.name}\n{result.difference}" for result in run.differing]


def signature_of(case: Case, key: str) -> Signature:
    """What a server sees of a case."""
    keys = {"no key": "", "an invented key": basic(INVENTED.reveal()), "the key": basic(key)}
    return case.request.path, keys[case.sender], case.request.body


def basic(key: str) -> str:
    return f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"


# -- sandboxes -------------------------------------------------------------------------------------


long = pytest.mark.long


@pytest.mark.slow
@pytest.mark.parametrize(
    ("generation", "write"),
    [
        ("v1", False),
        pytest.param("conat", False, marks=long),
        pytest.param("all", False, marks=long),
        ("all", True),
    ],
)
def test_between_two_fresh_sandboxes_nothing_differs(
    start_sandbox: Start, generation: str, write: bool
) -> None:
    sandbox = start_sandbox("--generation", generation)

    run = compare_with_sandbox(side(sandbox.url, sandbox.key), write=write)

    assert differing(run) == []
    assert {result.verdict for result in run.results} == {SAME, NOT_ASKED}
    assert len(run.results) > 300
    assert run.exit_status == 0
    assert all(result.why for result in run.results if result.verdict == NOT_ASKED)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=long)])
def test_every_planted_deviation_is_found_and_nothing_else(
    sandbox: Running, falsifier: Falsifier, seed: int
) -> None:
    """Of fifty answers a text, a type, a field, the status, a header, an order, … is another one."""
    tested = side(falsifier.url, sandbox.key)
    results = [each for each in compare_with_sandbox(tested).results if each.verdict != NOT_ASKED]
    cases = {signature_of(each.case, sandbox.key) for each in results}
    cases &= {
        signature for signature, times in falsifier.asked.items() if times == 1
    }  # the rest is looked at
    planted = falsifier.plant(50, seed, among=cases)

    run = compare_with_sandbox(tested)

    assert len(planted) == 50
    assert len(set(planted.values())) >= 7
    assert {signature_of(each.case, sandbox.key) for each in run.differing} == set(planted)
    assert all(each.difference for each in run.differing)
    assert run.exit_status == 1


@pytest.mark.slow
def test_nothing_is_written_unless_that_is_asked_for(start_sandbox: Start, tmp_path: Path) -> None:
    """By what the sandbox keeps, and by its log: what writes was refused, every time."""
    sandbox = start_sandbox(folder=tmp_path / "data")
    log = Log(sandbox)
    with FakeServer(log) as server:
        sandbox.send("ping")  # which notes that the account is active
        before = kept(tmp_path / "data")

        run = compare_with_sandbox(side(server.url, sandbox.key))

        assert kept(tmp_path / "data") == before
        assert written(run, log, sandbox) == []
        assert len([each for each in run.results if each.case.writes and each.verdict == SAME]) > 300

        sandbox.send("create_project", title="written")

    assert kept(tmp_path / "data") != before


ACTIVE = ("last_active", "turn")  # when somebody was last there, and in which order: reading notes it too


def kept(folder: Path) -> dict[str, list[Any]]:
    """All rows of all tables, without when somebody was last active; and the names of all files."""
    database = sqlite3.connect(folder / "sandbox.db")
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables: dict[str, list[Any]] = {}
    for name in names:
        rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608
        columns = [column for column, *_ in rows.description]
        tables[name] = [
            {column: value for column, value in zip(columns, row, strict=True) if column not in ACTIVE}
            for row in rows
        ]
    database.close()
    files = [str(path) for path in sorted(folder.rglob("*")) if "sandbox.db" not in path.name]
    return {**tables, "files": files}


class Log:
    """Passes requests on to a sandbox, and keeps what it answered."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.answers: dict[Signature, list[Any]] = {}

    def __call__(self, request: Request) -> Response:
        answer = self.sandbox.session.request(
            request.method,
            self.sandbox.url + request.target,
            data=request.body,
            headers={name: value for name, value in request.headers.items() if name != "host"},
            timeout=30,
        )
        signature = request.target, request.headers.get("authorization", ""), request.body
        self.answers.setdefault(signature, []).append(answer)
        return Response(answer.status_code, answer.headers["content-type"], answer.content)


def written(run: Run, log: Log, sandbox: Running) -> list[str]:
    """What was sent of that which writes and was not refused, or should not have been sent at all."""
    names = []
    for result in run.results:
        answers = log.answers.get(signature_of(result.case, sandbox.key), [])
        refused = all(
            answer.status_code >= 400 or re.search(r'"(error|issues)":|_failed"', answer.text)
            for answer in answers
        )
        if result.case.writes and (not refused or (answers and result.verdict == NOT_ASKED)):
            names.append(result.case.name)
    return names


@pytest.mark.slow
def test_two_servers_are_compared_with_each_other(
    start_sandbox: Start, sandbox: Running, falsifier: Falsifier
) -> None:
    """By what both speak."""
    older = start_sandbox("--generation", "v1+v2")
    falsifier.change("ping", {"event": "pang"})

    run = compare_servers(side(falsifier.url, sandbox.key), side(older.url, older.key))

    assert {result.case.generation for result in run.results} == {"v1", "v2"}
    assert [result.case.name for result in run.differing] == ["ping: example"]


@pytest.mark.slow
def test_servers_with_nothing_in_common_are_not_compared(start_sandbox: Start) -> None:
    old, new = start_sandbox("--generation", "v1"), start_sandbox("--generation", "conat")

    with pytest.raises(CoCalcError, match=r"speak no API in common\."):
        compare_servers(side(old.url, old.key), side(new.url, new.key))


@pytest.mark.slow
def test_without_a_key_only_what_needs_none_is_asked(sandbox: Running) -> None:
    run = compare_with_sandbox(side(sandbox.url, None))

    assert differing(run) == []
    asked = {result.case.name.rpartition(": ")[2] for result in run.results if result.verdict != NOT_ASKED}
    assert asked == {"no key", "bad key"}


@pytest.mark.slow
def test_of_a_server_with_accounts_of_its_own_fields_and_types_count_and_values_do_not(
    start_sandbox: Start, tmp_path: Path
) -> None:
    (tmp_path / "world.yaml").write_text(OTHER_WORLD)
    sandbox = start_sandbox("--generation", "v2", "--world", str(tmp_path / "world.yaml"))

    run = compare_with_sandbox(side(sandbox.url, KEY))

    assert differing(run) == []
    own = {result.case.name: result for result in run.results if result.why == OWN_DATA}
    assert own["accounts/profile: example"].verdict == SHAPE
    assert "Zoe" in own["accounts/profile: example"].difference
    assert run.exit_status == 0


KEY = "sk-Zoe00000000000000000001"
OTHER_WORLD = f"""
accounts:
- {{handle: zoe, first_name: Zoe, last_name: Zhang, email_address: zoe@example.org, password: pw-zoe-12345,
   keys: [sk_Zoe000000000000, {KEY}]}}
projects:
- {{owner: zoe, title: Mine, files: {{a.txt: a}}}}
"""


@pytest.mark.slow
def test_the_errors_of_such_a_server_count(
    start_sandbox: Start, tmp_path: Path, falsifier: Falsifier
) -> None:
    (tmp_path / "world.yaml").write_text(OTHER_WORLD)
    sandbox = start_sandbox("--generation", "v1", "--world", str(tmp_path / "world.yaml"))
    falsifier.behind = sandbox.url
    falsifier.change("get_usernames", {"event": "error", "error": "no"})

    run = compare_with_sandbox(side(falsifier.url, KEY))

    assert "get_usernames: example" in {result.case.name for result in run.differing}


# -- other servers ---------------------------------------------------------------------------------


def test_a_server_that_is_not_there_can_not_be_asked() -> None:
    with FakeServer() as server:
        url = server.url

    with pytest.raises(ServerUnreachable):
        compare_with_sandbox(side(url, None))


def test_what_is_no_cocalc_is_told_as_such() -> None:
    with (
        FakeServer(Response(200, "text/html", b"<h1>Hello")) as server,
        pytest.raises(CoCalcError, match="speaks no API that is known"),
    ):
        compare_with_sandbox(side(server.url, None))


def test_a_key_that_the_server_does_not_know_is_no_reason_for_a_report(sandbox: Running) -> None:
    with pytest.raises(KeyRefused):
        compare_with_sandbox(side(sandbox.url, "sk-NobodyHasThisKey000001"))


def v1(answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """A server that speaks v1 alone, and answers everything else like this."""

    def respond(request: Request) -> Any:
        if request.path == "/api/v1/ping":
            return json_response(200, {"event": "pong", "now": "2024-03-01T00:00:00.000Z"})
        return answer(request) if request.path.startswith("/api/v1/") else Response(404, "text/html", b"<p>")

    return respond


HOSTILE: list[Callable[[Request], Any]] = [
    lambda _: Response(200, "application/json", b"[" * 100_000 + b"]" * 100_000),
    lambda _: Response(200, "application/json", b"[" + b"1," * 100_000 + b"1]"),
    lambda _: Response(200, "application/json", b'"' + b"x" * 2_000_000 + b'"'),
    lambda _: Response(200, "application/json", b"\xff\xfe\x00"),
    lambda _: Response(200, "application/json", b'{"a": NaN}'),
    lambda _: Response(200, "application/json", b'{"error": "\\ud800"}'),
    lambda _: json_response(200, {"error": "<script>\x1b[2J\u202e"}),
    lambda _: json_response(200, {"error": "sk-abcdefghij0123456789ab"}),
    lambda request: json_response(200, dict(request.headers)),
    lambda _: Response(302, "text/html", b"", (("Location", "http://127.0.0.1:1/"),)),
    lambda _: Response(200, "a" * 5_000, b"{}", (("X-Long", "\u00e9" * 5_000),)),
    lambda _: Response(429, "text/html", b"", (("Retry-After", "99999999999999999999"),)),
]
"""What a server may send to no good: too much, too deep, no JSON, what steers terminals, keys, and so on."""


@pytest.mark.slow
def test_a_hostile_server_gets_a_small_and_harmless_report() -> None:
    turn = itertools.cycle(HOSTILE)
    with FakeServer(v1(lambda request: next(turn)(request))) as server:
        run = compare_with_sandbox(side(server.url, KEY))

    assert len(run.differing) > 200
    text, page, xml = reports(run)
    assert len(text) < 200_000
    assert "<script>" not in page + xml
    for report in (text, page, xml):
        assert "\x1b" not in report
        assert "\u202e" not in report
        assert not re.search("sk-(abcd|Zoe|Nobody)|U2stWm9l|c2stWm9l", report)


def reports(run: Run) -> tuple[str, str, str]:
    from cocalc_magic.conformance import report
    from cocalc_magic.render import format_text

    return format_text(report.blocks(run)), report.html_page(run), report.junit(run).decode()


@pytest.mark.slow
def test_a_server_that_stops_answering_is_left(sandbox: Running) -> None:
    answered = []

    def answer(request: Request) -> Any:
        answered.append(request)
        return (
            json_response(200, {"error": "no"})
            if len(answered) < 20
            else Response(200, "", b"", dropped=True)
        )

    with FakeServer(v1(answer)) as server, pytest.raises(ServerUnreachable):
        compare_with_sandbox(side(server.url, None))

    assert len(answered) <= 20 + 2 * MAX_FAILURES


TOO_OFTEN = "too many requests to messages/send; try again in 1 second (rule: at most 1 request per second)"


@pytest.mark.parametrize(
    "first",
    [
        Response(429, "application/json", b"{}", (("Retry-After", "1"),)),
        json_response(200, {"error": TOO_OFTEN}),
    ],
    ids=["by a header", "in words"],
)
def test_a_busy_server_is_asked_again_as_late_as_it_says(first: Response) -> None:
    from cocalc_magic.conformance.cases import catalog_cases

    answers = [first, json_response(200, {"event": "pong"})]
    with FakeServer(lambda _: answers.pop(0)) as server:
        tested: Side = side(server.url, None)
        answer = tested.ask(catalog_cases()[0])

    assert answer.value == {"event": "pong"}
    assert tested.patience == pytest.approx(59)


def test_a_key_goes_to_its_own_server_alone(sandbox: Running) -> None:
    """The reference and the second server get keys of their own; where a redirect leads gets none."""
    with FakeServer({}) as elsewhere:
        moved = Response(307, "text/html", b"", (("Location", f"{elsewhere.url}/api/v1/ping"),))
        with FakeServer(v1(lambda _: moved)) as server:
            compare_with_sandbox(side(server.url, KEY))
            keys = {request.headers.get("authorization", "") for request in server.requests}

        assert elsewhere.requests == []
    assert keys == {"", basic(KEY), basic(INVENTED.reveal())}
