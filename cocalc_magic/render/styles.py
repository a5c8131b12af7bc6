"""CSS of the static HTML, written on the elements: it has to work in any notebook, also an untrusted one.

JupyterLab cleans the HTML of untrusted notebooks: it drops `var(…)` and keeps plain values. So a style that
follows the theme is given twice, plain first; tints are translucent, for light and dark themes alike.
"""

from cocalc_magic.design import COLORS, RADIUS, SPACES, declared

_HALF, _ONE, _MORE, _WIDE = SPACES.values()

ROOT = (
    "font-family: sans-serif; font-family: var(--jp-ui-font-family, sans-serif);"
    " font-size: 13px; font-size: var(--jp-ui-font-size1, 13px); line-height: 1.5;"
    " word-wrap: break-word; overflow-wrap: break-word"
)
CODE = (
    "font-family: monospace; font-family: var(--jp-code-font-family, monospace);"
    " font-size: 12px; font-size: var(--jp-code-font-size, 12px)"
)
# A shell's dollars are not formulas, and MathJax has commands that make links.
NO_MATH = ' class="mathjax_ignore tex2jax_ignore"'
QUIET = "opacity: 0.72"
HEADING = f"margin-bottom: {_HALF}"
FRAME = f"; {declared('border: 1px solid {}', 'line')}; border-radius: {RADIUS}; padding: {_ONE} {_MORE}"
WHOLE = "; white-space: nowrap"  # of words that do not end a line inside
# Whole in the text and in what is copied, shortened by what is drawn alone.
ID_START = (
    "display: inline-block; max-width: 9.1ch; overflow: hidden; text-overflow: ellipsis;"
    " vertical-align: bottom"
)
MARK = (
    f"display: inline-block; width: {_ONE}; height: {_ONE}; margin-right: {_ONE}; border-radius: 50%;"
    f" {declared('background: {}', 'success')}"
)


def _chip(edge: str, tint: str = "") -> str:
    """Return the style of a state in a word."""
    fill = f"; {declared('background: {}', tint)}" if tint else ""
    bound = declared("border: 1px solid {}", edge)
    return (
        f"padding: 0 {_ONE}; {bound}; border-radius: 10px; font-size: 11px; font-weight: 600;"
        f" white-space: nowrap{fill}"
    )


def _marked(tone: str) -> str:
    """Return the style of a text with an edge that says how it is meant."""
    return f"{declared('border-left: 3px solid {}', tone)}; {declared('background: {}', f'{tone}-tint')}"


BADGE = _chip("sandbox", "sandbox-tint")
FAILED = _chip("danger", "danger-tint")
VERDICTS = {
    "good": _chip("success", "success-tint"),
    "warning": _chip("warning", "warning-tint"),
    "error": FAILED,
    "": _chip("edge"),
}
WRAPPED, UNWRAPPED = "; white-space: pre-wrap", "; white-space: pre"  # code scrolls, text is broken at blanks
# Not `bdi`, `th` and `dl`, which exports that clean HTML show as text; a role is the same to who listens.
ISOLATED = ' dir="auto"'
ROW, COLUMN = ' role="rowheader"', ' role="columnheader"'
LIST, ITEM = ' role="list"', ' role="listitem"'
PRE = (
    f"margin: {_HALF} 0 {_ONE} 0; padding: {_ONE} {_MORE}; border: none; border-radius: {RADIUS};"
    " max-height: 360px; overflow: auto; word-wrap: normal; overflow-wrap: normal; word-break: normal;"
    " line-height: 1.4; "
)
TONES = {
    "": declared("background: {}", "shade"),
    "warning": _marked("warning"),
    "error": _marked("danger"),
}
SCROLL = f"overflow-x: auto; margin: {_HALF} 0"
GRID = "border-collapse: collapse; border: none; margin: 0; font-size: inherit"
CELL = (
    f"padding: {_HALF} {_WIDE} {_HALF} 0; border: none; background: none; vertical-align: top;"
    " word-wrap: normal; overflow-wrap: normal; text-align: "
)
# A table wider than the page scrolls; short cells (a uuid, a date) stay on one line.
SHORT_CELL = "; white-space: nowrap"
LONG_CELL = "; min-width: 220px"
RULE = f"; border-bottom: 1px solid {COLORS['hair'].plain}"  # of every cell: once is enough
FACT = f"padding: 1px {_WIDE} 1px 0; border: none; background: none; text-align: left; vertical-align: top"
TERM_ROW = f"display: flex; flex-wrap: wrap; gap: 0 {_WIDE}; padding: 3px 0"
TERM = "flex: 1 1 224px; margin: 0; padding: 0; font-weight: normal"
TERM_LONG = "flex: 1 0 100%; margin: 0; padding: 0; font-weight: normal"
TERM_NAME = f"{CODE}; font-weight: 600"
MEANING = "flex: 3 1 320px; margin: 0; padding: 0"
TERM_BELOW = f"flex: 1 0 100%; box-sizing: border-box; max-width: 100%; margin: 0; padding: 0 0 0 {_WIDE}"
UNBROKEN = "white-space: nowrap"
NODE = f"margin: 0; padding: 0 0 0 {_WIDE}; word-wrap: break-word"
POINTED = "cursor: pointer"
KINDS = {
    "text": "color: var(--jp-mirror-editor-string-color, inherit); white-space: pre-wrap",
    "number": "color: var(--jp-mirror-editor-number-color, inherit)",
    "word": "color: var(--jp-mirror-editor-keyword-color, inherit)",
    "many": QUIET,
}
CARDS = (
    f"display: grid; grid-template-columns: repeat(auto-fill, minmax(min(260px, 100%), 1fr)); gap: {_ONE};"
    f" margin: {_HALF} 0"
)
CARD = (
    f"padding: {_ONE} {_MORE}; {declared('border: 1px solid {}', 'line')}; border-radius: {RADIUS};"
    " min-width: 0; box-sizing: border-box"
)
