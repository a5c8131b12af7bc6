"""What the sandbox costs beside a bare Tornado server that echoes JSON, both as processes of their own.

python benchmarks/sandbox.py [--check] [--seconds S] [--large]

--check holds the numbers beside the echo to their limits; the others are the machine's as much.

Latencies are medians on one kept connection, taken in turns; rates are those of eight connections at
once. Also: how long until the first answer, and how much memory it takes when idle. --large compares keyed
queries of an empty sandbox with one of 100,000 accounts, 100,000 projects and 1,000,000 rows of a log.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

ECHO = """
import asyncio, json, sys
from tornado.web import Application, RequestHandler
class Echo(RequestHandler):
    def post(self):
        self.finish(json.dumps(json.loads(self.request.body)))
async def main():
    application = Application([(r"/.*", Echo)])
    server = application.listen(0, "127.0.0.1")
    port = next(iter(server._sockets.values())).getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "key": "none"}), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
WORKERS = 8
LATENCY = {"ping": 2.0, "small query": 4.0}  # times the echo's, at most
RATE = {"ping": 0.5, "small query": 0.25}  # of the echo's, at least
EXEC_LIMIT = 15.0  # ms
START_LIMIT = 300.0  # ms until the first answer
MEMORY_LIMIT = 60.0  # MB, idle
LARGE = 100_000
LARGE_LIMIT = 3.0  # times the empty store's, at most
SLACK = 1.25  # of --check: machines are noisy


@dataclass
class Server:
    """A server process, its address and its key."""

    process: subprocess.Popen[str]
    host: str
    key: str

    @classmethod
    def start(cls, *words: str) -> Server:
        """Start one that says where it is on its first line."""
        process = subprocess.Popen(
            [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        said = json.loads(process.stdout.readline() if process.stdout else "")
        return cls(process, urlsplit(said["url"]).netloc, said["key"])

    def poster(self, path: str, body: object) -> Callable[[], bytes]:
        """Post the same request again and again on one connection."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        data = json.dumps(body)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}

        def post() -> bytes:
            connection.request("POST", path, data, headers)
            answer = connection.getresponse()
            found = answer.read()
            if answer.status != 200:
                raise RuntimeError(found)
            return found

        return post

    def memory(self) -> float:
        """Resident memory in MB, as Linux counts it."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def rate(make: Callable[[], Callable[[], bytes]], seconds: float) -> float:
    """Count the requests a second that eight connections get answered."""
    counts = [0] * WORKERS
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        post = make()
        while time.perf_counter() < end:
            post()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def first_answer(path: str, *words: str) -> float:
    """Milliseconds from starting a server to its first answer."""
    started = time.perf_counter()
    server = Server.start(*words)
    server.poster(path, {})()
    taken = 1000 * (time.perf_counter() - started)
    server.process.terminate()
    server.process.wait()
    return taken


def filled(folder: Path) -> None:
    """Put a hundred thousand accounts and projects, and a million rows of their logs, into a data folder."""
    database = sqlite3.connect(folder / "sandbox.db")
    ids = [str(uuid.UUID(int=number)) for number in range(LARGE)]
    users = [json.dumps({one: {"group": "owner"}}) for one in ids]
    with database:
        database.executemany(
            "INSERT INTO accounts (account_id, first_name, found_by, created) VALUES (?, 'A', 'a', ?)",
            ((one, number) for number, one in enumerate(ids)),
        )
        database.executemany(
            "INSERT INTO projects (project_id, title, users, last_edited) VALUES (?, 'T', ?, ?)",
            ((one, users[number], 1000 * time.time()) for number, one in enumerate(ids)),
        )
        database.executemany("INSERT INTO members VALUES (?, ?)", ((one, one) for one in ids))
        database.executemany(
            "INSERT INTO project_log (id, project_id, time, event) VALUES (?, ?, ?, '{}')",
            (
                (str(uuid.UUID(int=10**9 + number)), ids[number % LARGE], 1000 * time.time())
                for number in range(10 * LARGE)
            ),
        )
    database.close()


def large(tell: Callable[..., None]) -> None:
    """Keyed queries of a large sandbox beside those of an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "large"
        medians: list[dict[str, float]] = []
        for words in ([], ["--data", str(data)]):
            sandbox = Server.start("-m", "cocalc_magic.sandbox", "--port", "0", "--empty", *words)
            made = json.loads(sandbox.poster("/api/v1/create_project", {"title": "x"})())["project_id"]
            log = {"project_log": {"project_id": made, "event": {"a": 1}, "time": "{now}"}}
            sandbox.poster("/api/v1/query", {"query": log})()
            if words:
                sandbox.process.terminate()
                sandbox.process.wait()
                filled(data)
                sandbox = Server.start("-m", "cocalc_magic.sandbox", "--port", "0", *words)
            queries = {
                "own account": {"accounts": {"first_name": None}},
                "own projects": {"projects": [{"project_id": None, "title": None}]},
                "a project by id": {"projects_all": {"project_id": made, "title": None}},
                "its log": {"project_log": [{"project_id": made, "event": None}]},
                "a new title": {"projects": {"project_id": made, "title": "y"}},
            }
            posts = {name: sandbox.poster("/api/v1/query", {"query": one}) for name, one in queries.items()}
            medians.append(
                {
                    name: statistics.median(milliseconds(post) for _ in range(200))
                    for name, post in posts.items()
                }
            )
            sandbox.process.terminate()
            sandbox.process.wait()
    empty, full = medians
    for name, taken in full.items():
        ratio = taken / empty[name]
        good, close = ratio <= LARGE_LIMIT, ratio <= LARGE_LIMIT * SLACK
        tell(f"large: {name}", f"x {ratio:.2f}", good, f"x {LARGE_LIMIT}", close_enough=close)


def main() -> int:
    """Measures, prints, and with --check says by its exit code whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    options.add_argument("--seconds", type=float, default=2.0, help="of each rate")
    options.add_argument("--large", action="store_true", help="also with a large store; takes a minute")
    chosen = options.parse_args()
    held = []

    def tell(what: str, value: str, good: bool, limit: str, *, close_enough: bool = True) -> None:
        held.append(close_enough)
        print(f"{what:34s} {value:>12s}   {'' if good else 'MISSED, '}limit {limit}")

    starts, echo_starts = [], []
    for _ in range(7):  # in turns, since machines are noisy
        starts.append(first_answer("/api/v1/ping", "-m", "cocalc_magic.sandbox", "--port", "0"))
        echo_starts.append(first_answer("/", "-c", ECHO))
    echo = Server.start("-c", ECHO)
    sandbox = Server.start("-m", "cocalc_magic.sandbox", "--port", "0")
    memory = sandbox.memory()
    made = json.loads(sandbox.poster("/api/v1/create_project", {"title": "x"})())
    query = {"query": {"projects": {"project_id": made["project_id"], "title": None}}}
    bodies: dict[str, tuple[Server, str, object]] = {
        "echo": (echo, "/", {"id": "x"}),
        "ping": (sandbox, "/api/v1/ping", {"id": "x"}),
        "small query": (sandbox, "/api/v1/query", query),
    }
    posts = {name: server.poster(path, body) for name, (server, path, body) in bodies.items()}
    times: dict[str, list[float]] = {name: [] for name in posts}
    for _ in range(700):
        for name, post in posts.items():
            times[name].append(milliseconds(post))
    base = statistics.median(times["echo"])
    print(f"{'echo':34s} {base:9.3f} ms")
    for name, most in LATENCY.items():
        ratio = statistics.median(times[name]) / base
        tell(
            f"{name}, latency",
            f"x {ratio:.2f}",
            ratio <= most,
            f"x {most}",
            close_enough=ratio <= most * SLACK,
        )
    rates = {
        name: rate(lambda bound=bound: bound[0].poster(bound[1], bound[2]), chosen.seconds)  # type: ignore[misc]
        for name, bound in bodies.items()
    }
    print(f"{'echo, eight connections':34s} {rates['echo']:9.0f} /s")
    for name, least in RATE.items():
        share = rates[name] / rates["echo"]
        tell(
            f"{name}, rate",
            f"x {share:.2f}",
            share >= least,
            f"x {least}",
            close_enough=share * SLACK >= least,
        )
    run = sandbox.poster("/api/v1/project_exec", {"project_id": made["project_id"], "command": "true"})
    taken = statistics.median(milliseconds(run) for _ in range(100))
    tell("project_exec of true", f"{taken:.1f} ms", taken < EXEC_LIMIT, f"{EXEC_LIMIT} ms")
    start, echo_start = statistics.median(starts), statistics.median(echo_starts)
    print(f"{'echo, start to first answer':34s} {echo_start:9.0f} ms")
    tell("start to first answer", f"{start:.0f} ms", start < START_LIMIT, f"{START_LIMIT:.0f} ms")
    tell("memory, idle", f"{memory:.0f} MB", memory < MEMORY_LIMIT, f"{MEMORY_LIMIT:.0f} MB")
    for server in (echo, sandbox):
        server.process.terminate()
    if chosen.large:
        large(tell)
    return 0 if all(held) or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
