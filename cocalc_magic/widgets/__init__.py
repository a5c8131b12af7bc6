"""Live views: ipywidgets over the static HTML of a response. Only here are ipywidgets imported.

view_host     gives pages the widget for a placeholder in static HTML
progress      a line that says what a cell waits for
blocks_view   blocks, with tables and long texts among them
view          the widget of one response, with its tabs and *Again*
board_view    rows by steps, which follow work that goes on
row_source    content that a page requests in parts: table (of records), lines (of long texts)
sending       the *Send* button, the wait with its *Stop*, the response
status_line   a line that takes no space while it is empty
code_actions  *Insert cell* and *Copy*, and a list of cells with these
result        what Send brings back, scrolled into sight
form          a message being filled in: fieldset of fields, preview as code
exercise      an exercise that is checked, with a solution to unfold
explorer      all messages (eventlist) beside the help, form and history of one
builder       queries: picker of fields, conditions on their values
job           a job in the background
login         the form that takes a key
keydialog     the keys of an account or a project; the one key of older servers
page_frame    a project's page in a frame, with a sign-in that is used once
brand         name, logo and accent colour of a product, around a form
assets        the styles and scripts of all

From the bottom up: assets, status_line, view_host, row_source, table, lines, sending, code_actions,
preview, fields, fieldset, picker, conditions, eventlist, login, keydialog, page_frame, brand, result,
board_view, progress, blocks_view, job, view, form, builder, explorer, exercise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.widgets.code_actions import Cells
from cocalc_magic.widgets.exercise import ExerciseView
from cocalc_magic.widgets.explorer import Explorer
from cocalc_magic.widgets.form import Form
from cocalc_magic.widgets.job import JobView
from cocalc_magic.widgets.keydialog import Dialog, KeyDialog, LegacyKeyDialog
from cocalc_magic.widgets.login import LoginForm
from cocalc_magic.widgets.progress import board_html, progress_html, since
from cocalc_magic.widgets.view import SendAgain, response_view, shown_blocks
from cocalc_magic.widgets.view_host import get_view_host

if TYPE_CHECKING:
    from cocalc_magic.look import Look

__all__ = [
    "Cells",
    "Dialog",
    "ExerciseView",
    "Explorer",
    "Form",
    "JobView",
    "KeyDialog",
    "LegacyKeyDialog",
    "LoginForm",
    "SendAgain",
    "board_html",
    "branded",
    "get_view_host",
    "progress_html",
    "response_view",
    "shown_blocks",
    "since",
]


def branded(look: Look | None, widget: Any) -> Any:
    """Return a form under the brand of a product; as it is where no look is configured."""
    if look is None:
        return widget
    from cocalc_magic.widgets.brand import Branded  # late: few notebooks are another product's

    return Branded(look, widget)
