"""Sign-in by a page of the server: what is sent and when, and where its tokens never are."""

from __future__ import annotations

import base64
import time
import traceback
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import config
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.client.device_login import DeviceLogin, moment, offered, sign_out
from cocalc_magic.config.login_sessions import LoginSession
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, Interrupted, NotCoCalc, SignInRefused
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from tests.client.approving import CHALLENGE, COOKIE, POLL, REDEEM, SECRETS, Approving
from tests.client.approving import moment as written
from tests.leaks import search
from tests.timing import granted

if TYPE_CHECKING:
    from collections.abc import Callable


def signed_in(server: FakeServer) -> LoginSession:
    """Sign in from start to end."""
    login = DeviceLogin(config.named(server.url))
    try:
        return login.wait(login.start())
    finally:
        login.close()


def redeemed(**more: Any) -> dict[str, Any]:
    """What redeems a session, with more."""
    return {"account_id": CHALLENGE, "remember_me": COOKIE, "expire": written(8 * 3600), **more}


def test_a_person_approves_and_there_is_a_session_until_its_end() -> None:
    with Approving() as server:
        session = signed_in(server)

    assert session.cookie.reveal() == COOKIE
    assert session.account == "Iris Instructor <iris@example.edu>"
    assert 8 * 3600 < session.ends - time.time() < 9 * 3600
    assert server.asked == [
        ("auth/cli/login/start", {}),
        ("auth/cli/login/status", {"challenge_id": CHALLENGE, "poll_token": POLL}),
        ("auth/cli/login/status", {"challenge_id": CHALLENGE, "poll_token": POLL}),
        ("auth/cli/login/redeem", {"challenge_id": CHALLENGE, "redeem_token": REDEEM}),
    ]


def test_no_key_and_no_cookie_is_sent_with_it() -> None:
    with Approving(0) as server:
        signed_in(server)

    assert not [request for request in server.requests if {"authorization", "cookie"} & set(request.headers)]


def test_the_page_is_that_of_the_server_where_it_says_none() -> None:
    with Approving(start={"challenge_id": CHALLENGE, "poll_token": POLL}) as server:
        approval = DeviceLogin(config.named(server.url)).start()

    assert approval.page == f"{server.url}/auth/cli-login/{CHALLENGE}"
    assert approval.elsewhere == ""
    assert 7 * 3600 < approval.ends - time.time() < 9 * 3600


def test_a_page_elsewhere_is_said_to_be() -> None:
    page = "https://cocalc.example.edu/auth/cli-login/x"
    with Approving(start={"challenge_id": CHALLENGE, "poll_token": POLL, "approval_url": page}) as server:
        assert DeviceLogin(config.named(server.url)).start().elsewhere == "cocalc.example.edu"


@pytest.mark.parametrize(
    "page",
    ["javascript:alert(1)", "file:///etc/passwd", "http://cocalc.example.edu/x", "https://a@b.example.edu/",
     "https://x.test/\x1b[2J", "https://x.test/ y", f"https://x.test/{'x' * 600}", "https://[", "data:text/html,x"],
)  # fmt: skip
def test_what_is_no_page_of_the_web_is_not_shown(page: str) -> None:
    answer = {"challenge_id": CHALLENGE, "poll_token": POLL, "approval_url": page}
    with Approving(start=answer) as server, pytest.raises(NotCoCalc, match="something else than the address"):
        DeviceLogin(config.named(server.url)).start()


# -- how it fails ----------------------------------------------------------------------------------


def error(text: str) -> dict[str, str]:
    return {"error": text}


STATES = {"state": "redeemed", "challenge_id": CHALLENGE}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"start": error("too many cli login attempts recently; try again later")},
         "starts no sign-in just now: too many cli login attempts recently"),
        ({"status": error("cli auth challenge expired")}, "did not sign you in: cli auth challenge expired."),
        ({"status": error("unknown cli auth challenge")}, "did not sign you in: unknown cli auth challenge."),
        ({"status": STATES}, "did not sign you in: it was used already."),
        ({"redeem": error("cli auth challenge has not been approved")}, "has not been approved."),
        ({"start": {"challenge_id": CHALLENGE, "poll_token": POLL, "expires_at": written(-1)}},
         "nobody approved it in time."),
    ],
)  # fmt: skip
def test_a_refusal_is_told_with_what_to_do(answers: dict[str, Any], words: str) -> None:
    with Approving(0, **answers) as server, pytest.raises(SignInRefused) as caught:
        signed_in(server)

    assert words in caught.value.problem
    assert "Begin again: %cocalc login " in str(caught.value) or "Wait ten minutes." in str(caught.value)


@pytest.mark.parametrize("missing", ["poll_token", "redeem_token", "remember_me"])
@pytest.mark.parametrize("value", [None, "", 7, ["x"]])
def test_a_token_that_is_missing_or_none_is_told(missing: str, value: Any) -> None:
    step = {"poll_token": "start", "redeem_token": "status", "remember_me": "redeem"}[missing]
    answer = {"challenge_id": CHALLENGE, "poll_token": POLL, "state": "approved", "redeem_token": REDEEM}
    server, told = Approving(0, **{step: {**answer, missing: value}}), f"the server gave no {missing}"
    with server, pytest.raises(NotCoCalc, match=told):
        signed_in(server)


def test_an_older_server_has_no_such_sign_in() -> None:
    with FakeServer(Response(404, "text/html", b"<html>")) as server:
        where = config.named(server.url)
        assert not offered(where)
        with pytest.raises(NotCoCalc, match="has no sign-in for programs") as caught:
            signed_in(server)

    assert "takes a key" in str(caught.value)


def test_a_server_that_has_it_is_known_by_a_question_that_changes_nothing() -> None:
    with Approving() as server:
        assert offered(config.named(server.url))

    assert server.asked == [("auth/cli/login/status", {})]


def test_a_server_that_answers_anything_with_json_is_not_taken_for_one() -> None:
    with FakeServer({"event": "pong"}) as server:
        assert not offered(config.named(server.url))


def test_it_asks_less_often_where_the_server_wants_that() -> None:
    busy = [Response(429, "application/json", b"{}", (("Retry-After", "3"),))]
    with Approving(0) as server:
        server.answers["status"] = lambda request: busy.pop() if busy else None
        began = time.monotonic()
        session = signed_in(server)

    assert session.cookie
    assert time.monotonic() - began > 2.9


# -- given up --------------------------------------------------------------------------------------


def stopped(work: Callable[[], Any], when: Callable[[], bool]) -> BaseException:
    """Stop a piece of work from another thread, as a button does, and return what it raises."""
    token = CancelToken()

    def stop() -> None:
        while not when():
            time.sleep(0.01)
        token.cancel()

    Thread(target=stop, daemon=True).start()
    with token.active(), pytest.raises(Interrupted) as caught:
        work()
    return caught.value


def test_the_wait_can_be_stopped_at_once() -> None:
    with Approving(questions=10_000) as server:
        began = time.monotonic()
        problem = stopped(lambda: signed_in(server), lambda: len(server.requests) >= 2)

    assert "was given up" in str(problem) or "stopped waiting" in str(problem)
    assert time.monotonic() - began < granted(20, time.monotonic)
    assert "auth/cli/login/redeem" not in [name for name, _ in server.asked]


# -- ended -----------------------------------------------------------------------------------------


def test_signing_out_sends_the_cookie_and_no_key() -> None:
    with Approving() as server:
        assert sign_out(config.named(server.url), LoginSession(Secret(COOKIE), time.time() + 9, "Iris"))

    (headers,) = server.headers_of("accounts/sign-out")
    assert headers["cookie"] == f"remember_me={COOKIE}"
    assert "authorization" not in headers


@pytest.mark.parametrize("answer", [Response(502, "text/html", b""), {"error": "no"}, [1]])
def test_a_sign_out_that_fails_is_not_an_error(answer: Any) -> None:
    with Approving(sign_out=answer) as server:
        assert not sign_out(config.named(server.url), LoginSession(Secret(COOKIE), 0.0, "Iris"))


# -- where tokens are not --------------------------------------------------------------------------


def ours(problem: BaseException) -> BaseException:
    """The error without the frames of these tests, which know the tokens."""
    trace = problem.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    assert trace
    return problem.with_traceback(trace)


@pytest.mark.parametrize("way", search.WAYS)
@pytest.mark.parametrize("step", ["status", "redeem"])
def test_what_a_server_gives_back_is_in_no_error_and_no_variable_of_its_frames(way: str, step: str) -> None:
    """It was sent the token, and says it again in every way there is."""
    canary = {"status": POLL, "redeem": REDEEM}[step]
    basic = base64.b64encode(f"{canary}:".encode()).decode()
    request = Request("POST", f"/{way}/x", {"authorization": f"Basic {basic}"}, b"")
    server = Approving(0, **{step: search.echo(request, "http://127.0.0.1:9")})
    with server, pytest.raises(CoCalcError) as caught:
        signed_in(server)

    problem = ours(caught.value)
    told = traceback.TracebackException.from_exception(problem, capture_locals=True)
    assert search.in_objects({"problem": problem}, canary) == []
    assert search.found("".join(told.format()), canary) == []


def test_a_session_shows_none_of_its_secrets() -> None:
    with Approving(0) as server:
        login = DeviceLogin(config.named(server.url))
        approval = login.start()
        session = login.wait(approval)

    for secret in SECRETS:
        assert search.in_objects({"session": session, "approval": approval}, secret) == []
        assert secret not in f"{session!r} {approval!r} {session} {vars(session)}"


# -- times -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1970-01-01T00:01:40.000Z", 100), ("1970-01-01T00:01:40", 100), (100_000, 100), (None, None), ("soon", None),
     (-1, None), ([], None), ({}, None), (float("nan"), None)],
)  # fmt: skip
def test_times_of_a_server_are_read(value: Any, seconds: float | None) -> None:
    assert moment(value) == seconds


# -- an account that is kept elsewhere -------------------------------------------------------------


def test_a_server_that_keeps_the_account_elsewhere_is_named_and_nothing_goes_there() -> None:
    with Approving(0) as home:
        elsewhere = {"home_bay_id": "bay-7", "home_bay_url": f"{home.url}/?retry=x"}
        with Approving(0, redeem=redeemed(**elsewhere)) as server:
            session = signed_in(server)
        here = lambda request: redeemed(home_bay_url=f"http://{request.headers['host']}/")  # noqa: E731
        with Approving(0, redeem=here) as server:
            own = signed_in(server)

    assert (session.home, own.home) == (home.url, "")
    assert home.requests == []


@pytest.mark.parametrize("name", ["start", "status", "redeem"])
@pytest.mark.parametrize("url", [None, "{}", "{}/base", "no address", 7])
def test_a_sign_in_that_is_sent_to_another_address_is_refused_and_does_not_go_there(
    name: str, url: Any
) -> None:
    with Approving(0) as home:
        address = url.format(home.url) if isinstance(url, str) else url
        answer = {"wrong_bay": True, "home_bay_url": address, "retry_token": REDEEM}
        with Approving(0, **{name: answer}) as server, pytest.raises(SignInRefused) as refused:
            signed_in(server)

    assert "The sign-in does not go there." in str(refused.value)
    assert (home.url if isinstance(url, str) and "{}" in url else "another address") in str(refused.value)
    assert REDEEM not in str(refused.value)
    assert home.requests == []
