"""Live views: ipywidgets over the static HTML of a response. Only here are ipywidgets imported.

stage      the kernel's half of the page's hunt for views
progress   a line that says what a cell waits for
view       the widget of one response
rows       what asks for its rows in sight: table, of records; lines, of long texts
sending    the button that sends, the wait with its end, the answer
said       words that take no room while there are none
cells      cells to be inserted, with the buttons of actions
form       a message being filled in: fieldset of fields, preview as code, actions with that
explorer   all messages (eventlist) beside the help, form and history of one
builder    queries: picker of fields, comparing of their values
login      the form that takes a key
keydialog  the keys of an account or a project; the one key of older servers
sheets     the styles and scripts of all
"""

from __future__ import annotations

from cocalc_magic.widgets.cells import Cells
from cocalc_magic.widgets.explorer import Explorer
from cocalc_magic.widgets.form import Form
from cocalc_magic.widgets.keydialog import Dialog, KeyDialog, OneKeyDialog
from cocalc_magic.widgets.login import LoginForm
from cocalc_magic.widgets.progress import progress_html, since
from cocalc_magic.widgets.sending import SendAgain
from cocalc_magic.widgets.view import response_view, shown_blocks
from cocalc_magic.widgets.view_host import the_stage

__all__ = [
    "Cells",
    "Dialog",
    "Explorer",
    "Form",
    "KeyDialog",
    "LoginForm",
    "OneKeyDialog",
    "SendAgain",
    "progress_html",
    "response_view",
    "shown_blocks",
    "since",
    "the_stage",
]
