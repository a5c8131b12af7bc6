"""`/projects/ID/files/PATH`: a project's folders and files as pages, which may stand in a frame.

`?fullscreen=kiosk` leaves out what leads to other files, and `?auth_token=TOKEN` signs in, both as CoCalc's
documentation has it for frames. A session that begins here opens these pages alone, which only read: its
cookie is of its own kind, out of reach of scripts, and stays with this site (`SameSite=Strict`). Where the
frame stands in a page of another site, it stays with that site (`Partitioned`).

These are the only pages of the sandbox that may be framed: by pages of this machine, and by origins that it
was started with. What they show is text and pictures, so a frame has nothing that a click could change.
"""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cocalc_magic.sandbox.domain.access import is_collaborator, is_uuid
from cocalc_magic.sandbox.domain.accounts import as_caller
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http import project_html
from cocalc_magic.sandbox.http.messages import Response
from cocalc_magic.sandbox.http.routes import PROJECT_PATH
from cocalc_magic.sandbox.http.sign_in import COOKIE as SESSION_COOKIE
from cocalc_magic.sandbox.storage.sessions import FRAME, TOKEN_TIME

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

COOKIE = "frame_session"
MAX_TEXT = 1_000_000  # bytes of a text of which the beginning is shown
MAX_PICTURE = 5_000_000  # bytes
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")
"""An origin that may be allowed to frame these pages: without wildcards, path or signs of a policy."""
_THIS_MACHINE = tuple(
    f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("127.0.0.1", "localhost")
)
_COMMAND = "%cocalc open PROJECT --sign-in"
_SIGN_IN = (
    "You are not signed in here",
    f"It is for members of the project. {_COMMAND} makes a link that signs in.",
)
_BAD_TOKEN = ("This link does not sign in", "It works once, within twelve hours.")
_NOT_YOURS = ("This project is not yours", "It does not exist, or you are not one of its members.")
_NO_FILE = ("There is no such file", "It was moved or deleted, or is not a file or folder of this project.")


def ancestors(world: World) -> str:
    """Return the origins that may frame these pages, as a policy has them."""
    return " ".join(("'self'", *_THIS_MACHINE, *world.frame_origins))


def show(world: World, request: Request) -> Response:
    """Return the page of a folder or file, or sign in with the token of the address."""
    match = PROJECT_PATH.fullmatch(request.path)
    assert match  # noqa: S101 - or another route would be taken
    if "auth_token" in request.query:
        return _sign_in(world, request)
    caller, project_id = _visitor(world, request), match[1].lower()
    if caller is None:
        return _words(world, _SIGN_IN, 403)
    if not is_uuid(project_id) or not is_collaborator(world, caller, project_id):
        return _words(world, _NOT_YOURS, 403)
    path = unquote(match[2] or "", errors="surrogateescape").strip("/")
    try:
        return _content(world, request, project_id, path)
    except (Failed, OSError, ValueError):
        return _words(world, _NO_FILE, 404)


def _content(world: World, request: Request, project_id: str, path: str) -> Response:
    kiosk = request.query.get("fullscreen") == "kiosk"
    project = world.store.get("projects", project_id) or {}
    place = project_html.Place(project_id, str(project.get("title") or ""), path, kiosk)
    if world.folders.is_folder(project_id, path):
        entries = world.folders.list(project_id, path, hidden=False)
        return _page(world, place, project_html.listing(place, entries))
    with world.folders.open(project_id, path) as file:
        kind, size = mimetypes.guess_type(path)[0] or "", file.facts.st_size
        if kind in PICTURES and size <= MAX_PICTURE:
            data = base64.b64encode(file.read(MAX_PICTURE)).decode()
            return _page(world, place, project_html.picture(place, f"data:{kind};base64,{data}"))
        content = file.read(MAX_TEXT)
    return _page(world, place, project_html.text(place, content, size))


def _page(world: World, place: project_html.Place, content: str, status: int = 200) -> Response:
    document, headers = project_html.document(place, content, world.look, ancestors(world))
    return Response(status, "text/html; charset=utf-8", document, headers)


def _words(world: World, words: tuple[str, str], status: int) -> Response:
    title, text = words
    place = project_html.Place("", title, "", kiosk=True)
    words_html = html.escape(text).replace(_COMMAND, f"<code>{_COMMAND}</code>")
    return _page(world, place, f"<p>{words_html}</p>", status)


# -- sessions --------------------------------------------------------------------------------------


def _sign_in(world: World, request: Request) -> Response:
    """Begin a session for the token's account, and lead to the same page without the token."""
    caller = as_caller(world, world.sessions.redeem(request.query["auth_token"]))
    if caller is None:
        return _words(world, _BAD_TOKEN, 403)
    session = world.sessions.begin(caller.account_id, TOKEN_TIME, FRAME)
    cookie = f"{COOKIE}={session}; path=/projects/; max-age={TOKEN_TIME // 1000}; httponly; {_site(request)}"
    kiosk = "?fullscreen=kiosk" if request.query.get("fullscreen") == "kiosk" else ""
    headers = (("Location", request.path + kiosk), ("Set-Cookie", cookie))
    _, page_headers = project_html.document(project_html.Place("", "", ""), "", None, ancestors(world))
    return Response(303, "text/plain", b"", (*headers, *page_headers))


def _site(request: Request) -> str:
    """Return what keeps a cookie from pages of other sites; browsers say where a frame stands."""
    fetch = request.headers.get
    if fetch("sec-fetch-site") == "cross-site" and fetch("sec-fetch-dest") == "iframe":
        return "samesite=none; secure; partitioned"
    return "samesite=strict"


def _visitor(world: World, request: Request) -> Caller | None:
    """Return whose browser it is, by the cookie of these pages or of the whole site.

    They count where a page is opened, also in a frame, but not where a page of another origin fetches it.
    """
    if request.is_cross_origin and not _is_opened(request):
        return None
    cookies = request.cookies
    account_id = world.sessions.account_of(cookies.get(COOKIE, ""), FRAME)
    return as_caller(world, account_id or world.sessions.account_of(cookies.get(SESSION_COOKIE, "")))


def _is_opened(request: Request) -> bool:
    """Tell whether a browser opens the page in a tab or a frame."""
    fetch = request.headers.get
    return fetch("sec-fetch-mode") == "navigate" and fetch("sec-fetch-dest") in ("document", "iframe")
