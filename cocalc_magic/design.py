"""The design as data: the tokens that live views, saved HTML and the sandbox's pages are drawn with.

Each is a custom property `--ccm-NAME` of CSS. Colours are named by what they mean and follow Jupyter's theme
where there is one; the pages of the sandbox, which have none, follow the system's.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Color(NamedTuple):
    """A colour in the places where something is drawn.

    Args:
        jupyter: The variable of JupyterLab's theme, or empty for a tint that suits every theme.
        plain: The colour without a theme; as untrusted notebooks allow no variables, on light and on dark.
        light: On a page of our own.
        dark: On a page of our own, if the system prefers dark ones.
    """

    jupyter: str
    plain: str
    light: str = ""
    dark: str = ""


COLORS = {
    "text": Color("--jp-ui-font-color1", "currentColor", "#1c2733", "#e6ebf0"),
    "muted": Color("--jp-ui-font-color2", "currentColor", "#566371", "#a3b0bd"),
    "link": Color("--jp-content-link-color", "LinkText", "#2b5aa8", "#8db4f5"),
    "accent": Color("--jp-brand-color1", "#2f7fd6", "#2b5aa8", "#8db4f5"),
    "on-accent": Color("--jp-ui-inverse-font-color1", "HighlightText", "#ffffff", "#10202f"),
    "danger": Color("--jp-error-color1", "#d8433a", "#a3211c", "#ffb4ab"),
    "danger-tint": Color("", "rgba(220, 38, 38, 0.1)"),
    "warning": Color("--jp-warn-color1", "#d97706", "#8a5200", "#f2c46d"),
    "warning-tint": Color("", "rgba(245, 158, 11, 0.13)"),
    "success": Color("--jp-success-color1", "#2f9e4f", "#1d6b37", "#7fd49a"),
    "success-tint": Color("", "rgba(34, 197, 94, 0.13)"),
    "sandbox": Color("", "rgba(124, 92, 240, 0.75)", "#5b3fc4", "#b9a8ff"),
    "sandbox-tint": Color("", "rgba(124, 92, 240, 0.15)"),
    "ground": Color("--jp-layout-color0", "Canvas", "#f4f6f9", "#14191f"),
    "surface": Color("--jp-layout-color1", "Field", "#ffffff", "#1e252d"),
    "raised": Color("--jp-layout-color2", "ButtonFace", "#eef1f5", "#2a333d"),
    "hover": Color("--jp-layout-color3", "ButtonFace", "#dfe5ec", "#38434f"),
    "edge": Color("--jp-border-color1", "rgba(128, 128, 128, 0.6)", "#a9b5c1", "#5c6a78"),
    "line": Color("--jp-border-color2", "rgba(128, 128, 128, 0.4)", "#c9d2dc", "#45525f"),
    "hair": Color("--jp-border-color3", "rgba(128, 128, 128, 0.22)", "#e3e8ee", "#323c46"),
    "shade": Color("", "rgba(128, 128, 128, 0.08)"),
}
"""`text` and `muted` are written in; `accent` marks what is chosen or to be done first; `danger`, `warning`,
`success` and `sandbox` mark states, their tints fill them; a page is `ground`, `surface` what stands on it,
`raised` a button or the head of a table; `edge` bounds controls, `line` frames, `hair` rows; `shade` is
behind code."""

HYPHENATED = re.compile(r"(?<![\w-])--?\w[\w-]{0,40}|\b(?=[\w-]{0,80}[\d_])\w{1,40}(?:-\w{1,40}){1,8}")
"""Options, dates and ids: no line ends at a hyphen of theirs."""

SPACES = {"space-1": "4px", "space-2": "8px", "space-3": "12px", "space-4": "16px"}
RADIUS = "4px"
_TYPE = {  # a token -> the variable of JupyterLab, the value without it
    "face": ("--jp-ui-font-family", "system-ui, sans-serif"),
    "small": ("--jp-ui-font-size0", "11px"),
    "size": ("--jp-ui-font-size1", "13px"),
    "large": ("--jp-ui-font-size2", "16px"),
    "code-face": ("--jp-code-font-family", "ui-monospace, monospace"),
    "code-size": ("--jp-code-font-size", "13px"),
}


def widget_tokens() -> str:
    """Return the tokens for live views, by the theme of JupyterLab."""
    colors = {name: _themed(color.jupyter, color.plain) for name, color in COLORS.items()}
    type_ = {name: _themed(*values) for name, values in _TYPE.items()}
    return _rule(':where([class*="ccm-"])', {**colors, **type_, **SPACES, "radius": RADIUS})


def page_tokens() -> str:
    """Return the tokens for a page of our own, by whether the system prefers a dark one."""
    light = {name: color.light or color.plain for name, color in COLORS.items()}
    dark = {name: color.dark for name, color in COLORS.items() if color.dark}
    type_ = {name: value for name, (_, value) in _TYPE.items()}
    root = _rule(":root", {**light, **type_, **SPACES, "radius": RADIUS})
    return (
        f":root {{\n  color-scheme: light dark;\n}}\n{root}"
        f"@media (prefers-color-scheme: dark) {{\n{_rule(':root', dark)}}}\n"
    )


def declared(style: str, name: str) -> str:
    """Return a declaration for an element of saved HTML, where there is no sheet: `color: …; color: var(…)`.

    JupyterLab drops what has `var(…)` in it from an untrusted notebook, so the plain colour stands first.
    `style` has one `{}` where the colour goes.
    """
    color = COLORS[name]
    plain = style.format(color.plain)
    return f"{plain}; {style.format(_themed(color.jupyter, color.plain))}" if color.jupyter else plain


def _themed(variable: str, plain: str) -> str:
    return f"var({variable}, {plain})" if variable else plain


def _rule(selector: str, values: dict[str, str]) -> str:
    lines = "".join(f"  --ccm-{name}: {value};\n" for name, value in values.items())
    return f"{selector} {{\n{lines}}}\n"
