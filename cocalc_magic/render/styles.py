"""CSS of the static HTML, written on the elements: it has to work in any notebook, also an untrusted one.

JupyterLab cleans the HTML of untrusted notebooks: it drops `var(…)` and keeps plain values. So a style that
follows the theme is given twice, plain first; colours are translucent greys, for light and dark themes alike.
"""

ROOT = (
    "font-family: sans-serif; font-family: var(--jp-ui-font-family, sans-serif);"
    " font-size: 13px; font-size: var(--jp-ui-font-size1, 13px); line-height: 1.5;"
    " word-wrap: break-word; overflow-wrap: anywhere"
)
CODE = (
    "font-family: monospace; font-family: var(--jp-code-font-family, monospace);"
    " font-size: 12px; font-size: var(--jp-code-font-size, 12px)"
)
# A shell's dollars are not formulas, and MathJax has commands that make links.
NO_MATH = ' class="mathjax_ignore tex2jax_ignore"'
QUIET = "opacity: 0.72"
HEADING = "margin-bottom: 4px"
BADGE = (
    "padding: 1px 7px; border: 1px solid rgba(217, 119, 6, 0.55); border-radius: 9px;"
    " background: rgba(245, 158, 11, 0.18); font-size: 11px; font-weight: 600"
)
FAILED = (
    "padding: 1px 7px; border: 1px solid rgba(220, 38, 38, 0.55); border-radius: 9px;"
    " background: rgba(220, 38, 38, 0.14); font-size: 11px; font-weight: 600"
)
GOOD = (
    "padding: 1px 7px; border: 1px solid rgba(22, 163, 74, 0.55); border-radius: 9px;"
    " background: rgba(34, 197, 94, 0.14); font-size: 11px; font-weight: 600"
)
PLAIN = (
    "padding: 1px 7px; border: 1px solid rgba(128, 128, 128, 0.55); border-radius: 9px;"
    " font-size: 11px; font-weight: 600"
)
VERDICTS = {"good": GOOD, "warning": BADGE, "error": FAILED, "": PLAIN}
ROW, COLUMN = ' scope="row"', ' scope="col"'
PRE = (
    "margin: 2px 0 6px 0; padding: 6px 10px; border: none; max-height: 360px; overflow: auto;"
    " white-space: pre-wrap; word-wrap: break-word; line-height: 1.4; border-left: 3px solid "
)
TONES = {
    "": "rgba(128, 128, 128, 0.25); background: rgba(128, 128, 128, 0.07)",
    "warning": "rgba(217, 119, 6, 0.7); background: rgba(245, 158, 11, 0.1)",
    "error": "rgba(220, 38, 38, 0.75); background: rgba(220, 38, 38, 0.08)",
}
SCROLL = "overflow-x: auto; margin: 2px 0"
GRID = "border-collapse: collapse; border: none; margin: 0; font-size: inherit"
CELL = (
    "padding: 3px 18px 3px 2px; border: none; background: none; vertical-align: top;"
    " word-wrap: normal; overflow-wrap: normal; text-align: "
)
# A table wider than the page scrolls; short cells (a uuid, a date) stay on one line.
SHORT_CELL = "; white-space: nowrap"
LONG_CELL = "; min-width: 220px"
RULE = "; border-bottom: 1px solid rgba(128, 128, 128, 0.22)"
FACT = "padding: 1px 18px 1px 0; border: none; background: none; text-align: left; vertical-align: top"
TERM_ROW = "display: flex; flex-wrap: wrap; gap: 0 16px; padding: 3px 0"
TERM = "flex: 1 1 224px; margin: 0; padding: 0; font-weight: normal"
TERM_LONG = "flex: 1 0 100%; margin: 0; padding: 0; font-weight: normal"
TERM_NAME = f"{CODE}; padding: 0; border: none; background: none; color: inherit; font-weight: 600"
MEANING = "flex: 3 1 320px; margin: 0; padding: 0"
UNBROKEN = "white-space: nowrap"
NODE = "margin: 0; padding: 0 0 0 16px; word-wrap: break-word"
BRANCH = "margin: 0; padding: 0"
SUMMARY = "margin: 0; padding: 0; cursor: pointer; display: list-item"
KINDS = {
    "text": "color: var(--jp-mirror-editor-string-color, inherit); white-space: pre-wrap",
    "number": "color: var(--jp-mirror-editor-number-color, inherit)",
    "word": "color: var(--jp-mirror-editor-keyword-color, inherit)",
    "many": QUIET,
}
CARDS = "display: flex; flex-wrap: wrap; gap: 8px; margin: 2px 0"
CARD = (
    "padding: 8px 12px; border: 1px solid rgba(128, 128, 128, 0.35); border-radius: 6px; min-width: 220px;"
    " max-width: 100%; box-sizing: border-box"
)
