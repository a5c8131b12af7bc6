"""API v1: `POST /api/v1/<event>`, as a server of March 2024 was recorded to answer.

A function `(world, caller, options) -> fields` returns the fields of the response besides `event` and
`id`. Its options are those of the catalog, with defaults filled in.

From the bottom up: access, accounts, copies, exec, files, members, projects, query, services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.api.methods import Method, fail_with, methods
from cocalc_magic.sandbox.api.v1.services import stripe
from cocalc_magic.sandbox.errors import Failed, Refused, Thrown
from cocalc_magic.sandbox.js_compat import is_true, stringify
from cocalc_magic.sandbox.storage.store import iso, new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

RECORDED = "2024-03-01"  # the day of the server that is imitated
REQUIRED = "__!!!!!!this is a required property!!!!!!__"

_NO_CUSTOMER = "stripe customer not defined"
_NO_BILLING = "stripe publishable key is not set -- billing functionality not available"
_CUSTOMER_FIRST = {  # billing that asks for the customer first -> the option that has to be a text
    **dict.fromkeys(("get_available_upgrades", "stripe_get_charges", "stripe_get_invoices"), ""),
    "stripe_get_subscriptions": "",
    "stripe_set_default_source": "card_id",
    "stripe_create_subscription": "plan",
}
_CONNECTION_FIRST = {  # billing that asks for the connection first
    "stripe_get_customer": "",
    "stripe_get_coupon": "coupon_id",
    "stripe_create_source": "token",
    "stripe_update_source": "card_id",
    **dict.fromkeys(("stripe_cancel_subscription", "stripe_update_subscription"), "subscription_id"),
}

METHODS = {
    **methods("api.v1", "ping"),
    **methods("api.v1.query", "query get_syncdoc_history log_client_error"),
    **methods(
        "api.v1.accounts",
        "create_account change_password change_email_address user_auth",
        blocking="password",
    ),
    **methods("api.v1.accounts", "user_search get_usernames"),
    **methods("api.v1.projects", "create_project", blocking="file"),
    **methods(
        "api.v1.projects",
        "touch_project disconnect_from_project add_license_to_project remove_license_from_project",
    ),
    **methods(
        "api.v1.members",
        "add_collaborator invite_collaborator invite_noncloud_collaborators remove_collaborator",
    ),
    **methods("api.v1.exec", "project_exec jupyter_execute", blocking="command"),
    **methods("api.v1.exec", "jupyter_kernels", blocking="file"),
    **methods("api.v1.files", "read_text_file_from_project write_text_file_to_project", blocking="file"),
    **methods(
        "api.v1.copies", "copy_path_between_projects copy_public_path_between_projects", blocking="file"
    ),
    **methods("api.v1.copies", "copy_path_status copy_path_delete"),
    **methods(
        "api.v1.services",
        "chatgpt openai_embeddings_search openai_embeddings_save openai_embeddings_remove",
    ),
    # Services that fail as on a server where they are not set up.
    **dict.fromkeys(("create_support_ticket", "get_support_tickets"), fail_with(Failed("deprecated"))),
    "purchase_license": fail_with(Thrown("DEPRECATED")),
    **{event: Method(stripe(text, _NO_CUSTOMER)) for event, text in _CUSTOMER_FIRST.items()},
    **{event: Method(stripe(text, _NO_BILLING)) for event, text in _CONNECTION_FIRST.items()},
    "stripe_delete_source": Method(stripe("card_id", "no customer information so can't delete source")),
}

# Names that every JavaScript object has: the recorded server takes them for messages, and fails.
_STUMBLES = {
    "__proto__": "TypeError: f is not a function",
    **dict.fromkeys(
        (
            *("hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "valueOf"),
            *("__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
        ),
        "TypeError: Cannot convert undefined or null to object",
    ),
    "toLocaleString": "TypeError: Object.prototype.toLocaleString called on null or undefined",
}
_UNDEFINED = ("constructor", "toString")


def find_message(event: str) -> Message | None:
    """Return the message of this name; `None` where the server takes it for one that is undefined.

    Raises `Refused` where the API does not have it.
    """
    if event in _UNDEFINED:
        return None
    if event in _STUMBLES:
        raise Refused(f"invalid parameters '{_STUMBLES[event]}'")
    message = catalog.get(event, "v1")
    if event in catalog.closed_names() or (message and message.availability == "closed"):
        raise Refused(f"endpoint '{event}' is not part of the HTTP API")
    if message is None or message.availability == "gone":
        raise Refused(f"unknown endpoint '{event}'")
    return message


def ping(_world: World, _caller: Caller, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the server's time."""
    return {"now": iso(now())}


def answer(
    world: World, caller: Caller, event: str, message: Message | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Carry out a message and return the response. Raises `Refused` where nothing handles it."""
    if message is None or message.availability == "unhandled":
        raise Refused(f"unknown message event type '{event if message else 'undefined'}'")
    message_id = options["id"] if options.get("id") is not None else new_id()
    try:
        fields = METHODS[message.event](world, caller, options)
    except Failed as problem:
        return {"event": "error", "id": message_id, "error": problem.error}
    return {"event": message.response, "id": message_id, **fields}


# -- options ---------------------------------------------------------------------------------------


def check_options(message: Message | None, sent: dict[str, Any]) -> dict[str, Any]:
    """Return all options of a message, defaults filled in. Raises `Refused` for the first mistake."""
    if message is None:
        return {}
    known = [option for option in message.options if _is_known(option)]
    if sent.get("event") is not None:
        raise Refused(
            "invalid parameters 'Error: ValueError: must not define 'event' when calling message creation "
            f"function (opts={stringify(sent)}, obj={stringify(_definition(message, known))})'"
        )
    options = {option.name: _value(option, sent) for option in known}
    unknown = next((name for name in sent if name not in options and name != "event"), None)
    if unknown is not None:
        raise _invalid(f"got an unexpected argument '{unknown}' ")
    if message.event == "query" and is_true(options.get("multi_response")):
        raise Refused("ReferenceError: otps is not defined")
    return options


def _value(option: Option, sent: dict[str, Any]) -> Any:
    value = sent.get(option.name)
    if value is None and option.required:
        raise _invalid(f"property '{option.name}' must be specified: ")
    return option.default if value is None else value


def _is_known(option: Option) -> bool:
    return option.since <= RECORDED and (not option.until or option.until > RECORDED)


def _definition(message: Message, known: list[Option]) -> dict[str, Any]:
    """Return the message as the server defines it, which one of its errors repeats."""
    options = {
        option.name: REQUIRED if option.required else option.default
        for option in known
        if option.required or option.default is not None
    }
    return {"event": message.event, **options}


def _invalid(problem: str) -> Refused:
    return Refused(f"invalid parameters 'Error: misc.defaults -- TypeError: {problem}'")
