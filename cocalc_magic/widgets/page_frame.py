"""A project's page in a frame: its link, the frame, the HTML of both, and a sign-in that is used once.

The token of a sign-in is in no state of the widget: a page asks for it with random bytes of its own, as it
asks for the text of a new key (`keydialog`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Bool, Unicode

from cocalc_magic.client.page_links import HEIGHT, PERMISSIONS, frame_html
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize import visible, visible_line
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.keydialog import combined

if TYPE_CHECKING:
    from cocalc_magic.session.sign_in_link import SignInLink


class PageFrame(anywidget.AnyWidget):
    """A page of a project, live.

    Args:
        name: What it is, for its link and for those who listen.
        address: Its address.
        ancestors: Who may show it in a frame; nobody where it is empty.
        link: Signs the frame, or another browser, in; `None` where that was not asked for.
    """

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("page_frame")).tag(sync=True)
    _css = Unicode(sheet("page_frame")).tag(sync=True)

    name = Unicode().tag(sync=True)
    address = Unicode().tag(sync=True)
    html = Unicode().tag(sync=True)  # to paste; empty where no frame is allowed
    permissions = Unicode(PERMISSIONS).tag(sync=True)
    height = Unicode(f"{HEIGHT}px").tag(sync=True)
    sign_in = Unicode().tag(sync=True)  # the link up to its token, while that can be taken
    whose = Unicode().tag(sync=True)
    status = Unicode().tag(sync=True)
    is_wrong = Bool(False).tag(sync=True)

    def __init__(self, name: str, address: str, ancestors: str, link: SignInLink | None = None) -> None:
        super().__init__(
            name=visible_line(name),
            address=address,
            html=frame_html(address, name) if ancestors else "",
            sign_in=link.start if link and link.token else "",
            whose=visible_line(link.whose) if link else "",
        )
        self._link = link
        self.on_msg(self._run)

    def _run(self, _: Any, content: Any, __: Any) -> None:
        """Give the token to a page that asks with random bytes; ignore other messages."""
        if not isinstance(content, dict) or content.get("do") != "sign-in" or self._link is None:
            return
        try:
            self.send({"shown": combined(self._link.take, content.get("pad"))})
            self.status, self.is_wrong = "The link was given out; it works once.", False
        except CoCalcError as problem:
            self.status, self.is_wrong = visible(str(problem)), True
        finally:
            self.sign_in = self._link.start if self._link.token else ""
