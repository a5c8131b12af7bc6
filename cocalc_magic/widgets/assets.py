"""The scripts and styles of the widgets, from `static/`, each as the one text that anywidget takes.

The scripts are ES modules that import each other. A page cannot follow such an import, since anywidget
hands it text without an address; so what a module imports is put in front of it here, each in a function
of its own, so that no name meets another. An import has one form (`import { a, b } from "./name.js"`),
and what is exported is declared where it is exported.
"""

from __future__ import annotations

import pathlib
import re

from cocalc_magic.design import widget_tokens

STATIC = pathlib.Path(__file__).with_name("static")
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


def script(name: str) -> str:
    """Return the module with all that it imports, as one module."""
    imported: dict[str, str] = {}
    entry = _linked(name, imported)
    return "\n".join([*imported.values(), entry])


def _linked(name: str, imported: dict[str, str]) -> str:
    """Return the module with its imports as objects; the code of these is added to `imported` in order."""
    text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    for _, other in _IMPORT.findall(text):
        if other not in imported:
            imported[other] = _as_function(other, imported)
    return _IMPORT.sub(r"const \1 = \2_js;", text)


def _as_function(name: str, imported: dict[str, str]) -> str:
    """Return the module as an object of its exports, made by a function that hides the rest."""
    text = _linked(name, imported)
    exports = ", ".join(_EXPORT.findall(text))
    return f"const {name}_js = (() => {{\n{_EXPORT.sub('', text)}\nreturn {{ {exports} }};\n}})();"


def sheet(*names: str) -> str:
    """Return the design and the style sheet that all widgets share, followed by these."""
    sheets = ((STATIC / f"{name}.css").read_text(encoding="utf-8") for name in ("theme", *names))
    return "\n".join([widget_tokens(), *sheets])
