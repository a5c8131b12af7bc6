"""The program `python -m cocalc_magic.sandbox`: serve a sandbox until it is stopped.

It prints one line of JSON on standard output, `{"url": …, "key": …, "pid": …}`, once it answers; messages
for people go to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from cocalc_magic.sandbox import seed
from cocalc_magic.sandbox.domain import scopes
from cocalc_magic.sandbox.errors import CannotStart, Failed
from cocalc_magic.sandbox.http.server import listen
from cocalc_magic.sandbox.runtime.process_groups import NEEDS, POSSIBLE
from cocalc_magic.sandbox.start_options import add_world_options
from cocalc_magic.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_INTERVAL = 0.2  # seconds between checks whether the parent lives
SHUTDOWN_TIME = 1.0  # seconds that the end may take


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit code, 2 where it cannot start."""
    chosen = _options().parse_args(arguments)
    try:
        world = World(chosen.data, chosen.generation)
        world.frame_origins = chosen.frame
        try:
            if chosen.action:
                return _create_key(world, chosen)
            key = seed.begin(world, chosen.world, empty=chosen.empty)
            return asyncio.run(_serve(world, key, chosen.port, chosen.child))
        finally:
            world.close()
    except (CannotStart, OSError) as problem:
        _log(str(problem))
        return 2


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m cocalc_magic.sandbox", description="An embedded CoCalc."
    )
    options.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; 0 takes a free one")
    add_world_options(options)
    options.add_argument(
        "--frame",
        type=_origins,
        default=(),
        metavar="ORIGIN,…",
        help="who may show pages of projects in a frame, besides pages of this machine",
    )
    options.add_argument("--child", action="store_true", help="end when standard input closes")
    _add_keys(options)
    return options


def _add_keys(options: argparse.ArgumentParser) -> None:
    """Add what makes a scoped key, in place of serving."""
    keys = options.add_subparsers(dest="action", title="instead of serving", metavar="keys create")
    create = keys.add_parser("keys", help="make a scoped key in the folder of --data, and print it")
    create.add_argument("verb", choices=("create",))
    create.add_argument("--scope", required=True, metavar="CAPABILITY,…", help="what it may do")
    create.add_argument("--projects", metavar="ID,…", help="where; by default in all that the account has")
    create.add_argument("--account", metavar="ADDRESS", help="whose it is; by default the first account's")
    create.add_argument("--seconds", type=float, help="after which it expires")


def _port(text: str) -> int:
    """Return a port. Raises `ArgumentTypeError` for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535, and 0 takes a free one")
    return int(text)


def _origins(text: str) -> tuple[str, ...]:
    """Return the origins in a text, for a policy. Raises `ArgumentTypeError` for what is not one."""
    from cocalc_magic.sandbox.http.project_pages import ORIGIN  # late: few sandboxes are given any

    origins = tuple(part for part in text.lower().split(",") if part)
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise argparse.ArgumentTypeError(f"{origin!r} is not an origin, such as https://shop.example.com")
    return origins


def _create_key(world: World, chosen: argparse.Namespace) -> int:
    """Make a key in a data folder that is not served, and print it; return the exit code."""
    seed.begin(world, chosen.world, empty=chosen.empty)
    fields = {"account": chosen.account, "seconds": chosen.seconds, "capabilities": chosen.scope.split(",")}
    if chosen.projects is not None:
        fields["projects"] = chosen.projects.split(",")
    try:
        sys.stdout.write(json.dumps(scopes.create_key(world, fields)) + "\n")
    except Failed as problem:
        _log(problem.text)
        return 2
    return 0


async def _serve(world: World, key: str, port: int, child: bool) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    limit = _last_resort()

    def end() -> None:
        limit()
        with suppress(RuntimeError):  # a second signal, and the loop has ended
            loop.call_soon_threadsafe(stop.set)

    _end_on_signals(end, child)
    try:
        stop_listening, port = listen(world, port)
    except OSError as problem:
        why = f"port {port} cannot be used ({problem.strerror}); --port 0 takes a free one"
        raise CannotStart(why) from problem
    url = world.address = f"http://127.0.0.1:{port}"
    _log(f"CoCalc sandbox on {url}. It is not isolated: commands run as you.")
    if not POSSIBLE:
        _log(f"On this system it runs nothing: {NEEDS}.")
    _log("It bills nothing and sends no e-mail; what it does not do, it refuses by name.")
    sys.stdout.write(json.dumps({"url": url, "key": key, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    gc.freeze()  # what is loaded stays loaded
    gc.enable()
    if child:
        threading.Thread(target=_watch_parent, args=(end,), daemon=True).start()
    await stop.wait()
    stop_listening()
    # End commands first: the interpreter would wait for their threads.
    await loop.run_in_executor(None, world.processes.close)
    return 0


def _last_resort() -> Callable[[], None]:
    """Return a function that ends the process a little later, whatever hangs then: a worker or the loop.

    It may be called by a signal handler. The reaper notices such an end, and cleans up.
    """
    reading, writing = os.pipe()

    def wait() -> None:
        os.read(reading, 1)
        time.sleep(SHUTDOWN_TIME)
        os._exit(0)

    def call() -> None:
        os.write(writing, b".")

    threading.Thread(target=wait, daemon=True).start()
    return call


def _end_on_signals(end: Callable[[], None], child: bool) -> None:
    """Let signals end the server, even while its main thread, in which Python runs handlers, hangs."""
    numbers = [signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is under nohup
        numbers.append(signal.SIGHUP)
    # An interrupt of a kernel is not meant for its sandbox. A handler that does nothing, since commands would
    # inherit an ignored signal.
    signal.signal(signal.SIGINT, lambda *_: None)
    if not child:
        numbers.append(signal.SIGINT)
    for number in numbers:
        signal.signal(number, lambda *_: end())
    if sys.platform != "win32":
        threading.Thread(target=_watch_signals, args=(_numbers(), numbers, end), daemon=True).start()


def _numbers() -> int:
    """Return a descriptor from which the numbers of signals can be read as they arrive."""
    reading, writing = os.pipe()
    if sys.platform != "win32":  # which does not come here
        os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading


def _watch_signals(reading: int, numbers: list[signal.Signals], end: Callable[[], None]) -> None:
    while number := os.read(reading, 1):
        if number[0] in numbers:
            end()


def _watch_parent(end: Callable[[], None]) -> None:
    """End the server when standard input closes, or the parent ends while another process holds it open."""
    parent = os.getppid()

    def closed() -> None:
        # Not through sys.stdin: its lock, held in a read while Python ends, would abort the process.
        while os.read(0, 65_536):
            pass
        gone.set()

    gone = threading.Event()
    threading.Thread(target=closed, daemon=True).start()
    while not gone.wait(POLL_INTERVAL) and os.getppid() == parent:
        pass
    end()


def _log(text: str) -> None:
    sys.stderr.write(f"{text}\n")
