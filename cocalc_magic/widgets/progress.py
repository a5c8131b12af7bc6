"""A line that says what a cell waits for, and which a page brings to life by itself.

While a cell runs most kernels hear nothing from a page, so no widget could be asked for or answer. The page's
half of the stage knows the line by its mark: it lets the clock tick and puts a *Stop* button there.
"""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

from cocalc_magic.widgets.view_host import the_stage

if TYPE_CHECKING:
    from cocalc_magic.render.progress import Told


def since(told: Told) -> str:
    """The line for a front-end where no clock ticks: when it began, by the kernel's clock."""
    return f"{told.what}: {told.words}{_began(told.seconds)} {told.stop}"


def progress_html(told: Told) -> str:
    """The same line for a page: what it says, since when, and how it is stopped, in this order.

    The mark names this kernel's stage: in a page with several notebooks the others leave it alone.
    """
    name = the_stage().name
    return (
        f'<div data-ccm-progress="{name}" data-ccm-seconds="{told.seconds:.1f}">'
        f'<span role="status">{escape(f"{told.what}: {told.words}")}</span>'
        f"<span>{escape(_began(told.seconds))}</span><span> {escape(told.stop)}</span></div>"
    )


def _began(seconds: float) -> str:
    return f" since {time.strftime('%H:%M:%S %Z', time.localtime(time.time() - seconds)).rstrip()}."
