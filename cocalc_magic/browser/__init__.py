"""A real browser for CoCalc's sign-in page, and the key that the page hands over.

The browser is driven by Playwright (`pip install "cocalc-magic[browser]"`) in a process of its own,
`python -m cocalc_magic.browser`: a kernel has an event loop that runs, and Playwright wants its own. That
process reads one line of JSON, `{"url", "limit", "proxy"}`, and prints one, `{"address"}` or
`{"problem", "words"}`, over pipes; when its standard input closes it ends, and the browser with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.config import Server

LIMIT = 300.0  # seconds that a person has for signing in
_ENDING = 15.0  # seconds for a browser to close
_NOT_FOR_IT = ("COCALC_API_KEY", "DEBUG")  # of the environment: it needs no key, and writes no log
WHERE = (
    "The sandbox hands keys over, and so do servers from before October 2024; cocalc.ai and later servers "
    "do not."
)


def hand_over(server: Server, url: str, limit: float = LIMIT) -> Secret:
    """Open the sign-in page for a person, and return the address with the key that it redirects to.

    That address is never requested.

    Raises:
        CoCalcError: There is no Playwright, browser or screen, or no key comes within `limit` seconds.
    """
    if why := missing(os.environ):
        raise CoCalcError(why, *_otherwise(server, url))
    environ = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_IT}
    process = subprocess.Popen(
        [sys.executable, "-m", "cocalc_magic.browser"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
        start_new_session=True,  # an interrupt is for us, and we end it
    )
    alarm = threading.Timer(limit + 2 * _ENDING, process.kill)
    alarm.start()
    try:
        output = _output(process, {"url": url, "limit": limit, "proxy": server.proxy})
    except KeyboardInterrupt:
        raise Interrupted(server.name) from None
    finally:
        alarm.cancel()
        _end(process)
    return _address(output, server, url, limit)


def missing(environ: Mapping[str, str]) -> str:
    """Return why no browser can be opened here, as far as is known without trying; else empty."""
    if find_spec("playwright") is None:
        return "the package playwright is not installed (pip install 'cocalc-magic[browser]')."
    if sys.platform.startswith("linux") and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return "this kernel has no screen to open a browser on."
    return ""


def _output(process: subprocess.Popen[bytes], request: Mapping[str, object]) -> Secret:
    """Return the line that the process prints; empty where it ends without one."""
    if process.stdin is None or process.stdout is None:
        return Secret("")
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        return Secret("")
    return Secret(process.stdout.readline().decode("utf-8", "replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes, which ends the process and its browser, and wait for that."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    try:
        process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _address(output: Secret, server: Server, url: str, limit: float) -> Secret:
    """Return the address in the output. Raises `CoCalcError` for a problem."""
    if not output:
        raise CoCalcError("the browser's process ended without a word.", *_otherwise(server, url))
    answer = _read(output)
    if address := answer.get("address"):
        return Secret(str(address))
    words = str(answer.get("words", ""))
    problem = {
        "absent": "there is no browser: Chromium, Chrome or Edge (python -m playwright install chromium).",
        "launch": f"the browser does not start: {words}",
        "page": f"{server.name} does not show the page: {words}",
        "foreign": f"a page of {words} handed a key over, not one of {server.name}. It was not used.",
        "closed": "the browser was closed, and no key had been handed over.",
        "late": f"no key was handed over within {limit:g} s.",
    }.get(str(answer.get("problem")), "the browser's process did not say what went wrong.")
    raise CoCalcError(problem, WHERE, *_otherwise(server, url))


def _read(line: Secret) -> dict[str, object]:
    """Return the JSON object of a line; empty where it is incomplete."""
    try:
        value = json.loads(line.reveal())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _otherwise(server: Server, url: str) -> tuple[str, str]:
    """Return hints on other ways to get a key."""
    return (
        f"In a browser of your own: {url} ; %cocalc login {server.reference} takes the address it ends at.",
        f"By password, on servers of today: %cocalc login {server.reference} --email ADDRESS",
    )
