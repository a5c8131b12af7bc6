"""Pictures of every view: `python -m tests.browser.pictures FOLDER [VIEW …]`, in every theme, width and program.

`python -m tests.browser.pictures --readme` takes those of README and of the documentation.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.conftest import Page, running_browser, running_lab
from tests.browser.gallery import OURS, THEMES, VIEWPORT, VIEWS, WIDTHS, put_up, use_theme, use_width

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "pictures"
README_WIDTH, BOARD_WIDTH = 960, 560
APPS = {"lab": "lab/tree", "notebook": "notebooks"}
CLASS = """\
%cocalc sandbox start --world class
%cocalc download students.csv week1 --project "Statistics 101"
%cocalc course init students.csv --course "Statistics 101"
%cocalc course apply --yes --quiet
%cocalc course handout week1 --quiet
%cocalc course run "seq 10 > week1/answer.txt" --group A --quiet
%cocalc course collect week1/answer.txt --into answers --quiet"""
"""A class of invented students in its first week, for the picture of the board."""
CHART = """\
numbers = [{"n": n} for n in range(1, 41)]
%cocalc create_project title=Charts start=yes -o project
%cocalc project_exec --each $numbers project_id=$project command="echo $((${row.n} * ${row.n} % 41))" -o made --quiet
made.plot()"""


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A page of a browser."""
    with running_browser() as started:
        yield started.new_context(viewport=VIEWPORT)


def take(page: Page, name: str, path: Path) -> None:
    """Store the picture of one view."""
    cell = page.page.locator(".jp-Notebook .jp-Cell").nth(list(VIEWS).index(name) + 1)
    cell.locator(OURS).first.screenshot(path=path)


def fill_in(page: Page) -> None:
    """Fill the form in and send it, as README shows it."""
    form = page.page.locator(".ccm-form").first
    form.get_by_label("project_id").fill("Statistics 101")
    form.get_by_label("command").fill("wc -w handouts/*.md")
    form.get_by_label("timeout").fill("30")
    form.locator("pre", has_text="timeout").first.wait_for()
    form.get_by_role("button", name="Send", exact=True).click()
    form.locator(".ccm-result pre", has_text="week1.md").first.wait_for()
    page.page.mouse.move(0, 0)


def take_readme(page: Page) -> None:
    """Take the pictures of README and of the documentation, small."""
    README.mkdir(exist_ok=True)
    put_up(page, page.lab, APPS["lab"])
    use_theme(page, THEMES[0])
    use_width(page, README_WIDTH)
    fill_in(page)
    for view in ("form", "builder"):
        take(page, view, README / f"{view}.png")
    cells = ("%load_ext cocalc_magic", CHART, CLASS, "%cocalc course board")
    page.open(page.lab.notebook("class.ipynb", *cells), APPS["lab"])
    page.run_all()
    use_width(page, BOARD_WIDTH)
    page.page.locator(".ccm-board td", has_text="collected").first.wait_for()
    page.page.locator(OURS, has=page.page.locator(".ccm-board")).screenshot(path=README / "board.png")
    page.page.locator(".jp-RenderedVegaCommon5, .vega-embed").locator("canvas, svg").first.screenshot(
        path=README / "chart.png"
    )


def take_all(page: Page, app: str, chosen: argparse.Namespace) -> None:
    """Take the chosen pictures in one of the programs."""
    put_up(page, page.lab, APPS[app])
    for theme in [name for name in THEMES if any(part in name for part in chosen.theme or [""])]:
        use_theme(page, theme)
        for width in chosen.width or WIDTHS:
            use_width(page, width)
            for view in chosen.views:
                label = theme.removeprefix("JupyterLab ").lower().replace(" ", "-")
                take(page, view, chosen.folder / f"{view} {app} {label} {width}.png")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("tests/artefacts"))
    parser.add_argument("views", nargs="*", default=list(VIEWS))
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--app", choices=APPS, action="append")
    parser.add_argument("--theme", action="append", help="a part of its name")
    parser.add_argument("--width", type=int, action="append")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab, browser() as context:
        if chosen.readme:
            take_readme(Page(context.new_page(), lab))
        for app in () if chosen.readme else chosen.app or APPS:
            page = Page(context.new_page(), lab)
            take_all(page, app, chosen)
            page.page.close()
        lab.leave_kernels()


if __name__ == "__main__":
    main()
