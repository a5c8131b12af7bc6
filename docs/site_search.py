"""What the search of the site (`docs/static/search_scorer.js`) knows besides the words of its pages."""

from __future__ import annotations

import json

from cocalc_magic import catalog
from cocalc_magic.docs.known import messages_by_name, unquoted
from cocalc_magic.docs.pages import doc_pages
from docs import messages


def script() -> str:
    """Return it as JavaScript: messages, options and errors with their pages, and other words of pages."""
    return f"const KNOWN = {json.dumps(known(), ensure_ascii=False, separators=(',', ':'))};\n"


def known() -> dict[str, object]:
    """Return the pages of a message by its name and address, by option and by error; the words of a page."""
    places = messages.places()
    options: dict[str, list[str]] = {}
    errors: dict[str, list[str]] = {}
    for message in catalog.all_messages():
        for option in message.options:
            options.setdefault(option.name.lower(), []).append(places[message.event])
        for failure in message.errors:
            errors.setdefault(unquoted(failure.error).lower(), []).append(places[message.event])
    return {
        "messages": {name: places[event] for name, event in messages_by_name().items()},
        "options": options,
        "errors": errors,
        "words": {page.name: page.other_words for page in doc_pages() if page.other_words},
    }
