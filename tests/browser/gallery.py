"""Every view in one notebook: how it is put up, in which themes and at which widths it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

COMMAND = (
    "seq 1 3000; printf '\\033[31mred\\033[0m \\033[33myellow\\033[0m \\033[36mcyan\\033[0m'; echo late >&2"
)
ROWS = (
    "from cocalc_magic.response import Request, Response\n"
    "rows = [{'number': n, 'name': f'row {n}', 'none': None} for n in range(500)]\n"
    "Response({'event': 'user_search_results', 'results': rows}, Request('user_search'), server='sandbox')"
)
EACH = (
    "%cocalc project_exec --each ${[{'name': 'Ada Lovelace', 'id': project['project_id']}, "
    "{'name': 'Bob', 'id': '3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10'}]}"
)
CLASS = "${[{'name': 'Ada Lovelace', 'email': 'ada@example.com', 'group': 'A'}]}"
BOARD = (
    "from cocalc_magic import widgets\n"
    "from cocalc_magic.render.blocks import Board, BoardRow, Cell\n"
    "from cocalc_magic.render.page import LivePage\n"
    "states = Cell('done', 'good'), Cell('unknown', 'warning'), Cell('failed', 'error'), Cell('waiting')\n"
    "people = [BoardRow(f'Student {n}', tuple(states[(n + step) % 4] for step in range(5)), ('12:00 done',))\n"
    "          for n in range(60)]\n"
    "board = Board(('create_project', 'rename', 'add', 'invite', 'prepare'), tuple(people), 'student')\n"
    "LivePage((board,), lambda: widgets.shown_blocks([board]))"
)
VIEWS = {
    "ping": "%cocalc ping",
    "created": "%cocalc create_project title='Web lesson' -o project",
    "command": f"%%cocalc project_exec project_id=$project['project_id'] command=- bash=yes\n{COMMAND}",
    "table": ROWS,
    "chart": "%cocalc history --plot",
    "bulk": f"{EACH} project_id=$row.id command=ls --no-raise",
    "class": f"%cocalc course init {CLASS} --file views.yaml --force\n%cocalc course plan --file views.yaml",
    "board": BOARD,
    "people": "%cocalc user_search query=student",
    "form": "%cocalc form project_exec",
    "account": "%cocalc form create_account",
    "builder": "%cocalc explore query",
    "login": "%cocalc login",
    "keys": "%cocalc keys",
    "help": "%cocalc help project_exec",
    "events": "%cocalc events",
    "overview": "%cocalc help",
    "projects": "%cocalc projects",
    "sandbox": "%cocalc sandbox status",
    "exercise": "%cocalc check reading-group",
}
LIVE = 13
"""How many of them are widgets."""
OURS = ".jp-OutputArea-output"
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
WIDTHS = (400, 800, 1400)
VIEWPORT = {"width": 1800, "height": 6000}  # cells out of sight are not painted

_THEME = """async (theme) => {
    await window.jupyterapp.commands.execute('apputils:change-theme', {theme});
}"""
_IS_THEME = "(theme) => document.body.dataset.jpThemeName === theme"
_WIDTH = """(width) => {
    const style = document.querySelector('#gallery') ?? document.createElement('style');
    style.id = 'gallery';
    style.textContent = width ? `.jp-OutputArea-output { width: ${width}px !important; flex: none !important; }` : '';
    document.head.append(style);
}"""
# Words that begin on one line and end on another: of letters and digits, options, ids and dates.
_BROKEN = """(ours) => {
    const words = /-{0,2}[\\p{L}\\p{N}_…]+(?:-[\\p{L}\\p{N}_…]+)*/gu;
    const whole = /^-|\\d|_|^[^-]+$/;  // of a word with hyphens, such as `sign-in`, a line may end at these
    const broken = [];
    for (const view of document.querySelectorAll(ours)) {
        const texts = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const node = texts.currentNode;
            if (!node.parentElement.checkVisibility({visibilityProperty: true})) continue;
            for (const match of node.data.matchAll(words)) {
                if (!whole.test(match[0])) continue;
                const range = document.createRange();
                range.setStart(node, match.index);
                range.setEnd(node, match.index + match[0].length);
                const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top / 4)));
                if (lines.size > 1) broken.push(`${match[0]} in ${node.data.slice(0, 80)}`);
            }
        }
    }
    return broken;
}"""


def put_up(page: Page, lab: Lab, app: str) -> None:
    """Show every view."""
    page.page.set_viewport_size(VIEWPORT)
    page.open(lab.notebook(f"views-{app[:3]}.ipynb", "%load_ext cocalc_magic", *VIEWS.values()), app)
    page.run_all()
    page.page.wait_for_function(
        f"() => document.querySelectorAll('[data-live]').length >= {LIVE}", timeout=120_000
    )
    for part in (
        ".ccm-table td",
        ".ccm-board td",
        ".ccm-line",
        ".ccm-login",
        ".ccm-keys",
        ".ccm-secret",
        ".ccm-events",
    ):
        page.page.locator(part).first.wait_for()


def use_theme(page: Page, theme: str) -> None:
    """Switch to a theme of JupyterLab's."""
    page.page.evaluate(_THEME, theme)
    page.page.wait_for_function(_IS_THEME, arg=theme)


def use_width(page: Page, width: int) -> None:
    """Give every view so many pixels; 0 gives them what the page has."""
    page.page.evaluate(_WIDTH, width)


def broken_words(page: Any, ours: str = OURS) -> list[str]:
    """Return the words, options, ids and numbers in which a line ends, in a page of Playwright's."""
    found: list[str] = page.evaluate(_BROKEN, ours)
    return found
