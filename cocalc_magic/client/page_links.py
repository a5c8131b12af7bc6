"""Addresses of a project's pages, links that sign in to them, and the HTML that puts one into a frame.

What is known of real servers was read, not recorded:

- `/projects/ID/files/PATH` opens a file, and a folder where a slash ends it; `?fullscreen=kiosk` shows it
  without what leads elsewhere, for a frame (doc.cocalc.com, *Display Options*; `frontend/history.ts` and
  `frontend/fullscreen.ts` of CoCalc's source of July 2026, and the same in cocalc.ai's of August 2026).
- `?auth_token=TOKEN` at that address signed in (the page *API Examples & Howto* of CoCalc's documentation,
  removed in June 2025). Servers with API v2 redeem a token at `/auth/impersonate?auth_token=TOKEN` and lead
  to their own first page (`server/auth/impersonate.ts`, July 2026).
- Self-hosted servers send no header about frames, and a session cookie of `SameSite=Strict` unless the
  setting `samesite_remember_me` says otherwise (`server/auth/set-sign-in-cookies.ts`): in a frame of another
  site nobody is signed in. cocalc.ai forbids frames of its public viewer and of exams alone (`frame-ancestors
  'none'` in `hub/servers/express-app.ts` and `project-host/web.ts`).
- `/app?project-home=…` is in neither the documentation nor these sources.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from cocalc_magic.errors import InvalidValue
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cocalc_magic.client.routing import Router

HEIGHT = 480  # pixels of a frame
PERMISSIONS = "allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"
"""What a page in a frame may do; without `allow-top-navigation` it cannot replace the page around it."""


class ProjectPage(NamedTuple):
    """A folder or file of a project: its path, and whether what leads elsewhere is left out."""

    project_id: str
    path: str = ""
    kiosk: bool = False

    @property
    def target(self) -> str:
        """The path of the page below the server's address.

        Raises:
            InvalidValue: It would lead out of the project.
        """
        path = self.path.lstrip("/")
        if {".", ".."} & set(path.split("/")):
            raise InvalidValue(
                f"{self.path!r} does not name a file of the project.", "A path begins at its home folder."
            )
        return f"/projects/{self.project_id}/files/{quote(path, safe='/')}"

    def address(self, url: str) -> str:
        """Return the page's address on a server."""
        return url + self.target + ("?fullscreen=kiosk" if self.kiosk else "")


def sign_in_start(url: str, page: ProjectPage, generations: Collection[str] = ()) -> str:
    """Return the address that signs a browser in and opens the page, up to the token of `user_auth`.

    Servers with API v2 sign in at an address of their own and open their first page; a sandbox, and those
    before, do both at the page's.
    """
    address = f"{url}/auth/impersonate" if "v2" in generations else page.address(url)
    return f"{address}{'&' if '?' in address else '?'}auth_token="


def sign_in_start_at(router: Router, page: ProjectPage) -> str:
    """Return the same for a client's server, which is asked what it speaks unless that is known."""
    generations = () if router.server.sandbox else router.generations()
    return sign_in_start(router.server.url, page, generations)


def frame_html(address: str, name: str) -> str:
    """Return the HTML that shows the address in a frame; `name` says to those who listen what is in it."""
    return (
        f'<iframe src="{escape(address)}"\n  title="{escape(visible_line(name))}"\n'
        f'  sandbox="{PERMISSIONS}"\n  referrerpolicy="no-referrer" loading="lazy"\n'
        f'  style="width: 100%; height: {HEIGHT}px; border: 0"></iframe>'
    )


def may_frame(headers: Mapping[str, str]) -> str:
    """Return who may show a page in a frame, by the headers that came with it.

    `*` for anybody, an empty text for nobody else than its own server, or the sources of its policy.
    """
    for policy in headers.get("Content-Security-Policy", "").lower().split(","):
        for directive in policy.split(";"):
            name, *sources = directive.split() or [""]
            if name == "frame-ancestors":
                return " ".join(source for source in sources if source not in ("'none'", "'self'"))
    return "" if headers.get("X-Frame-Options", "").strip() else "*"
