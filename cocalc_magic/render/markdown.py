"""Convert Markdown to HTML by mistune."""

from __future__ import annotations

MAX_MARKDOWN = 60_000  # characters


def markdown_html(text: str) -> str:
    """Return the HTML; empty if the text is too long. HTML in the text is escaped."""
    if len(text) > MAX_MARKDOWN:
        return ""
    import mistune  # late: few responses hold Markdown

    html = mistune.create_markdown(escape=True, plugins=["strikethrough", "table"])(text)
    return html if isinstance(html, str) else ""
