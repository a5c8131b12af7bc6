"""All views on one page: readable in all themes, named for those who listen, narrow, by keyboard, from here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import ARTEFACTS
from tests.browser.gallery import OURS, THEMES, WIDTHS, broken_words, put_up, use_theme, use_width

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

# What is opened one after the other: the first is the page as it comes.
TABS = {"lab/tree": ("", "JSON", "Chart", "Code", "Builder", "History"), "notebooks": ("", "Builder")}
NOT_OURS = {
    "landmark-unique": "two tables in one notebook are both called what they are",
    "label-title-only": "ipywidgets name a field that has no label beside it by its tooltip, and it has a hint in it",
}

# What is wider than the place it has, if that does not scroll.
WIDE = """([ours, width]) => {
    const scrolls = (one, end) => one !== end && (getComputedStyle(one).overflowX !== 'visible'
        || scrolls(one.parentElement, end));
    const wide = [];
    for (const box of document.querySelectorAll(ours)) {
        const right = box.getBoundingClientRect().left + width;
        for (const one of box.querySelectorAll('*')) {
            const here = one.getBoundingClientRect();
            if (here.width && here.right > right + 1 && !scrolls(one.parentElement, box))
                wide.push(`${Math.round(here.right - right)} px: ${one.outerHTML.slice(0, 120)}`);
        }
        for (const button of box.querySelectorAll('button')) {
            const here = button.getBoundingClientRect();
            const cut = button.closest('.ccm-box, .ccm-scroll, .lm-TabBar');
            if (here.width && here.right > right + 1 && !cut) wide.push(`out of reach: ${button.outerHTML.slice(0, 120)}`);
        }
    }
    return wide;
}"""
# Everything that takes the focus, in the order of the page.
STOPS = """(ours) => [...document.querySelectorAll(`${ours} :is(a[href], button, input, select, textarea, summary, [tabindex])`)]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true})
        && !one.matches('input[type=radio]'))
    .map((one, index) => { one.dataset.stop = index; return one.outerHTML.slice(0, 120); })"""


def shown(page: Page, lab: Lab, app: str) -> list[str]:
    """Opens the page of all views; gives what is asked for elsewhere from then on."""
    asked: list[str] = []
    here = (lab.url, lab.url.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(here) else asked.append(request.url))
    put_up(page, lab, app)
    return asked


def turn(page: Page, name: str) -> None:
    """Opens the tab of this name wherever it is in sight; without a name the page stays as it is."""
    if not name:
        return
    for tab in page.page.locator(f"{OURS} [role=tab]", has_text=name).all():
        if tab.is_visible():
            tab.click()


def violations(page: Page, theme: str, app: str) -> list[str]:
    """What axe has against what is ours, in its tabs; what stays has its reason in `NOT_OURS`."""
    from axe_playwright_python.sync_playwright import Axe

    use_theme(page, theme)
    found = []
    for name in TABS[app] if theme in THEMES[:2] else TABS[app][:1]:
        turn(page, name)
        found += [
            f"{name}: {one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in Axe().run(page.page, OURS).response["violations"]
            for node in one["nodes"]
            if one["id"] not in NOT_OURS
        ]
    return found


@pytest.mark.parametrize(
    "app", ["lab/tree", pytest.param("notebooks", marks=pytest.mark.long)], ids=["lab", "notebook"]
)
def test_all_views_are_readable_and_have_names_in_all_themes(page: Page, lab: Lab, app: str) -> None:
    """axe-core: contrast, names, roles, labels. A picture of each theme is kept among the artefacts."""
    asked = shown(page, lab, app)
    found: dict[str, Any] = {}
    for theme in THEMES:
        found[theme] = violations(page, theme, app)
        ARTEFACTS.mkdir(exist_ok=True)
        page.page.screenshot(path=ARTEFACTS / f"looks {app[:3]} {theme}.png")
    use_theme(page, THEMES[0])

    assert "\n".join(theme + line for theme in THEMES for line in found[theme]) == ""
    assert asked == []


def test_all_views_fit_and_no_line_ends_inside_a_word_and_all_is_reached_by_tab(page: Page, lab: Lab) -> None:
    """Also where colours are forced and motion is unwanted; an id in short is one word."""
    shown(page, lab, "lab/tree")
    page.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for name in (*TABS["lab/tree"], "Form", "Help", "Builder"):
        turn(page, name)
        for width in WIDTHS if not name else WIDTHS[:1]:
            use_width(page, width)
            assert page.page.evaluate(WIDE, [OURS, width]) == [], f"{name} at {width} pixels"
            assert broken_words(page.page) == [], f"{name} at {width} pixels"
    page.page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    use_width(page, 0)

    stops = page.page.evaluate(STOPS, OURS)
    page.page.locator("[data-stop='0']").focus()
    order = [0]
    for _ in range(len(stops) * 2):
        page.page.keyboard.press("Tab")
        if (stop := page.page.evaluate("() => document.activeElement.dataset.stop")) is not None:
            order.append(int(stop))
        if order[-1] == len(stops) - 1:
            break
    assert [stops[one] for one in range(len(stops)) if one not in order] == []
    assert order == sorted(order)
    assert page.errors == []
