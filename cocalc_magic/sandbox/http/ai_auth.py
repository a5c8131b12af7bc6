"""Who sends a request to a sandbox that plays cocalc.ai: by the header, by the cookie, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.sandbox.api.ai.access import Sender
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.accounts import as_caller
from cocalc_magic.sandbox.errors import Refused
from cocalc_magic.sandbox.http.auth import parse_authorization
from cocalc_magic.sandbox.http.sign_in import COOKIE
from cocalc_magic.sandbox.storage.sessions import is_cookie

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.storage.keys import Owner
    from cocalc_magic.sandbox.world import World

_SCHEMES = ("Basic", "Bearer")


def sender_of(world: World, request: Request) -> Sender:
    """Return who sends a request, as far as that is known; a page of another origin has no session."""
    header, session = request.headers.get("authorization"), session_of(world, request)
    if header is None:
        return Sender(session)
    scheme = next(iter(header.split()), "undefined")
    if scheme not in _SCHEMES:
        return Sender(session, has_header=True, scheme=scheme)
    owner = _owner(world, header)
    if owner is None:
        return Sender(session, has_header=True)
    return Sender(session, Caller(owner.account_id, admin=owner.admin), owner.scope, has_header=True)


def _owner(world: World, header: str) -> Owner | None:
    """Return the owner of the key in a header, if it is a scoped one that is known."""
    try:
        key = parse_authorization(header)
    except Refused:
        return None
    return scoped_owner(world, key or "")


def scoped_owner(world: World, key: str) -> Owner | None:
    """Return the owner of a key; keys without a scope, as those of before, are not known there."""
    owner = world.keys.find(key)
    return owner if owner and owner.scope and not owner.project_id else None


def session_of(world: World, request: Request) -> Caller | None:
    """Return the account that the cookie of a browser signs in."""
    cookie = request.cookies.get(COOKIE)
    if not cookie or request.is_cross_origin or not is_cookie(cookie):
        return None
    return as_caller(world, world.sessions.account_of(cookie))
