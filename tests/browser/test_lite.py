"""The campus in a page: everything in a Chromium, from files alone, with everything else refused.

The page is built once for all who run tests side by side.
"""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("jupyterlite_pyodide_kernel", reason="JupyterLite is missing: pip install -e '.[lite]'")

from cocalc_magic import from_curl
from lite import build, download
from tests.browser.campus import Campus, errors, running_campus, served, text
from tests.browser.conftest import chromium_only
from tests.from_curl.test_lines import PASTED, filled
from tests.sandbox.conftest import start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LESSONS = sorted(path.name for path in (build.ROOT / "notebooks").glob("*.ipynb"))
HERE = "https://s.example"
READ = """import json
from cocalc_magic import from_curl
texts, here = json.loads({!r})
print(json.dumps([from_curl.read(text).cells(here) for text in texts]))"""
SHORT = "01-first-steps.ipynb"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The built page: made by the first of the test processes, of which there may be several."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    with (shared / "lite.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (site := shared / "lite").exists():
            _built(site)
    return site


def _built(site: Path) -> None:
    try:
        build.build(site)
    except download.BuildError as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the page cannot be built: {problem}")


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def campus(browser: Any, base: str) -> Iterator[Campus]:
    """One page for the tests of this module, which share its notebook and its kernel: that takes seconds to start."""
    with running_campus(browser, base) as opened:
        opened.open()
        yield opened
        assert opened.foreign == []


def run(campus: Campus, *sources: str) -> list[str]:
    """Runs these cells, and gives what each shows."""
    campus.notebook(*sources)
    cells = campus.run()
    assert errors(cells) == []
    return [text(cell) for cell in cells]


def test_messages_are_answered_where_nothing_is_installed(campus: Campus) -> None:
    shown = run(
        campus,
        "%load_ext cocalc_magic",
        "%cocalc ping",
        'project = %cocalc create_project title="In a page"\nproject',
        '%cocalc query query:={"projects":[{"project_id":null,"title":null}]}',
        "%cocalc project_exec project_id=$project command='echo one two > words && wc -w < words'",
        "%cocalc jupyter_execute project_id=$project kernel=python3 input='display(6 * 7); 1 / 0'",
    )

    assert "pong" in shown[1]
    assert "Created In a page." in shown[2]
    assert "In a page" in shown[3]
    assert "2" in shown[4].splitlines()[-1]
    assert "42" in shown[5]
    assert "ZeroDivisionError" in shown[5]


def test_a_form_sends(campus: Campus) -> None:
    run(campus, "%load_ext cocalc_magic", "%cocalc form create_project")

    form = campus.page.locator(".ccm-form")
    form.get_by_label("title").fill("By a form")
    form.get_by_role("button", name="Send", exact=True).click()
    form.locator(".cocalc-magic").get_by_text("project_created").first.wait_for()


def test_the_explorer_finds_messages(campus: Campus) -> None:
    run(campus, "%load_ext cocalc_magic", "%cocalc explore")

    explorer = campus.page.locator(".ccm-explorer")
    search = explorer.get_by_label("Search messages")
    search.fill("create project title")
    explorer.get_by_role("status").get_by_text("5 messages.").wait_for()
    search.press("Enter")
    explorer.get_by_text("Create a project that you own.").first.wait_for()


def test_a_table_filters(campus: Campus) -> None:
    run(
        campus,
        "%load_ext cocalc_magic",
        "from cocalc_magic import Client\n"
        "for number in range(12):\n    _ = Client().create_project(title=f'row-{number}')",
        '%cocalc query query:={"projects":[{"project_id":null,"title":null}]}',
    )

    table = campus.page.locator(".ccm-table")
    table.get_by_role("searchbox", name="Filter rows").fill("row-7")
    table.locator(".ccm-count", has_text="1 of ").wait_for()


def test_a_key_reaches_the_kernel_and_is_kept_nowhere(campus: Campus) -> None:
    key = "sk-" + "pageKey" * 6
    run(campus, "%load_ext cocalc_magic", f"%cocalc server add here {campus.base}", "%cocalc login here")

    field = campus.page.locator(".ccm-login").get_by_label("Key", exact=True)
    field.fill(key)
    field.press("Enter")
    campus.page.locator(".ccm-login .ccm-status").filter(has_text="HTTP 501").wait_for()  # it was sent there
    kept = campus.kept()
    assert "%cocalc login here" in kept
    assert key not in kept


@pytest.mark.parametrize("generation", ["all", "ai"])
def test_a_real_server_is_asked_by_the_browser_where_the_page_has_its_address(
    campus: Campus, generation: str
) -> None:
    """The server is a sandbox in a process, behind the page's address. At its own, CORS keeps the page out."""
    chromium_only("bodies of requests that go elsewhere")
    running = start("--generation", generation)
    try:
        ask = "try:\n    print(Client({!r}, {!r}).ping()['now'])\nexcept CoCalcError as problem:\n    print(problem)"
        with campus.allowing(running.url):
            shown = run(
                campus,
                "from cocalc_magic import Client, CoCalcError",
                ask.format(campus.base, running.key),
                ask.format(running.url, running.key),
            )
    finally:
        stop(running)

    assert "202" in shown[1]
    assert "the server does not allow other pages (CORS)" in shown[2]


def test_an_answer_that_is_nested_too_deeply_is_refused_as_everywhere(campus: Campus) -> None:
    """The page's Python would end otherwise, with all that is in it."""
    shown = run(
        campus,
        "from cocalc_magic import Client, CoCalcError\n"
        "from cocalc_magic.sandbox.testing import FakeServer, Response",
        "deep = FakeServer(Response(200, 'application/json', b'[' * 100_000 + b']' * 100_000))\n"
        "try:\n    Client(deep.url, 'sk-any', session=deep.session()).ping()\n"
        "except CoCalcError as problem:\n    print(problem)",
    )

    assert "HTTP 200 OK with application/json where JSON was due." in shown[1]


def test_curl_is_read_as_everywhere(campus: Campus) -> None:
    """By the grammar in JavaScript, which is loaded for it."""
    texts = [filled(pasted, HERE) for pasted in PASTED.values()]
    (shown,) = run(campus, READ.format(json.dumps([texts, HERE])))

    assert json.loads(shown) == [from_curl.read(text).cells(HERE) for text in texts]


def test_the_first_lesson_runs_from_start_to_end(browser: Any, base: str) -> None:
    lesson_runs(browser, base, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("lesson", [name for name in LESSONS if name != SHORT])
def test_a_lesson_runs_from_start_to_end(browser: Any, base: str, lesson: str) -> None:
    lesson_runs(browser, base, lesson)


def lesson_runs(browser: Any, base: str, lesson: str) -> None:
    """Opens it in a browser that has seen nothing of the page, runs it, and compares how far it comes."""
    with running_campus(browser, base) as campus:
        campus.open(lesson)
        cells = [cell for cell in campus.run() if cell["cell_type"] == "code"]
        meant = [cell for cell in cells if "raises-exception" in cell["metadata"].get("tags", ())]

        assert errors([cell for cell in cells if cell not in meant]) == []
        assert all(cell["execution_count"] for cell in cells)
        assert campus.foreign == []


def test_the_page_lists_the_lessons_and_names_no_place_elsewhere(site: Path) -> None:
    first = (site / "index.html").read_text()
    settings = (site / "jupyter-lite.json").read_text()

    assert [name for name in LESSONS if f"?path={name}" not in first] == []
    assert "://" not in first
    assert json.loads(settings)["jupyter-config-data"]["litePluginSettings"]
    lock = json.loads((site / "static/pyodide/pyodide-lock.json").read_text())
    assert [
        p["name"]
        for p in lock["packages"].values()
        if not (site / "static/pyodide" / p["file_name"]).exists()
    ] == []
