"""Responses, forms and the explorer come to life in Voila and in the classic Notebook."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

SOURCES = (
    "%load_ext cocalc_magic",
    "%cocalc ping",
    "%cocalc form create_project",
    "%cocalc explore",
)
LIVE = (".cocalc-magic.ccm-response", ".ccm-form", ".ccm-explorer")


def _needs(package: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"there is no {package} (pip install {package})")


@_needs("voila")
def test_all_is_alive_in_voila(page: Page, lab: Lab) -> None:
    """Where no cell can ask."""
    notebook = lab.notebook("voila.ipynb", *SOURCES)
    page.page.goto(f"{lab.url}/voila/render/{notebook.name}?token={lab.token}")

    looks_alive(page)


@_needs("nbclassic")
def test_all_is_alive_in_the_classic_notebook(page: Page, lab: Lab) -> None:
    notebook = lab.notebook("classic.ipynb", *SOURCES)
    page.page.goto(f"{lab.url}/nbclassic/notebooks/{notebook.name}?token={lab.token}")
    page.page.wait_for_selector(".kernel_idle_icon")
    page.page.evaluate("() => Jupyter.notebook.execute_all_cells()")

    looks_alive(page)


def looks_alive(page: Page) -> None:
    """Response, form and explorer are there, and the form sends."""
    for view in LIVE:
        page.page.wait_for_selector(view)
    form = page.page.locator(".ccm-form").first
    form.get_by_label("title").first.fill("From another front end")
    form.get_by_role("button", name="Send").click()
    form.get_by_text("project_created").first.wait_for()
