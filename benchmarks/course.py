"""What a class costs: a plan, an apply beside its ideal time, and collecting beside threads written by hand.

python benchmarks/course.py [--check] [--students N]

The apply is of a new class, 32 messages at a time, in two settings. On a sandbox that answers 250 ms late, as
servers do that make a project, its ideal is messages x latency / 32. The harder one answers 50 ms late: 640
messages a second, by a client and a server that share two processors; there the ideal is the time that the
messages take alone, as often as 32 at a time have to, and threads by hand do the same beside. Collected are
20 files of each of 100 projects; by hand each file is one message, by as many threads as there are jobs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from cocalc_magic import Client, config
from cocalc_magic.course import apply, classroom, collecting, opening, planning
from cocalc_magic.course.classroom import Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.course.classroom import Classroom

JOBS, LATENCY, ROUNDS = 32, 0.050, 2
NETWORK = 0.250  # seconds that a server on the network takes
COLLECTED, FILES, COLLECT_JOBS = 100, 20, 8
PLAN_LIMIT, IDEAL_LIMIT, HAND_LIMIT = 2.0, 1.1, 1.5  # seconds, ratios
SLACK = 1.25  # of --check: machines are noisy


def took(run: Callable[[], object]) -> float:
    """Return the seconds of a run."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def world(count: int) -> str:
    """Return a world file: a teacher, and students with accounts."""
    lines = ["accounts:", "- {first_name: Iris, last_name: Teacher, email_address: iris@example.com}"]
    lines += [
        f"- {{first_name: S{number}, last_name: X, email_address: s{number}@example.com}}"
        for number in range(count)
    ]
    return "\n".join(lines)


def students(count: int) -> list[dict[str, str]]:
    """Return the list of students."""
    return [{"name": f"S{number} X", "email": f"s{number}@example.com"} for number in range(count)]


def alone(client: Client) -> float:
    """Return the seconds that making a project and adding somebody take alone, the best of a few."""
    person = str(client.user_search(query="s0@example.com")["results"][0]["account_id"])

    def both() -> None:
        project = client.create_project(title="alone")["project_id"]
        client.add_collaborator(project_id=project, account_id=person)

    return sorted(took(both) for _ in range(9))[4]


def new_class(client: Client, folder: Path, name: str, count: int, jobs: int) -> Classroom:
    """Return a new class."""
    (folder / name).mkdir()
    opening.from_list(students(count), folder / name / "class.yaml", name)
    return classroom.opened(client, folder / name / "class.yaml", Work(jobs))


def do_apply(room: Classroom) -> None:
    """Apply the class; end where something fails."""
    failure = apply.apply(room, *planning.due(room)).failure
    if failure:
        raise SystemExit(str(failure))


def make_by_hand(client: Client, count: int) -> None:
    """Make the projects and add somebody as one would without this package: threads, each with a session."""
    person = str(client.user_search(query="s0@example.com")["results"][0]["account_id"])
    local = threading.local()

    def post(event: str, **options: str) -> dict[str, str]:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        url, auth = f"{client.server.url}/api/v1/{event}", (client.key.reveal(), "")
        answer = local.session.post(url, json=options, auth=auth, timeout=60)
        answer.raise_for_status()
        fields: dict[str, str] = answer.json()
        return fields

    def make(number: int) -> None:
        project = post("create_project", title=f"by hand {number}")["project_id"]
        post("add_collaborator", project_id=project, account_id=person)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(make, range(count)))


def by_hand(client: Client, projects: list[str]) -> None:
    """Read the files as one would without this package: threads, each with a session."""
    url, local = f"{client.server.url}/api/v1/read_text_file_from_project", threading.local()

    def read(project: str) -> None:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        for number in range(FILES):
            sent = {"project_id": project, "path": f"work/{number}.txt"}
            local.session.post(url, json=sent, auth=(client.key.reveal(), ""), timeout=60).raise_for_status()

    with ThreadPoolExecutor(COLLECT_JOBS) as pool:
        list(pool.map(read, projects))


def main() -> int:
    """Measure and print; with --check the exit code says whether the limits hold."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    options.add_argument("--students", type=int, default=500)
    chosen = options.parse_args()
    count = chosen.students
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["JUPYTER_DATA_DIR"] = str(folder / "data")
        (folder / "world.yaml").write_text(world(count))
        server, key = config.sandbox().start(f"--world={folder / 'world.yaml'}")
        with Client(server, key) as client:
            first = new_class(client, folder, "First", count, JOBS)
            plan = min(took(lambda: planning.make(first)) for _ in range(ROUNDS))
            client.control("fault", latency=NETWORK, times=1_000_000)
            due = planning.due(first)
            network = took(partial(apply.apply, first, *due))
            client.control("fault", clear=True)
            client.control("fault", latency=LATENCY, times=1_000_000)
            ideal = alone(client) * count / JOBS
            applied = []
            for number in range(ROUNDS):
                room = new_class(client, folder, f"Late {number}", count, JOBS)
                due = planning.due(room)
                applied.append(took(partial(apply.apply, room, *due)))
            made_by_hand = took(lambda: make_by_hand(client, count))
            client.control("fault", clear=True)
            again = took(lambda: do_apply(room))
            collected, hand = collect_times(client, folder)
    config.sandbox().stop()
    network_ideal = 2 * count * NETWORK / JOBS
    found = (
        ("plan", plan, PLAN_LIMIT, "s"),
        ("apply, 250 ms late, beside messages x latency / jobs", network / network_ideal, IDEAL_LIMIT, "x"),
        ("apply, 50 ms late, beside its ideal time", min(applied) / ideal, IDEAL_LIMIT, "x"),
        ("collect beside threads by hand", collected / hand, HAND_LIMIT, "x"),
    )
    late = f"{count:,} students, {JOBS} at a time, {1000 * LATENCY:g} ms late"
    print(f"{late}: apply {min(applied):.2f} s, ideal {ideal:.2f} s, by hand {made_by_hand:.2f} s")
    print(f"apply again {again:.2f} s; collect {collected:.2f} s, by hand {hand:.2f} s")
    for words, value, limit, unit in found:
        print(f"{words:52s} {value:6.3f} {unit}  (at most {limit:g})")
    # On two busy processors threads by hand miss the ideal, too: then it is theirs that is held to.
    slack = {"apply, 50 ms late, beside its ideal time": SLACK * max(1.0, made_by_hand / ideal)}
    good = all(value <= limit * slack.get(words, SLACK) for words, value, limit, _ in found)
    return 0 if good or not chosen.check else 1


def collect_times(client: Client, folder: Path) -> tuple[float, float]:
    """Return the seconds to collect, and those to read the same files by hand, in turns; the best of each."""
    room = new_class(client, folder, "Collected", COLLECTED, COLLECT_JOBS)
    do_apply(room)
    projects = [change.project_id for change in planning.due(room)[1]]
    script = f"mkdir work; cd work; for i in $(seq 0 {FILES - 1}); do seq $i 400 > $i.txt; done"
    client.map(
        "project_exec", [{"p": each} for each in projects], project_id="${row.p}", command=script, bash=True
    )
    pairs = []
    for number in range(ROUNDS):
        into = folder / f"got {number}"
        times = (
            took(partial(collecting.collect, room, "work", into)),
            took(partial(by_hand, client, projects)),
        )
        pairs.append(times)
        if sum(path.is_file() for path in into.rglob("*")) != COLLECTED * FILES:
            raise SystemExit("some files are missing")
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


if __name__ == "__main__":
    sys.exit(main())
