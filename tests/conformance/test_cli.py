"""The program, as a shell runs it, and the command, as a notebook does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from cocalc_magic.errors import InvalidSyntax
from tests.sandbox.conftest import gone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.mutations import Falsifier
    from tests.sandbox.conftest import Running, Start

RECORDED = Path(__file__).parents[2] / "conformance"
PROGRAM = [sys.executable, "-m", "cocalc_magic.conformance"]


def environment(url: str = "", key: str = "") -> dict[str, str]:
    named = {"COCALC_HOST": url, "COCALC_API_KEY": key} if key else {}
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("COCALC_", "COVERAGE"))
    }
    return plain | named


def conform(*words: str, url: str = "", key: str = "", folder: Path | None = None) -> Any:
    return subprocess.run(
        [*PROGRAM, *words],
        env=environment(url, key),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_it_runs_in_an_empty_folder_and_says_that_nothing_differs(
    start_sandbox: Start, tmp_path: Path
) -> None:
    sandbox = start_sandbox("--generation", "v1")

    done = conform(sandbox.url, url=sandbox.url, key=sandbox.key, folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforms: " in done.stdout
    assert re.search(r"^v1 +2\d\d +0 +0 +\d+$", done.stdout, re.MULTILINE)
    assert "not asked  it writes (--write)" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_each_case_that_differs_is_named_by_its_event_and_shown(
    start_sandbox: Start, falsifier: Falsifier, tmp_path: Path
) -> None:
    sandbox = start_sandbox("--generation", "v1")
    falsifier.behind = sandbox.url
    falsifier.change("ping", {"event": "pang <b>"})

    done = conform(
        falsifier.url, "--junit", "report.xml", "--html", "report.html",
        url=falsifier.url, key=sandbox.key, folder=tmp_path,
    )  # fmt: skip

    assert done.returncode == 1
    assert re.search(r"^different +ping: example$", done.stdout, re.MULTILINE)
    assert '- "event": "pong"' in done.stdout
    assert '+ "event": "pang <b>"' in done.stdout
    suite = next(iter(ET.parse(tmp_path / "report.xml").getroot()))  # noqa: S314 - our own
    assert (suite.get("name"), suite.get("failures")) == ("v1", "1")
    assert len(suite) == int(suite.get("tests", 0)) > 300
    failed = [test for test in suite if test.find("failure") is not None]
    assert [test.get("name") for test in failed] == ["ping: example"]
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "pang &lt;b&gt;" in page
    assert sandbox.key not in done.stdout + page + (tmp_path / "report.xml").read_text("utf-8")


@pytest.mark.slow
def test_recorded_cases_are_sent_with_the_keys_of_their_accounts(
    start_sandbox: Start, tmp_path: Path
) -> None:
    """What differs on purpose is published, also where there is no repository, and counts for nothing."""
    cases = [json.loads(line) for line in (RECORDED / "v1.jsonl").read_text("utf-8").splitlines()]
    few = [case for case in cases if case["case"].startswith(("ping-", "read_text_file-etc"))]
    few += [{**few[0], "case": "changed", "response": {"status": 200, "body": {"event": "pang"}}}]
    (tmp_path / "v1.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in few), "utf-8")
    sandbox = start_sandbox("--world", str(RECORDED / "world.yaml"))
    words = ["--cases", "v1.jsonl", "--world", str(RECORDED / "world.yaml")]

    refused = conform(sandbox.url, *words, folder=tmp_path)
    done = conform(sandbox.url, "--write", *words, folder=tmp_path)

    assert refused.returncode == 2
    assert "recorded cases change the server that they are sent to." in refused.stderr
    assert done.returncode == 1
    assert re.search(r"^different +ping: changed$", done.stdout, re.MULTILINE)
    assert "Differs: 1" in done.stdout
    assert "read_text_file-etc-hostname" in done.stdout.partition("Differs as is known")[2]


NOT_ASKED = {
    "a server that is not there": (["http://127.0.0.1:9"], "127.0.0.1:9"),
    "what is no address": (["no such server"], "no such server"),
    "another machine without encryption": (["http://cocalc.example.org"], "would get the key unencrypted"),
    "three servers": (["a.example.org", "b.example.org", "c.example.org"], "one server, or two"),
    "cases without their accounts": (["a.example.org", "--cases", "x"], "--cases FILE --world FILE"),
    "no time": (["a.example.org", "--timeout", "0"], "--timeout takes seconds"),
    "what is no number": (["a.example.org", "--timeout", "x"], "invalid float value"),
    "files that are not there": (
        ["http://127.0.0.1:9", "--write", "--cases", "none.jsonl", "--world", "none.yaml"],
        "none.yaml cannot be read",
    ),
}


@pytest.mark.parametrize(("words", "problem"), NOT_ASKED.values(), ids=NOT_ASKED)
def test_what_can_not_be_asked_is_told_in_words_and_by_the_exit_status(
    tmp_path: Path, words: list[str], problem: str
) -> None:
    done = conform(*words, folder=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_key_is_told_and_not_shown(start_sandbox: Start) -> None:
    sandbox = start_sandbox("--generation", "v1")

    done = conform(sandbox.url, url=sandbox.url, key="sk-NobodyHasThisKey000001")

    assert done.returncode == 2
    assert "does not know the key" in done.stderr
    assert "NobodyHas" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_sandboxes_end_with_it(sandbox: Running, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*PROGRAM, sandbox.url],
        env=environment(),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (children := list(_children(process.pid))) and time.monotonic() < deadline:
        time.sleep(0.01)

    process.send_signal(number)
    process.wait(20)

    assert children
    assert all(gone(child, within=20) for child in children)


def _children(process_id: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == process_id:
            yield int(path.parent.name)


# -- the command -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_gives_a_table_and_a_record_for_each_case(shell: Any) -> None:
    shell.cell("%cocalc sandbox start --generation v1")

    report = shell.cell("%cocalc conform sandbox")

    assert "conforms: " in str(report)
    assert "beside a fresh sandbox (v1)" in str(report)
    assert {"same", "not asked"} == {record["verdict"] for record in report}
    assert "<table" in report._repr_html_()
    shell.cell("%cocalc sandbox stop")


def test_the_command_says_what_it_takes(shell: Any) -> None:
    assert "--write" in str(shell.cell("%cocalc help conform"))
    with pytest.raises(InvalidSyntax, match="one server, or two"):
        shell.cell("%cocalc conform a.example.org b.example.org c.example.org")
    with pytest.raises(InvalidSyntax, match="conform has no flag --wrte"):
        shell.cell("%cocalc conform --wrte")
    with pytest.raises(InvalidSyntax, match="--timeout takes seconds, not 'x'"):
        shell.cell("%cocalc conform --timeout x")


def test_the_sandbox_says_how_alike_it_is(shell: Any) -> None:
    shell.cell("%cocalc sandbox start")

    text = str(shell.cell("%cocalc sandbox"))

    assert re.search(
        r"as recorded servers answer: v1 9\d\.\d % of \d+, v2 and conat 9\d\.\d % of \d+ cases", text
    )
    shell.cell("%cocalc sandbox stop")
