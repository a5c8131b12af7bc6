"""The site and its small services: settings, messages, news, and what a sandbox has only the form of."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller
from cocalc_magic.sandbox.domain import messages, site
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

NEWS = "news"  # the setting that holds them


def customize(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the site's settings, or those of the names in `fields`."""
    return site.customize(options.get("fields"))


def send_message(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Send a message, by default to the caller."""
    caller = require_caller(caller, "Must be signed in to send messages")
    to_ids = options.get("to_ids")
    if not isinstance(to_ids, list):
        to_ids = [caller.account_id if to_ids is None else to_ids]
    return {"status": "success", "id": messages.deliver(world, caller.account_id, to_ids, options)}


def get_messages(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return messages to or from the caller, the newest first."""
    caller = require_caller(caller, "Must be signed in to get messages")
    return {"status": "success", "messages": messages.get(world, caller, options)}


def get_balance_admin(_world: World, caller: Caller | None, _options: Mapping[str, Any]) -> int:
    """Return an account's balance: nothing is billed."""
    if not require_caller(caller).admin:
        raise Thrown("must be an admin")
    return 0


def bookmarks(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the marked files: none, since a sandbox has no page to mark one in."""
    echoed = {name: options.get(name) for name in ("type", "project_id")}
    return {**echoed, "stars": [], "status": "success"}


def password_reset(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail, since no e-mail is sent; for an unknown address, as recorded."""
    address = options.get("email")
    if address is None or find_by_address(world, as_text(address)) is None:
        shown = "undefined" if address is None else as_text(address)
        raise Thrown(f'There is no account with email "{shown}".')
    raise Thrown("not answered by the sandbox: it sends no e-mail")


def token_action(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: there are no such tokens, since no e-mail is sent that could hold one."""
    token = as_text(options.get("token"))
    if len(token) != 24:
        raise Thrown(f"invalid token: '{token}'")
    raise Thrown(f"The token '{token}' has expired or does not exist.")


def latex(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: a command can typeset instead, where the machine has LaTeX."""
    require_caller(caller)
    if not as_text(options.get("path") or "").endswith(".tex"):
        raise Thrown("path must be specified and end in .tex")
    raise Thrown("not answered by the sandbox: 'latex'; run latexmk by exec")


def get_license(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: there are no licenses."""
    raise Thrown(f"no license with id {as_text(options.get('license_id'))}")


def public_path(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Look up a published path, for `save`, `star` and `unstar`, which change nothing."""
    require_caller(caller, "must be signed in to star")
    path_id = as_text(options.get("id"))
    if world.store.get("public_paths", path_id) is None:
        raise Thrown(f"no public path with id={path_id}")
    return {}


# -- news ------------------------------------------------------------------------------------------


def list_news(world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what administrators have announced, the newest first."""
    shown = ("id", "channel", "title", "text", "url", "date", "until")
    return [{name: item[name] for name in shown} for item in _news(world) if not item["hide"]]


def edit_news(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write a new item, or change one."""
    if caller is None or not caller.admin:
        raise Thrown("only admins can create/edit news items")
    for name in ("title", "text"):
        if not is_true(options.get(name)):
            raise Thrown(f"must provide {name}")
    date = as_number(options["date"]) if options.get("date") is not None else time.time()
    item = {name: options.get(name) for name in ("channel", "title", "text", "url", "until", "tags")}
    item |= {"date": int(date), "hide": is_true(options.get("hide"))}
    with world.store.transaction():
        items = _news(world)
        ids = [other["id"] for other in items]
        item["id"] = next((number for number in ids if number == options.get("id")), max(ids, default=0) + 1)
        others = [other for other in items if other["id"] != item["id"]]
        world.settings.set(NEWS, json.dumps([item, *others]))
    return {"id": item["id"], "success": True}


def _news(world: World) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(world.settings.get(NEWS) or "[]")
    return items
