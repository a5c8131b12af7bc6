"""The process that drives the browser, and takes the key from where the page sends it.

CoCalc's page goes to `https://authenticated?api_key=KEY`: by a redirect, or by a script after signing in.
That host does not exist. The request fails in the browser before it is sent, and the name resolves to nothing
there, should one slip through.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error, async_playwright

from cocalc_magic.sanitize.secret_forms import HANDOVER_HOST

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from playwright.async_api import Browser, BrowserContext, Page, Playwright, Request, Response

INSTALLED = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome",
)  # fmt: skip
CHANNELS = ("chrome", "msedge")  # which Playwright finds where a system keeps them
_NOT_THERE = ("Executable doesn't exist", "is not found at")


def main() -> None:
    """Read the request from stdin, and print the outcome."""
    request = json.loads(open(0, "rb", buffering=0, closefd=False).readline())  # noqa: SIM115 - it stays open
    threading.Thread(target=_end_with_parent, daemon=True).start()
    outcome = asyncio.run(handed_over(request["url"], request["limit"], request["proxy"]))
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)  # Playwright's own process closes the browser then


async def handed_over(url: str, limit: float, proxy: str) -> dict[str, str]:
    """Open a browser at an address, and return `{"address"}` with the key, or `{"problem", "words"}`."""
    async with async_playwright() as playwright:
        browser, why = await _opened(playwright, proxy)
        if browser is None:
            return {"problem": "launch", "words": why} if why else {"problem": "absent"}
        try:
            watch = Watch(await _clean_context(browser), url)
            browser.on("disconnected", lambda _: watch.ended())
            return await watch.outcome(limit)
        finally:
            await browser.close()


async def _opened(playwright: Playwright, proxy: str) -> tuple[Browser | None, str]:
    """Return the first browser that starts, else why the last one does not."""
    why = ""
    for way in _ways():
        try:
            return await playwright.chromium.launch(
                headless=False,
                chromium_sandbox=not hasattr(os, "geteuid") or os.geteuid() != 0,  # which root has not
                args=[f"--host-resolver-rules=MAP {HANDOVER_HOST} ~NOTFOUND"],
                proxy={"server": proxy, "bypass": HANDOVER_HOST} if proxy else None,
                **way,
            ), ""
        except Error as problem:
            if not any(words in problem.message for words in _NOT_THERE):
                why = _first_line(problem)
    return None, why


def _ways() -> Iterator[dict[str, Any]]:
    """Return the system's browsers, then Playwright's own."""
    for name in INSTALLED:
        if path := shutil.which(name):
            yield {"executable_path": path}
    for channel in CHANNELS:
        yield {"channel": channel}
    yield {}


async def _clean_context(browser: Browser) -> BrowserContext:
    """One without cookies and history; service workers could hide requests."""
    return await browser.new_context(no_viewport=True, accept_downloads=False, service_workers="block")


class Watch:
    """Waits until a page of the server goes to the hand-over address, or no page is left to do so."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self._url = url
        self._origins = {_origin(url)}
        self._outcome: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    async def outcome(self, limit: float) -> dict[str, str]:
        """Return the address, or the problem, after `limit` seconds at the latest."""
        self._context.on("request", self._requested)
        self._context.on("response", self._answered)
        try:
            return await asyncio.wait_for(self._opened(), limit)
        except asyncio.TimeoutError:
            return {"problem": "late"}

    async def _opened(self) -> dict[str, str]:
        page = await self._context.new_page()
        page.on("close", self._closed)
        self._context.on("page", self._appeared)
        await self._guard(page)
        await self._go(page)
        return await self._outcome

    def _appeared(self, page: Page) -> None:
        """Watch a new window: a sign-in may open its own."""
        page.on("close", self._closed)
        self._start(self._guard(page))

    async def _go(self, page: Page) -> None:
        try:
            answer = await page.goto(self._url, wait_until="commit", timeout=0)
        except Error as problem:
            if not page.is_closed():  # and what the hand-over itself breaks off comes too late to be told
                self._tell(problem="page", words=_first_line(problem))
            return
        self._origins.add(_origin(page.url))  # a server may have another address for its pages
        if answer and answer.status >= 400:
            self._tell(problem="page", words=f"HTTP {answer.status}")

    async def _guard(self, page: Page) -> None:
        """Fails what goes to the host that is none; redirects too, which Playwright's own routes let by."""

        async def fail(number: str) -> None:
            with contextlib.suppress(Error):  # the page has gone meanwhile, and the request with it
                await session.send("Fetch.failRequest", {"requestId": number, "errorReason": "Aborted"})

        try:
            session = await self._context.new_cdp_session(page)
            session.on("Fetch.requestPaused", lambda event: self._start(fail(event["requestId"])))
            patterns = [{"urlPattern": f"*://{HANDOVER_HOST}{port}/*"} for port in ("", ":*")]
            await session.send("Fetch.enable", {"patterns": patterns})
        except Error:
            if not page.is_closed():
                raise

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # the loop itself keeps none alive
        task.add_done_callback(self._tasks.discard)

    def _requested(self, request: Request) -> None:
        if _is_hand_over(request.url) and request.is_navigation_request():
            before = request.redirected_from
            self._take(request.url, before.url if before else _page_of(request))

    def _answered(self, response: Response) -> None:
        location = response.headers.get("location", "")
        if 300 <= response.status < 400 and _is_hand_over(location):
            self._take(location, response.url)

    def _take(self, address: str, source: str) -> None:
        if _origin(source) in self._origins:
            self._tell(address=address)
        else:
            self._tell(problem="foreign", words=_origin(source) or "nowhere")

    def ended(self) -> None:
        """Note that the browser was closed."""
        self._tell(problem="closed")

    def _closed(self, _: Page) -> None:
        if not self._context.pages:
            self.ended()

    def _tell(self, **outcome: str) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)


def _page_of(request: Request) -> str:
    try:
        return request.frame.url
    except Error:  # it has none yet
        return ""


def _is_hand_over(url: str) -> bool:
    try:
        return urlsplit(url).hostname == HANDOVER_HOST
    except ValueError:
        return False


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _first_line(problem: Error) -> str:
    """Return the first line of a Playwright error, without addresses: those may hold a key."""
    line = problem.message.strip().partition("\n")[0].removeprefix("Page.goto: ").partition(" at http")[0]
    return " ".join(word for word in line.split() if "://" not in word)[:200]


if __name__ == "__main__":
    main()
