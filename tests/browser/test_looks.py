"""All widgets on one page: readable in both themes, named for those who listen, narrow, by keyboard, from here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.conftest import ARTEFACTS, both

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

COMMAND = (
    "seq 1 3000; printf '\\033[31mred\\033[0m \\033[33myellow\\033[0m \\033[36mcyan\\033[0m'; echo late >&2"
)
CELLS = (
    "%load_ext cocalc_magic",
    "%cocalc ping",
    "%cocalc create_project title=Looks -o project --quiet",
    f"%%cocalc project_exec project_id=$project['project_id'] command=- bash=yes\n{COMMAND}",
    (
        "from cocalc_magic.response import Request, Response\n"
        "rows = [{'number': n, 'name': f'row {n}', 'none': None} for n in range(500)]\n"
        "Response({'event': 'user_search_results', 'results': rows}, Request('user_search'), server='sandbox')"
    ),
    "%cocalc user_search query=student",
    "%cocalc form project_exec",
    "%cocalc form create_account",
    "%cocalc explore query",
    "%cocalc login",
    "%cocalc keys",
)
LIVE = 9
OURS = "[data-ccm]"
THEMES = ("JupyterLab Light", "JupyterLab Dark")

# What is opened one after the other: the first is the page as it comes.
TABS = {"lab/tree": ("", "JSON", "Code", "Builder", "History"), "notebooks": ("", "Builder")}
NOT_OURS = {
    "label-title-only": "ipywidgets name a field that has no label beside it by its tooltip, and it has a hint in it",
}

THEME = """async (theme) => {
    await window.jupyterapp.commands.execute('apputils:change-theme', {theme});
}"""
# What is wider than the place it has, if that does not scroll.
WIDE = """(ours) => {
    const place = document.createElement('style');
    place.textContent = `${ours} { width: 400px !important; }`;
    document.head.append(place);
    const scrolls = (one, end) => one !== end && (getComputedStyle(one).overflowX !== 'visible'
        || scrolls(one.parentElement, end));
    const wide = [];
    for (const box of document.querySelectorAll(ours)) {
        const right = box.getBoundingClientRect().left + 400;
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
    place.remove();
    return wide;
}"""
# Everything that takes the focus, in the order of the page.
STOPS = """(ours) => [...document.querySelectorAll(`${ours} :is(a[href], button, input, select, textarea, summary, [tabindex])`)]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true})
        && !one.matches('input[type=radio]'))
    .map((one, index) => { one.dataset.stop = index; return one.outerHTML.slice(0, 120); })"""


def shown(page: Page, lab: Lab, app: str) -> list[str]:
    """Opens the page of all widgets; gives what is asked for elsewhere from then on."""
    asked: list[str] = []
    here = (lab.url, lab.url.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(here) else asked.append(request.url))
    page.page.set_viewport_size({"width": 1280, "height": 5000})  # else cells out of sight are not painted
    page.open(lab.notebook(f"looks-{app[:3]}.ipynb", *CELLS), app)
    page.run_all()
    page.page.wait_for_function(
        f"() => document.querySelectorAll('[data-live]').length >= {LIVE}", timeout=120_000
    )
    for part in (
        ".ccm-table td",
        ".ccm-line",
        ".ccm-login",
        ".ccm-keys",
        ".ccm-secret",
        ".ccm-events select",
    ):
        page.page.locator(part).first.wait_for()
    return asked


def turn(page: Page, name: str) -> None:
    """Opens the tab of this name wherever it is in sight."""
    for tab in page.page.locator(f"{OURS} [role=tab]", has_text=name).all():
        if tab.is_visible():
            tab.click()


def violations(page: Page, theme: str, app: str) -> list[str]:
    """What axe has against what is ours, in its tabs; what stays has its reason in `NOT_OURS`."""
    from axe_playwright_python.sync_playwright import Axe

    page.page.evaluate(THEME, theme)
    page.page.wait_for_function("(theme) => document.body.dataset.jpThemeName === theme", arg=theme)
    found = []
    for name in TABS[app]:
        if name:
            turn(page, name)
        found += [
            f"{name}: {one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in Axe().run(page.page, OURS).response["violations"]
            for node in one["nodes"]
            if one["id"] not in NOT_OURS
        ]
    return found


@both
def test_all_widgets_are_readable_and_have_names_in_both_themes(page: Page, lab: Lab, app: str) -> None:
    """axe-core: contrast, names, roles, labels. A picture of each theme is kept among the artefacts."""
    asked = shown(page, lab, app)
    found: dict[str, Any] = {}
    for theme in THEMES:
        found[theme] = violations(page, theme, app)
        ARTEFACTS.mkdir(exist_ok=True)
        page.page.screenshot(path=ARTEFACTS / f"looks {app[:3]} {theme}.png")
    page.page.evaluate(THEME, THEMES[0])

    assert "\n".join(theme + line for theme in THEMES for line in found[theme]) == ""
    assert asked == []


def test_all_widgets_fit_into_400_pixels_and_are_reached_by_tab(page: Page, lab: Lab) -> None:
    """Also where colours are forced and motion is unwanted."""
    shown(page, lab, "lab/tree")
    page.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for name in ("View", "Form", "Builder"):
        turn(page, name)
        assert page.page.evaluate(WIDE, OURS) == []
    page.page.emulate_media(forced_colors="none", reduced_motion="no-preference")

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
