"""What a widget sends, in a thread of its own: its clock, *Stop*, double clicks, failures and the end of it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NoReturn

import pytest
from ipywidgets import HTML, Widget

from cocalc_magic import catalog
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import MessageFailed
from cocalc_magic.response import Request, Response
from cocalc_magic.session.session import Session
from cocalc_magic.syntax.parse import Call
from cocalc_magic.widgets.form import Form
from cocalc_magic.widgets.sending import Sending, Submission
from cocalc_magic.widgets.view import SendAgain, view_maker
from tests.sandbox.conftest import start_sandbox  # noqa: F401 - a fixture
from tests.timing import within
from tests.widgets.settling import click, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic import Client
    from cocalc_magic.session.frontend import OnJob
    from tests.sandbox.conftest import Start

PONG = Response({"event": "pong", "id": "1"}, Request("ping"))


@pytest.fixture
def session(client: Client) -> Iterator[Session]:
    yield Session()
    Widget.close_all()


@pytest.fixture
def command(session: Session, project_id: str) -> Callable[[float], Form]:
    """The form of a command that notes that it runs, and then takes its time."""

    def made(seconds: float) -> Form:
        given = {"project_id": project_id, "command": f"echo x >> begun; sleep {seconds}", "bash": True}
        return Form(catalog.find("project_exec"), session, given)

    return made


def shown(sending: Sending) -> str:
    parts = list(_all(sending.answer))
    return str([child.value if isinstance(child, HTML) else getattr(child, "markup", "") for child in parts])


def times_begun(client: Client, project_id: str) -> int:
    told = client.project_exec(project_id=project_id, command="wc -l < begun || echo 0", bash=True)
    return int(told["stdout"])


def sending_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("cocalc-")]


def test_after_a_second_it_says_how_long_what_for_and_how_to_stop(
    command: Callable[[float], Form], session: Session
) -> None:
    form = command(1.5)
    form.button.click()
    assert form.button.disabled
    assert session.send(Call(catalog.find("ping"), {}, {})).ok  # the kernel is not kept busy by it

    line = until(form.sending.line, "value", bool)
    assert re.search(r"project_exec: \d\.\d s, waiting for sandbox\. Stop ends the waiting\.", line)
    assert form.sending.stop in form.sending.children[0].children
    until(form.button, "disabled", lambda off: not off)
    assert form.sending.line.value == ""
    assert form.sending.stop not in form.sending.children[0].children
    assert form.answer.children[0].titles[0] == "View"


def test_stop_ends_it_at_once_and_it_can_be_sent_again(
    command: Callable[[float], Form], session: Session, client: Client, project_id: str
) -> None:
    form = command(30)
    form.button.click()
    until(form.sending.line, "value", bool)
    with within(2, time.monotonic):
        form.sending.stop.click()
        until(form.button, "disabled", lambda off: not off)

    told = "Stopped waiting for sandbox; project_exec (at most 10 s) may still be going on there."
    assert told in shown(form)
    assert session.history[-1].outcome == "Interrupted"
    assert times_begun(client, project_id) == 1
    form.fields["command"].input.value = "echo again"
    click(form.button)
    assert "again" in shown(form)


def test_stop_ends_a_job_on_the_server(session: Session, start_sandbox: Start) -> None:  # noqa: F811
    running = start_sandbox("--generation", "v2")
    keys.give(running.url, Secret(running.key))
    session.use_server(running.url)
    client = session.client()
    project = client.create_project(title="job")["project_id"]
    given = {"project_id": project, "command": "sleep 772", "bash": True, "timeout": 1000}
    form = Form(catalog.find("project_exec"), session, given)
    form.button.click()
    until(form.sending.line, "value", lambda line: "runs as a job on" in line)
    assert "Stop ends it there." in form.sending.line.value
    form.sending.stop.click()
    until(form.button, "disabled", lambda off: not off)

    assert "which was ended on the server" in shown(form)
    left = client.project_exec(project_id=project, command="pgrep -f [s]leep.772 || echo gone", bash=True)
    assert left["stdout"] == "gone\n"


def test_many_clicks_send_once(command: Callable[[float], Form], client: Client, project_id: str) -> None:
    form = command(0.2)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(40):
            pool.submit(form.button.click)
    until(form.button, "disabled", lambda off: not off)

    assert times_begun(client, project_id) == 1


def test_a_double_click_is_no_answer_to_the_question(session: Session) -> None:
    sent: list[str] = []

    def send(on_job: OnJob) -> Response:
        sent.append("ping")
        return PONG

    again = SendAgain(send, asks=True)
    again.button.click()
    again.button.click()
    assert sent == []
    until(again.button, "disabled", lambda off: not off)
    click(again.button)

    assert sent == ["ping"]


def test_a_new_answer_closes_the_one_before(session: Session) -> None:
    again = SendAgain(lambda on_job: PONG, asks=False)
    click(again.button)
    first = again.answer.children[0]
    click(again.button)

    assert first.comm is None
    assert again.answer.children[0].comm is not None


@pytest.mark.parametrize("problem", [MessageFailed("it is <b>full</b>"), ZeroDivisionError("a bug")])
def test_what_goes_wrong_is_said_and_the_log_has_the_rest(
    session: Session, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    def fail(on_job: OnJob) -> NoReturn:
        raise problem

    again = SendAgain(fail, asks=False)
    click(again.button)

    is_bug = isinstance(problem, ZeroDivisionError)
    assert ("log has the reason" if is_bug else "it is &lt;b&gt;full&lt;/b&gt;") in shown(again)
    assert ("Traceback" in caplog.text) is is_bug


def test_a_bug_before_sending_is_said_too(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    def prepare() -> Submission:
        raise ZeroDivisionError("a bug")

    sending = Sending(prepare, view_maker(None))
    sending.button.click()

    assert "log has the reason" in shown(sending)
    assert "ZeroDivisionError" in caplog.text


def test_what_is_closed_meanwhile_is_left_alone(session: Session) -> None:
    """Nothing is raised in the thread, which pytest would tell, and no widget is made any more."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(on_job: OnJob) -> Response:
        begun.set()
        go_on.wait(20)
        return PONG

    again = SendAgain(slow, asks=False)
    again.button.click()
    begun.wait(20)
    again.close()
    again.stop.close()
    go_on.set()
    for thread in sending_threads():
        thread.join(20)

    assert again.answer.children == ()
    assert sending_threads() == []


def test_a_process_ends_while_its_message_is_under_way() -> None:
    program = """if True:
        import threading
        from cocalc_magic.response import Response
        from cocalc_magic.widgets.view import SendAgain
        begun = threading.Event()
        def never(on_job):
            begun.set()
            threading.Event().wait()
        SendAgain(never, asks=False).button.click()
        begun.wait()
        """

    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0


def test_threads_share_a_session(session: Session, client: Client) -> None:
    """What the kernel reads of it meanwhile is never torn."""
    create = catalog.find("create_project")

    def send(number: int) -> bool:
        return session.send(Call(create, {"title": f"shared {number}"}, {})).ok

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(send, number) for number in range(40)]
        while not all(one.done() for one in sent):
            sorted(session.titles.items())
            list(session.history)
    assert all(one.result() for one in sent)
    assert len(session.history) == 40


def _all(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)
