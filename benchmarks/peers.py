"""What a call, a first call and 16 threads cost, beside what one would take instead of cocalc-magic.

python benchmarks/peers.py [--check] [--rounds N]

Calls are interleaved on one sandbox, each on a connection of its own that is kept; medians, and their ratio
to `requests.Session.post` of the same bytes. Of whole scripts, which take turns too, the best of each counts:
a process takes tens of milliseconds longer at times. Packages that are not installed are left out, and said.
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from IPython.core.interactiveshell import InteractiveShell

from cocalc_magic import Client, config

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = {
    "client.ping()": 0.8,
    "%cocalc ping --quiet": 1.05,
    "first call, cocalc_magic": 0.8,
    "16 threads, 20 ms": 12.0,
    "16 threads": 0.95,
}
SHELL, SHELL_LIMIT = "in a shell: ping", 400.0  # milliseconds until it has printed and ended
SHELL_RATIO = 1.2  # times the first call of `cocalc_api`: what --check holds a slow machine to
SLACK = 1.25  # of --check: machines are noisy
AT_LEAST = ("16 threads, 20 ms", "16 threads")
THREADS, WAIT = 16, 0.020


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def calls(client: Client) -> dict[str, Callable[[], object]]:
    """Return what is compared: each sends a ping to the sandbox."""
    session, pool = requests.Session(), urllib3.PoolManager()
    key, url = client.key.reveal(), f"{client.server.url}/api/v1/ping"
    basic = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    ways: dict[str, Any] = {"headers": headers, "timeout": 60}
    body = b'{"id":"00000000-0000-4000-8000-000000000000"}'
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "cocalc_magic")
    found: dict[str, Callable[[], object]] = {
        "requests.Session.post": lambda: session.post(url, data=body, **ways).json(),
        "urllib3.PoolManager": lambda: pool.request(
            "POST", url, body=body, headers=headers, timeout=60
        ).json(),
        "client.ping()": client.ping,
        "%cocalc ping --quiet": lambda: shell.run_line_magic("cocalc", "ping --quiet"),
        "client: system.ping": lambda: client.send("system.ping"),
    }
    if find_spec("httpx"):
        import httpx

        plain = httpx.Client(timeout=60)
        found["httpx.Client.post"] = lambda: plain.post(url, content=body, headers=headers).json()
    if find_spec("cocalc_api"):
        from cocalc_api import Hub

        found["cocalc_api: system.ping"] = Hub(api_key=key, host=client.server.url).system.ping
    return found


def of_calls(client: Client, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of each kind of call, and their ratio to the first kind."""
    compared = calls(client)
    times: dict[str, list[float]] = {name: [] for name in compared}
    for number in range(rounds + 50):
        for name, call in compared.items():
            taken = seconds(call)
            if number >= 50:  # the first ones load, connect and look up
                times[name].append(taken)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    base = next(iter(medians.values()))
    return {name: (1000 * taken, taken / base) for name, taken in medians.items()}


SCRIPTS = {
    "first call, cocalc_api": "from cocalc_api import Hub; Hub(api_key={key!r}, host={url!r}).system.ping()",
    "first call, requests": (
        "import requests\n"
        "requests.post({url!r} + '/api/v1/ping', json={{}}, auth=({key!r}, ''), timeout=60).json()"
    ),
    "first call, cocalc_magic": "from cocalc_magic import Client; Client({url!r}, {key!r}).ping()",
}


def of_scripts(client: Client, runs: int = 9) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of whole scripts that send one message, and their ratio to the first one."""
    known = {"key": client.key.reveal(), "url": client.server.url}
    programs = {
        name: ["-c", program.format(**known)]
        for name, program in SCRIPTS.items()
        if "cocalc_api" not in program or find_spec("cocalc_api")
    }
    programs[SHELL] = ["-m", "cocalc_magic", "ping"]
    times: dict[str, list[float]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as folder:
        # Compiled once, as where they are installed, whatever the environment says.
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        environ |= {"COCALC_HOST": known["url"], "COCALC_API_KEY": known["key"]}
        for number in range(runs + 1):
            for name, program in programs.items():
                command = [sys.executable, *program]
                taken = seconds(
                    partial(subprocess.run, command, check=True, env=environ, capture_output=True)
                )
                if number:
                    times[name].append(taken)
    best = {name: min(taken) for name, taken in times.items()}
    base = next(iter(best.values()))
    return {name: (1000 * taken, taken / base) for name, taken in best.items()}


def ping(client: Client, count: int) -> None:
    """Send so many messages, one after the other."""
    for _ in range(count):
        client.ping()


def share(pool: ThreadPoolExecutor, client: Client, count: int) -> None:
    """Send so many messages, a share by each thread."""
    list(pool.map(ping, [client] * THREADS, [count // THREADS] * THREADS))


def of_threads(client: Client) -> dict[str, tuple[float, float]]:
    """Return the milliseconds a message with 16 threads on one client, and their rate beside one thread's."""
    rows = {}
    for name, wait, messages in (("16 threads, 20 ms", WAIT, 800), ("16 threads", 0.0, 3_200)):
        if wait:
            client.control("fault", latency=wait, times=1_000_000)
        client.ping()
        few = messages // 8
        alone = seconds(partial(ping, client, few)) / few
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(ping, [client] * THREADS, [4] * THREADS))  # connects
            together = seconds(partial(share, pool, client, messages)) / messages
        client.control("fault", clear=True)
        rows[name] = (1000 * together, alone / together)
    return rows


def main() -> int:
    """Measure and print; with --check the exit code says whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    client, good = Client(), True
    for rows in (of_calls(client, chosen.rounds), of_scripts(client), of_threads(client)):
        for name, (milliseconds, ratio) in rows.items():
            limit, least = LIMITS.get(name), name in AT_LEAST
            good &= limit is None or (ratio * SLACK >= limit if least else ratio <= limit * SLACK)
            wanted = f"  ({'at least' if least else 'at most'} {limit})" if limit else ""
            if name == SHELL:
                good &= milliseconds <= SHELL_LIMIT * SLACK or ratio <= SHELL_RATIO * SLACK
                wanted = f"  (at most {SHELL_LIMIT:g} ms)"
            print(f"{name:26s} {milliseconds:8.3f} ms  x {ratio:.2f}{wanted}")
    config.sandbox().stop()
    return 0 if good or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
