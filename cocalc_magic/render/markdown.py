"""Markdown as HTML, by mistune where it is installed: every JupyterLab has it."""

from __future__ import annotations

LIMIT = 60_000  # characters


def markdown_html(text: str) -> str:
    """The HTML; empty where the text is too long or nothing is there that can tell.

    HTML inside of the text stays text.
    """
    if len(text) > LIMIT:
        return ""
    try:
        import mistune
    except ImportError:
        return ""
    made = mistune.create_markdown(escape=True, plugins=["strikethrough", "table"])(text)
    return made if isinstance(made, str) else ""
