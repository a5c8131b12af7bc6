"""A sandbox that plays cocalc.ai over HTTP: its form of JSON, its projects that nothing starts, its files."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from tests.sandbox.api.scoped import ALPHA, BETA, EVERYTHING, Visitor, sign_in, start, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic.catalog import Message
    from cocalc_magic.sandbox import Sandbox

FULL = text_of(EVERYTHING, (ALPHA,))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    with start(tmp_path) as one:
        yield one


@pytest.fixture
def alice(box: Sandbox) -> Visitor:
    return Visitor(box, box.session(), FULL)


def begin(alice: Visitor) -> None:
    alice.v2("projects/start", {"project_id": ALPHA})


# -- HTTP ------------------------------------------------------------------------------------------


def test_json_comes_in_several_lines(alice: Visitor) -> None:
    assert alice.send("POST", "/api/v2/auth/requires-token", {}).text == "false"
    assert alice.send("POST", "/api/v2/auth/cli/login/status", {}).text == (
        '{\n  "error": "invalid challenge id"\n}'
    )


@pytest.mark.parametrize(
    "path", ["/api/v2/nosuch", "/api/v2/projects/call", "/api/v1/ping", "/api/v2/messages/send"]
)
def test_what_there_is_not_has_the_page_of_express(alice: Visitor, path: str) -> None:
    page = alice.send("POST", path, {})

    assert page.status_code == 404
    assert f"Cannot POST {path}" in page.text


@pytest.mark.parametrize("path", ["/api/conat/hub", "/api/v2/projects/create", "/api/v2/nosuch"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_only_pages_of_the_same_address_may_ask_in_a_browser(
    box: Sandbox, alice: Visitor, method: str, path: str
) -> None:
    own = alice.send(method, path, {}, headers={"Origin": box.url})
    foreign = alice.send(method, path, {}, headers={"Origin": "https://school.example"})

    assert own.headers["Access-Control-Allow-Origin"] == box.url
    assert own.headers["Access-Control-Allow-Headers"] == "Content-Type, Authorization"
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert own.status_code == foreign.status_code
    assert method == "POST" or (own.status_code, own.text) == (204, "")


def test_a_body_may_have_ten_megabytes(alice: Visitor) -> None:
    begin(alice)
    content = "x" * 9_000_000

    assert alice.project("system.writeTextFileToProject", {"path": "big.txt", "content": content}) is None
    assert len(alice.project("system.readTextFileFromProject", {"path": "big.txt"})) == 9_000_000
    assert alice.send("POST", "/api/v2/customize", {"fields": ["x" * 11_000_000]}).status_code == 413


@pytest.mark.parametrize("body", [b"{", b'"text"', b"5"])
def test_a_body_that_is_no_json_object_has_the_page_for_it(alice: Visitor, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    assert alice.send("POST", "/api/v2/customize", data=body, headers=headers).status_code == 400


def test_options_may_come_as_a_form(alice: Visitor) -> None:
    response = alice.send("POST", "/api/v2/auth/sign-in-method", data={"email": "a@example.com"})

    assert response.json()["password_allowed"] is True


def test_the_page_s_settings_tell_it_from_servers_before(box: Sandbox, alice: Visitor) -> None:
    mine = alice.send("GET", "/customize").json()["configuration"]
    nobody = Visitor(box, alice.session).send("GET", "/customize").json()["configuration"]

    assert {"cloudflare_mode", "public_viewer_dns"} <= mine.keys()
    assert (mine["is_authenticated"], nobody["is_authenticated"]) == (True, False)


def test_a_fault_meets_its_requests_too(box: Sandbox, alice: Visitor) -> None:
    box.fault(status=503)

    assert alice.send("POST", "/api/v2/accounts/profile", {}).status_code == 503


# -- projects --------------------------------------------------------------------------------------


def test_the_bridge_starts_no_project_and_gives_up_in_time(alice: Visitor) -> None:
    answer = alice.project("system.exec", {"command": "true"}, timeout=100)

    where = f"subject='project.{ALPHA}.api.-', name='system.exec', code='408' "
    assert answer == {"error": f"timeout - callHub: {where}"}
    assert alice.hub("projects.getProjectState", {"project_id": ALPHA}) == {}


def test_a_project_that_starts_meanwhile_is_waited_for(box: Sandbox, alice: Visitor) -> None:
    answers: list[Any] = []
    ask = threading.Thread(
        target=lambda: answers.append(alice.project("system.exec", {"command": "echo hi"}))
    )
    ask.start()

    begin(Visitor(box, box.session(), FULL))
    ask.join()

    assert answers[0]["stdout"] == "hi\n"


def test_a_stopped_project_is_a_time_out_by_api_v2_as_well(alice: Visitor) -> None:
    never = alice.v2("exec", {"project_id": ALPHA, "command": "true"})
    begin(alice)
    alice.v2("projects/stop", {"project_id": ALPHA})

    assert never == {"error": f"project {ALPHA} has no assigned host"}
    assert alice.v2("exec", {"project_id": ALPHA, "command": "true"}) == {"error": "timeout"}


def test_a_command_is_given_the_time_that_it_asks_for(alice: Visitor) -> None:
    begin(alice)
    began = time.monotonic()

    answer = alice.project("system.exec", {"command": "sleep 60", "bash": True}, timeout=200)

    assert "timeout - callHub" in answer["error"]
    assert time.monotonic() - began < 60, "it was waited for"


def test_code_runs_in_a_kernel_of_the_project(alice: Visitor) -> None:
    begin(alice)
    code = {"kernel": "python3", "input": "a + 3", "history": ["a = 2"]}

    assert alice.project("jupyter.apiExecute", code, timeout=60_000) == [{"data": {"text/plain": "5"}}]
    assert "python3" in [kernel["name"] for kernel in alice.project("jupyter.kernels")]


def test_what_the_policy_lets_through_and_a_sandbox_cannot_do_is_refused_by_name(alice: Visitor) -> None:
    begin(alice)

    assert alice.project("apps.listAppSpecs") == {
        "error": "Error: not answered by the sandbox: 'apps.listAppSpecs'"
    }
    assert alice.v2("auth/password-reset", {"email": "a@example.com"}) == {
        "error": "not answered by the sandbox: 'auth/password-reset'"
    }


# -- files -----------------------------------------------------------------------------------------


def test_a_file_is_uploaded_and_downloaded(box: Sandbox, alice: Visitor) -> None:
    path = f"/upload?project_id={ALPHA}&path=sub"
    sent = alice.send("POST", path, files={"file": ("b.bin", b"\0\1")})
    session = Visitor(box, alice.session, cookie=sign_in(box, alice.session))
    by_key = Visitor(box, alice.session, cookie=f"api_key={FULL}")

    assert sent.json() == {"status": "ok"}
    assert session.send("GET", f"/{ALPHA}/files/sub/b.bin").content == b"\0\1"
    assert by_key.send("GET", f"/{ALPHA}/files/sub/b.bin").content == b"\0\1"


def test_a_download_looks_at_the_cookie_and_at_what_its_key_may(box: Sandbox, alice: Visitor) -> None:
    weak = Visitor(box, alice.session, cookie=f"api_key={text_of(('file:read',), (ALPHA,))}")
    elsewhere = Visitor(box, alice.session, cookie=f"api_key={FULL}")

    for visitor, project_id in ((alice, ALPHA), (weak, ALPHA), (elsewhere, BETA)):
        page = visitor.send("GET", f"/{project_id}/files/a.txt")
        assert page.status_code == 500
        assert "Proxy request failed" in page.text


def test_a_blob_is_kept_for_anybody_with_its_id(box: Sandbox, alice: Visitor) -> None:
    blob_id = alice.send("POST", "/blobs", files={"file": ("a.png", b"png")}).json()["uuid"]
    nobody = Visitor(box, alice.session)

    picture = nobody.send("GET", f"/blobs/a.png?uuid={blob_id}")
    missing = nobody.send("GET", "/blobs/a.png?uuid=ffffffff-ffff-4fff-8fff-ffffffffffff")

    assert (picture.content, picture.headers["Content-Type"]) == (b"png", "image/png")
    assert (missing.status_code, missing.text) == (404, "blob not found")
    assert alice.send("POST", "/blobs", {}).text == "no file got uploaded"


def test_a_path_out_of_the_project_is_refused(alice: Visitor) -> None:
    begin(alice)

    answer = alice.project("system.readTextFileFromProject", {"path": "../../../etc/passwd"})

    assert "root:" not in str(answer)
    assert "error" in answer


# -- hostile ---------------------------------------------------------------------------------------

ODD: tuple[Any, ...] = (
    None,
    -1,
    "",
    "\ud800\0",
    [],
    {},
    [None],
    True,
    ALPHA.upper(),
    "../../x",
    2**70,
    {"a": []},
)


@pytest.mark.parametrize("message", catalog.messages("ai").values(), ids=list(catalog.messages("ai")))
def test_odd_values_break_nothing(hostile: Visitor, message: Message) -> None:
    """Every message is sent with every option odd in turn, by a key and by a session that may send it."""
    name = message.event.removeprefix("project:").removeprefix("/")
    for odd in ODD if name != "projects/stop" else ():
        options = {option.name: odd for option in message.options} | {"project_id": ALPHA}
        if message.generation == "v2":
            responses = [
                hostile.send("POST", f"/api/v2/{name}", body) for body in (options, {"project_id": odd})
            ]
        else:
            place = "project" if message.event.startswith("project:") else "hub"
            calls = [
                {"name": name, "args": args, "project_id": ALPHA, "timeout": 200} for args in ([options], odd)
            ]
            responses = [hostile.send("POST", f"/api/conat/{place}", call) for call in calls]
        assert all(response.status_code < 500 for response in responses), odd


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_name_project_or_time_limit_breaks_no_bridge(hostile: Visitor, odd: Any) -> None:
    call = {"name": "system.ping", "args": [], "project_id": ALPHA, "timeout": 500}
    for place in ("hub", "project"):
        for name in call:
            assert hostile.send("POST", f"/api/conat/{place}", call | {name: odd}).status_code < 500


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Somebody who is signed in and has a key that may do everything, in a sandbox whose project runs."""
    with start(tmp_path_factory.mktemp("world")) as box:
        session = box.session()
        begin(Visitor(box, session, FULL))
        yield Visitor(box, session, FULL, sign_in(box, session))
