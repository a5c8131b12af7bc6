"""Live views: ipywidgets over the static HTML of a response. Only here are ipywidgets imported.

stage    the kernel's half of the page's hunt for views
view     the widget of one response
login    the form that takes a key
keydialog  the keys of an account or a project; the one key of older servers
form     a message being filled in; fields, actions are its parts
explorer  all messages beside the help, form and history of one; builder makes queries
table    records, of which the page asks for those in sight
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import render
from cocalc_magic.widgets.explorer import Explorer, Library, Memory
from cocalc_magic.widgets.form import Counter, Form
from cocalc_magic.widgets.keydialog import Dialog, KeyDialog, Keys, NewKey, OneKey, OneKeyDialog
from cocalc_magic.widgets.login import Desk, LoginForm
from cocalc_magic.widgets.stage import the_stage
from cocalc_magic.widgets.view import Send, SendAgain, response_view

if TYPE_CHECKING:
    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response

__all__ = [
    "live",
    "live_explorer",
    "live_form",
    "live_keys",
    "live_login",
    "live_new_key",
    "live_one_key",
    "live_send",
    "response_view",
    "the_stage",
]


def live(response: Response, again: Send | None = None, *, asks: bool = True) -> str:
    """HTML that reads well by itself, and that a page with a live kernel replaces by the widget."""
    html = render.to_html(response)
    return the_stage().twin(html, lambda: response_view(response, again, asks=asks))


def live_login(html: str, desk: Desk, server: str, app_name: str) -> str:
    """The HTML, in whose place a page with a live kernel has the form that takes a key."""
    return the_stage().twin(html, lambda: LoginForm(desk, server, app_name))


def live_keys(html: str, desk: Keys) -> str:
    """The HTML, in whose place a page with a live kernel has the key dialog."""
    return the_stage().twin(html, lambda: KeyDialog(desk))


def live_one_key(html: str, desk: OneKey) -> str:
    """The HTML, in whose place a page with a live kernel has the dialog of older servers."""
    return the_stage().twin(html, lambda: OneKeyDialog(desk))


def live_new_key(html: str, desk: NewKey) -> str:
    """The HTML, in whose place a page with a live kernel has a key whose text can be had once."""
    return the_stage().twin(html, lambda: Dialog(desk))


def live_form(html: str, message: Message, counter: Counter) -> str:
    """The HTML, in whose place a page with a live kernel has the form of a message."""
    return the_stage().twin(html, lambda: Form(message, counter))


def live_send(html: str, send: Send, reason: str) -> str:
    """The HTML, in whose place a page with a live kernel has a button that sends what asks first."""
    return the_stage().twin(html, lambda: SendAgain(send, asks=False, name="Send", meaning=reason))


def live_explorer(html: str, library: Library, memory: Memory) -> str:
    """The HTML, in whose place a page with a live kernel has the explorer; ``memory`` is read and kept up."""
    return the_stage().twin(html, lambda: Explorer(library, memory))
