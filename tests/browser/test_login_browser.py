"""%cocalc login --browser, for real: its browser is Chromium, and a person is in it by another connection."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Error

import cocalc_magic
from cocalc_magic import browser as ours
from cocalc_magic import config
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from tests.browser.conftest import CHROMIUM, PATIENCE, chromium_only
from tests.ipython.test_kernel import Kernel
from tests.leaks import search
from tests.sandbox.conftest import sandbox  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.conftest import Running

KEY = "sk-Marked0Marked0Mark00001n"
HANDED_OVER = f"https://authenticated?api_key={KEY}"  # as CoCalc's own script had it, without a slash


class Desktop:
    """A desktop without a screen: the Chromium that is installed on it shows nothing, and can be looked into."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        program = folder / "chromium"
        more = f"--headless=new --no-sandbox --disable-gpu --remote-debugging-port={self.port}"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(CHROMIUM))} {more} "$@"\n')
        program.chmod(0o755)
        # A short one: the path of a socket that Chromium makes there has little room.
        self.temporary = tempfile.TemporaryDirectory(prefix="ccm", dir="/tmp", ignore_cleanup_errors=True)
        self.environ = {
            "TMPDIR": self.temporary.name,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "DISPLAY": os.environ.get("DISPLAY", ":99"),
        }

    def open(self) -> bool:
        """Whether the browser is there."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json/version", timeout=5).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def pages(self) -> list[str]:
        """The addresses that it shows."""
        if not self.open():
            return []
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json/list", timeout=5) as answer:
            return [target["url"] for target in json.load(answer) if target["type"] == "page"]

    @contextlib.contextmanager
    def looked_into(self, browser: Any, address: str) -> Iterator[Any]:
        """The page at an address, as the person before the browser has it, once it is there."""
        until(lambda: any(address in page for page in self.pages()))
        connected = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{self.port}")
        pages = [page for context in connected.contexts for page in context.pages if address in page.url]
        yield pages[0]
        with contextlib.suppress(Error):  # it may be closed by now
            connected.close()


def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    chromium_only("look into another browser")
    started = Desktop(tmp_path)
    for name, value in started.environ.items():
        monkeypatch.setenv(name, value)
    yield started
    assert not started.open()  # whatever happened, no browser is left
    started.temporary.cleanup()


def site(**pages: str) -> FakeServer:
    """A server of pages by name, and a proxy to itself; one that begins with ``Location: `` leads elsewhere."""

    def answer(request: Request) -> Response:
        if request.method == "CONNECT":
            return Response(502, "", b"")
        name = urlsplit(request.target).path.removeprefix("/")
        if name not in pages:
            return Response(404, "", b"not here")
        if pages[name].startswith("Location: "):
            return Response(302, "", b"", (("Location", pages[name].removeprefix("Location: ")),))
        return Response(200, "text/html", pages[name].encode())

    return FakeServer(answer)


def script(address: str) -> str:
    return f"<title>CoCalc</title><script>setTimeout(() => {{ window.location.href = '{address}' }}, 100)</script>"


def hand_over(url: str, limit: float = PATIENCE, proxy: str = "") -> str:
    server = config.Server("lab", url, proxy=proxy)
    return ours.hand_over(server, f"{url}/app?get_api_key=lesson", limit).reveal()


class Call:
    """A call in a thread of its own: Playwright has the main one here."""

    def __init__(self, function: Callable[..., Any], *given: Any) -> None:
        self._function = partial(function, *given)
        self._outcome: Any = None
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._outcome = self._function()
        except CoCalcError as problem:
            self._problem = problem

    def result(self) -> Any:
        self._thread.join(2 * PATIENCE)
        if self._problem:
            raise self._problem
        return self._outcome


# -- the hand-over ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        script(HANDED_OVER),
        f"Location: {HANDED_OVER}",
        f"Location: {HANDED_OVER.replace('https', 'http')}",
        f'<meta http-equiv="refresh" content="0; url={HANDED_OVER}">',
        f"<script>window.open('/signin')</script>{script('/signin')}",
    ],
    ids=["script", "redirect", "redirect to http", "refresh", "a window of its own"],
)
def test_the_key_is_taken_and_nothing_is_sent_where_it_points(desktop: Desktop, page: str) -> None:
    """The proxy is what all of the browser's traffic would go through."""
    with site() as proxy, site(app=page, signin=script(HANDED_OVER)) as server:
        address = hand_over(server.url)
    with site(app=page, signin=script(HANDED_OVER)) as proxy:
        through = hand_over(proxy.url, proxy=proxy.url)

    assert {address.partition("=")[2], through.partition("=")[2]} == {KEY}
    assert [one for one in proxy.requests if "authenticated" in one.target or KEY in one.target] == []


def test_a_key_from_a_page_of_another_place_is_not_taken(desktop: Desktop) -> None:
    with (
        site(there=script(HANDED_OVER)) as other,
        site(app=script(f"{other.url}/there")) as server,
        pytest.raises(CoCalcError, match="handed a key over, not one of lab") as caught,
    ):
        hand_over(server.url)

    assert other.url in caught.value.problem
    assert KEY not in str(caught.value)


def test_a_picture_there_is_no_hand_over(desktop: Desktop) -> None:
    with site(app=f'<img src="{HANDED_OVER}x">{script(HANDED_OVER)}') as server:
        assert hand_over(server.url).endswith(f"={KEY}")


# -- what goes wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True], ids=["window", "browser"])
def test_a_window_or_browser_that_is_closed_ends_it(desktop: Desktop, browser: Any, whole: bool) -> None:
    with site(app="<title>CoCalc</title>") as server:
        call = Call(hand_over, server.url)
        with desktop.looked_into(browser, "/app") as page:
            if whole:
                page.context.browser.new_browser_cdp_session().send("Browser.close")
            else:
                page.close()
        with pytest.raises(CoCalcError, match="the browser was closed") as caught:
            call.result()

    assert "servers from before October 2024" in str(caught.value)
    assert "%cocalc login lab --email ADDRESS" in str(caught.value)


def test_nobody_is_waited_for_without_end(desktop: Desktop) -> None:
    with site(app="<title>CoCalc</title>") as server, pytest.raises(CoCalcError, match="within 2 s"):
        hand_over(server.url, limit=2)


def test_a_page_that_is_not_there_is_told(desktop: Desktop) -> None:
    with site() as server, pytest.raises(CoCalcError, match="lab does not show the page: HTTP 404"):
        hand_over(server.url)
    with pytest.raises(CoCalcError, match=r"does not show the page: .*ERR_CONNECTION_REFUSED"):
        hand_over(server.url)


def test_a_browser_that_does_not_start_is_told(desktop: Desktop, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "chromium").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(CoCalcError, match="the browser does not start"):
        hand_over("http://127.0.0.1:9")

    (tmp_path / "chromium").unlink()

    with pytest.raises(CoCalcError, match="there is no browser: Chromium, Chrome or Edge"):
        hand_over("http://127.0.0.1:9")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_it_is_told_what_else_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(CoCalcError, match="no screen") as caught:
        hand_over("https://lab.example")

    assert "In a browser of your own: https://lab.example/app?get_api_key=lesson" in str(caught.value)


def test_without_playwright_it_is_told_how_to_install_it() -> None:
    """An interpreter without any package that is installed."""
    root = str(Path(cocalc_magic.__file__).parents[1])
    code = f"import sys; sys.path.append({root!r}); from cocalc_magic.browser import missing; print(missing({{}}))"

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )

    assert "pip install 'cocalc-magic[browser]'" in done.stdout


# -- the command, with a sandbox -------------------------------------------------------------------


@pytest.fixture
def kernel(desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """Tells all that it can: debug logs, and tracebacks with all variables."""
    for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    started = Kernel()
    started.run("import logging\nlogging.basicConfig(level=logging.DEBUG)\n%xmode Verbose")
    started.run("%load_ext cocalc_magic")
    yield started
    started.close()


def begun(kernel: Kernel, source: str) -> str:
    """Starts a cell; the id of what it will reply to."""
    return str(kernel.client.execute(source, allow_stdin=True, stop_on_error=False))


def replied(kernel: Kernel, asked: str) -> tuple[dict[str, Any], str]:
    """The reply to a cell, and all that it has shown."""
    outputs: list[Any] = []
    idle = False
    while not idle:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == asked:
            outputs.append(message["content"])
            idle = message["content"].get("execution_state") == "idle"
    reply = kernel.client.get_shell_msg(timeout=PATIENCE)
    assert reply["parent_header"]["msg_id"] == asked
    return reply["content"], str(outputs)


def test_a_person_signs_in_and_the_kernel_has_the_key_and_nothing_else_has_it(
    kernel: Kernel,
    desktop: Desktop,
    tmp_path: Path,
    browser: Any,
    sandbox: Running,  # noqa: F811
) -> None:
    login = begun(kernel, f"%cocalc login {sandbox.url} --browser --save no")
    with desktop.looked_into(browser, "/app?get_api_key=cocalc-magic") as page:
        page.get_by_label("E-mail address").fill("iris@example.edu")
        page.get_by_label("Password").fill("try-it-out")
        with contextlib.suppress(Error):  # the browser may be closed before this returns
            page.keyboard.press("Enter")
        reply, outputs = replied(kernel, login)

    assert reply["status"] == "ok", reply["evalue"]
    assert "It belongs to Iris Instructor <iris@example.edu>." in outputs
    assert kernel.run("r = %cocalc ping\nassert r.server == " + repr(sandbox.url[7:]))[0]["status"] == "ok"
    _, printed = kernel.run(
        f"from cocalc_magic.config import keys\nprint(keys.find({sandbox.url!r}).key.reveal())"
    )
    key = printed[-2]["text"].strip()
    assert sandbox.post("ping", key=key).status_code == 200
    assert search.found(outputs, key) == []
    assert search.in_files(tmp_path, key) == {}
    assert search.in_files(Path(desktop.temporary.name), key) == {}  # where the browser has written


def test_a_key_that_is_handed_over_and_does_not_work_is_found_nowhere(
    kernel: Kernel, desktop: Desktop, tmp_path: Path
) -> None:
    """The server has the page, and nothing else."""
    with site(app=script(HANDED_OVER.replace(KEY, search.KEY))) as server:
        login = f"%cocalc login {server.url} --browser --save file"
        lines = (
            login,
            "%cocalc last-error",
            "%cocalc history",
            f"%cocalc status --server {server.url}",
            "%whos",
        )
        said = [kernel.run(line, answers=[]) for line in lines]

    assert "where JSON was due" in said[0][0]["evalue"]  # the key was tried
    assert any("get_api_key" in request.target for request in server.requests)
    assert not search.hits([json.dumps(said, default=str), *(request.target for request in server.requests)])
    assert search.in_files(tmp_path) == {}
    assert search.in_files(Path(desktop.temporary.name)) == {}


def test_an_interrupt_closes_the_browser(kernel: Kernel, desktop: Desktop, sandbox: Running) -> None:  # noqa: F811
    login = begun(kernel, f"%cocalc login {sandbox.url} --browser --save no")
    until(lambda: any("get_api_key" in page for page in desktop.pages()))
    kernel.manager.interrupt_kernel()

    assert replied(kernel, login)[0]["ename"] == "Interrupted"
    until(lambda: not desktop.open())


def test_the_browser_goes_with_the_kernel(kernel: Kernel, desktop: Desktop, sandbox: Running) -> None:  # noqa: F811
    begun(kernel, f"%cocalc login {sandbox.url} --browser --save no")
    until(lambda: any("get_api_key" in page for page in desktop.pages()))

    kernel.manager.signal_kernel(9)

    until(lambda: not desktop.open())


def test_ways_exclude_each_other_and_need_a_server(kernel: Kernel) -> None:
    assert "which server" in kernel.run("%cocalc login --browser", answers=[])[0]["evalue"]
    both = kernel.run("%cocalc login cocalc.ai --browser --email a@b", answers=[])[0]["evalue"]
    assert "login takes one of --email and --browser" in both
