"""`open`: the address of a project's page, the HTML that puts it into a frame, and a link that signs in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.page_links import ProjectPage, frame_html, may_frame
from cocalc_magic.client.transport import NoAuth, Transport
from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.commands.args import parse_args
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.render.blocks import Facts, Link, Note, Pre, Title
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session.key_destination import write_to_terminal
from cocalc_magic.session.sign_in_link import new_link

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.render.blocks import Block
    from cocalc_magic.session.session import Session
    from cocalc_magic.session.sign_in_link import SignInLink

_FLAGS = {"--kiosk": False, "--sign-in": False, "--account": True, "--server": True}
_UNKNOWN = "?"
_OF_THIS_MACHINE = re.compile(r"https?://(?:127\.0\.0\.1|localhost):\*")
_NO_BROWSER = "no browser reaches a sandbox in this process"
_TIMEOUT = 10.0  # seconds to ask for the page's headers


def open_page(session: Session, argv: list[str]) -> Page:
    """Return the link to a project's page, its HTML for a frame, and in a live notebook the frame itself."""
    words, flags = parse_args("open", argv, _FLAGS)
    if len(words) > 2 or not (words or session.project):
        raise InvalidSyntax(
            "open takes a project, and a path in it.", 'Write %cocalc open "My project" notes.md --kiosk'
        )
    if "account" in flags and "sign-in" not in flags:
        raise InvalidSyntax("--account says whom --sign-in signs in.", "Write both.")
    client = session.client(flags.get("server"))
    here = client.server.answer is not None
    if here and "sign-in" in flags:
        raise CoCalcError(f"nobody signs in: {_NO_BROWSER}.")
    project = client.router.projects.find(words[0] if words else session.project_id)
    page = ProjectPage(project.project_id, "".join(words[1:]), "kiosk" in flags)
    title = project.title or client.router.projects.titles.get(project.project_id, "")
    address = page.address(client.server.url)
    ancestors = _ancestors(client, page)
    link = new_link(session, client, page, flags.get("account", "")) if "sign-in" in flags else None
    name = f"{page.path} in {title}" if page.path and title else page.path or title or "A project"
    blocks = _blocks(name, address, ancestors)
    if here:
        return Page((*blocks, Note(f"Here it is not shown: {_NO_BROWSER}.")))
    if link is not None and session.frontend.terminal:
        write_to_terminal(link.link())
        return Page((*blocks, Note(f"The link above signs {link.whose} in, once.")))
    if not session.frontend.page:
        return Page(blocks)
    if link is not None:
        blocks += (Note("A page with a live kernel shows the sign-in link, once and without saving it."),)
    return LivePage(blocks, lambda: _live(session, name, address, ancestors, link))


def _live(session: Session, name: str, address: str, ancestors: str, link: SignInLink | None) -> Any:
    """Return the widget with the frame, in the look of the product."""
    from cocalc_magic import widgets  # late: few notebooks open a page
    from cocalc_magic.widgets.page_frame import PageFrame

    return widgets.branded(session.frontend.look, PageFrame(name, address, ancestors, link))


def _blocks(name: str, address: str, ancestors: str) -> tuple[Block, ...]:
    head = (Title(name), Facts((("link", Link(address, address)),)))
    if not ancestors:
        return (*head, Note("The server forbids to show it in a frame: the link opens it in a tab."))
    return (
        *head,
        Pre(frame_html(address, name), "HTML for a page of yours", language="html"),
        _who(ancestors),
    )


def _who(ancestors: str) -> Note:
    """Return in words which pages may frame it."""
    if ancestors == _UNKNOWN:
        return Note("Whether it may be shown in a frame is not known: the server did not say.")
    if ancestors == "*":
        return Note("As far as the server's headers say, any page may show it in a frame.")
    others = [origin for origin in ancestors.split() if not _OF_THIS_MACHINE.fullmatch(origin)]
    here = ["this machine"] if len(others) < len(ancestors.split()) else []
    return Note(f"It may be shown in a frame by pages of {', '.join([*here, *others])}.")


def _ancestors(client: Client, page: ProjectPage) -> str:
    """Return who may frame the page, as its headers say; it is asked for without the key."""
    if client.router.is_offline:
        return _UNKNOWN
    request = WireRequest(page.address(""), {}, b"", "GET")
    transport = Transport(client.server)
    try:
        return may_frame(transport.request(request, _TIMEOUT, NoAuth(client.key)).headers)
    except CoCalcError:  # the link is good all the same
        return _UNKNOWN
    finally:
        transport.close()
