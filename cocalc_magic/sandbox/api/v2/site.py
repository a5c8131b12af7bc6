"""The site and its small services: settings, messages, news, and what a sandbox has only the form of."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_admin, require_caller, require_collaborator
from cocalc_magic.sandbox.domain import casts, messages, site
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

NEWS = "news"  # the setting that holds them
NO_SUPPORT = "Support not available -- admin must configure the Zendesk token"
MIN_TOKEN = 20  # characters
_MODEL = re.compile(
    r"(ollama|custom_openai|user|openai|google|mistral|anthropic|xai|zai)-|gpt-|gemini-|claude-"
)


def customize(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the site's settings, or those of the names in `fields`."""
    return site.customize(options.get("fields"))


def file_access(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the files that the caller opened: none, since a sandbox has no editor."""
    if caller is not None and options.get("interval"):
        casts.interval(options["interval"])
    return {"files": []}


# -- messages and tickets --------------------------------------------------------------------------


def send_message(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Send a message, by default to the caller."""
    caller = require_caller(caller, "messages/send")
    to_ids = options.get("to_ids")
    if not isinstance(to_ids, list):
        to_ids = [caller.account_id if to_ids is None else to_ids]
    return {"status": "success", "id": messages.deliver(world, caller.account_id, to_ids, options)}


def get_messages(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return messages to or from the caller, the newest first."""
    caller = require_caller(caller, "messages/get")
    return {"status": "success", "messages": messages.get(world, caller, options)}


def tickets(_world: World, caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: nobody answers tickets."""
    require_caller(caller, "support/tickets")
    raise Thrown(NO_SUPPORT)


def password_reset(world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail, since no e-mail is sent; for an unknown address, as recorded."""
    address = "undefined" if options.get("email") is None else as_text(options["email"]).lower()
    if find_by_address(world, address) is None:
        raise Thrown(f'There is no account with email "{address}".')
    raise Thrown("not answered by the sandbox: it sends no e-mail")


def token_action(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: there are no such tokens, since no e-mail is sent that could hold one."""
    token = options.get("token")
    shown = "undefined" if token is None else as_text(token)
    if not token or (isinstance(token, str | list) and len(token) < MIN_TOKEN):
        raise Thrown(f"invalid token: '{shown}'")
    raise Thrown(f"The token '{shown}' has expired or does not exist.")


# -- what a sandbox has only the form of -----------------------------------------------------------


def latex(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: a command can typeset instead, where the machine has LaTeX."""
    caller, path = require_caller(caller, "latex"), as_text(options.get("path") or "")
    if not path.endswith(".tex"):
        raise Thrown("path must be specified and end in .tex")
    if options.get("only_read_pdf"):
        if options.get("project_id") is None:
            raise Thrown("if only_read_pdf is set then project_id must also be set")
        if path.startswith("/tmp"):  # noqa: S108 - what a caller may not name
            rest = "then path must not start with /tmp (otherwise the pdf would be removed)"
            raise Thrown(f"if only_read_pdf is set {rest}")
    if options.get("project_id") is not None:
        require_collaborator(world, caller, options["project_id"], "latex")
    raise Thrown("not answered by the sandbox: 'latex'; run latexmk by exec")


def evaluate(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: there is no model to ask."""
    model = options.get("model")
    if model is not None and not _MODEL.match(as_text(model)):
        raise Thrown(f'unsupported model "{as_text(model)}"')
    raise Thrown(
        f"There is a problem calling {model or 'ollama-0'}. Please try another model, a different prompt, "
        "or try again later. Error: Google GenAI is not enabled."
    )


# -- news ------------------------------------------------------------------------------------------


def list_news(world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what administrators have announced, the newest first."""
    shown = ("id", "channel", "title", "text", "url", "date", "until")
    return [{name: item[name] for name in shown} for item in _news(world) if not item["hide"]]


def edit_news(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write a new item, or change one."""
    require_admin(caller, "news/edit")
    for name in ("title", "text"):
        if options.get(name) is None:
            raise Thrown(f"must provide {name}")
    date = as_number(options["date"]) if is_true(options.get("date")) else time.time()
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
