"""Views by kind in a real notebook: frames, pictures, colours; the hostile corpus runs nothing, live, saved, exported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

ROOT = Path(__file__).parents[2]
LOAD = f"""%load_ext cocalc_magic
import sys
sys.path.insert(0, {str(ROOT)!r})"""
CORPUS = """from tests.render.hostile import VALUES
from tests.render.test_html import PLACES
from cocalc_magic import render
from IPython.display import HTML, display
small = [value for value in VALUES.values() if len(str(value)) < 2000]
# Every value in some of the places, every place with some of the values: all pairs are for the tests of render.
responses = [make(value) for place, make in enumerate(PLACES.values()) for number, value in enumerate(small)
             if (place + number) % 12 == 0]
html = "".join(render.to_html(response) for response in responses)
display(HTML(html + "<b>corpus-" + "shown</b>"))"""
LIVE = """from tests.render.hostile import VALUES
from tests.render.test_html import PLACES
hostile = "<img src=x onerror='window.ran=1'><svg onload='window.ran=1'><script>window.ran=1</script>"
[display(make(value)) for make in PLACES.values() for value in (hostile, "$\\\\\\\\href{javascript:window.ran=1}{x}$")];"""
WATCH = """() => {
    window.alert = () => { window.ran = 1; };
}"""
RAN = "() => window.ran"


def watched(page: Page) -> list[str]:
    """The addresses outside of JupyterLab that are asked for from now on."""
    asked: list[str] = []
    page.page.on("dialog", lambda dialog: (asked.append("dialog"), dialog.dismiss()))
    page.page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((page.lab.url, "data:", "blob:", "file:"))
            else asked.append(request.url)
        ),
    )
    return asked


def test_jupyter_output_is_real(page: Page, lab: Lab) -> None:
    output = (
        "from tests.render.responses import ran\n"
        "ran({'data': {'text/html': '<table><tr><td>cell-' + str(40 + 2) + '</td></tr></table>'}},\n"
        "    {'data': {'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>'}},\n"
        "    {'ename': 'E', 'evalue': 'x', 'traceback': ['\\x1b[31mraised-' + str(40 + 3) + '\\x1b[0m']})"
    )
    page.open(lab.notebook("output.ipynb", LOAD, output))
    page.run_all()

    page.page.wait_for_selector(".cocalc-magic", timeout=30_000)
    live = page.page.locator(".cocalc-magic")
    live.frame_locator("iframe").get_by_text("cell-42").wait_for()
    assert live.locator("img").first.evaluate("(image) => image.complete && image.naturalWidth") == 9
    color = live.locator("pre span", has_text="raised-43").first.evaluate(
        "(text) => getComputedStyle(text).color"
    )
    assert color == "rgb(212, 60, 60)"


def test_markdown_is_rendered_in_its_box(page: Page, lab: Lab) -> None:
    source = (
        "from tests.render.responses import file\nfile('# Head-' + str(40 + 2) + '\\n[x](http://evil.test)')"
    )
    page.open(lab.notebook("markdown.ipynb", LOAD, source))
    page.run_all()

    page.page.wait_for_selector(".cocalc-magic", timeout=30_000)
    page.page.get_by_role("tab", name="Rendered").click()
    page.page.locator(".cocalc-magic").frame_locator("iframe").locator("h1", has_text="Head-42").wait_for()


def test_dollars_are_no_formulas(page: Page, lab: Lab) -> None:
    source = "from tests.render.responses import answered\nanswered({'event': 'x', 'a': 'from $5 to $6 ' + str(40 + 2)})"
    page.open(lab.notebook("dollars.ipynb", LOAD, "from IPython.display import HTML\nHTML('$x^2$')", source))
    page.run_all()

    page.page.wait_for_selector(".cocalc-magic", timeout=30_000)
    page.page.wait_for_selector("mjx-container", timeout=30_000)  # of the HTML that is not ours
    assert page.page.locator("mjx-container").count() == 1
    page.page.locator(".cocalc-magic").get_by_text("from $5 to $6 42").first.wait_for()


@pytest.mark.parametrize("kind", ["live", "html"])
def test_nothing_hostile_runs_or_is_fetched(page: Page, lab: Lab, kind: str) -> None:
    page.open(lab.notebook(f"hostile-{kind}.ipynb", LOAD, LIVE if kind == "live" else CORPUS))
    page.page.evaluate(WATCH)
    asked = watched(page)
    page.run_all()

    if kind == "live":
        page.page.wait_for_function(
            "() => document.querySelectorAll('.cocalc-magic').length > 40", timeout=60_000
        )
        for tab in page.page.get_by_role("tab", name="Rendered").all():
            tab.click()
    else:
        page.page.get_by_text("corpus-shown").wait_for(timeout=60_000)
    page.page.wait_for_timeout(500)
    assert page.page.evaluate(RAN) is None
    assert asked == []
    assert page.page.locator("a[href^='javascript']").count() == 0


def test_nothing_hostile_runs_in_what_was_saved_and_exported(page: Page, lab: Lab) -> None:
    notebook = lab.notebook("saved-hostile.ipynb", LOAD, CORPUS)
    page.open(notebook)
    page.run_all()
    page.page.get_by_text("corpus-shown").wait_for(timeout=60_000)
    page.saved(notebook, "corpus-shown</b>")
    lab.end_kernels()
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", str(notebook)], check=True, capture_output=True
    )
    asked = watched(page)
    page.open(notebook)
    page.page.get_by_text("corpus-shown").wait_for(timeout=60_000)
    page.page.wait_for_timeout(500)
    assert page.page.evaluate(RAN) is None
    assert asked == []
    page.page.goto(notebook.with_suffix(".html").as_uri(), wait_until="commit")
    page.page.get_by_text("corpus-shown").wait_for(timeout=60_000)
    page.page.wait_for_timeout(500)
    assert page.page.evaluate(RAN) is None
    assert [address for address in asked if "evil" in address or address == "dialog"] == []
