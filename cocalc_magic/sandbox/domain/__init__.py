"""What each message does: ``(world, caller, options) -> fields``, by subject.

An answer knows no HTTP and no SQL. It returns the fields of the response besides ``event`` and
``id``, and raises :class:`~cocalc_magic.sandbox.errors.Failed` when the message fails. It has the
name of its event, in the module of its subject, which is loaded when the first message comes: a
sandbox should not wait for all of them when it starts.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

    Answer = Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]

SUBJECTS = {
    "system": ("ping",),
    "reports": ("log_client_error",),
    "accounts": ("create_account", "change_password", "change_email_address", "user_auth"),
    "people": ("user_search", "get_usernames"),
    "projects": ("create_project", "touch_project", "disconnect_from_project"),
    "collaborators": (
        "add_collaborator",
        "invite_collaborator",
        "invite_noncloud_collaborators",
        "remove_collaborator",
    ),
    "licenses": ("add_license_to_project", "remove_license_from_project"),
    "exec": ("project_exec",),
    "jupyter": ("jupyter_kernels", "jupyter_execute"),
    "files": ("read_text_file_from_project", "write_text_file_to_project"),
    "copies": (
        "copy_path_between_projects",
        "copy_public_path_between_projects",
        "copy_path_status",
        "copy_path_delete",
    ),
    "syncdocs": ("get_syncdoc_history",),
    "query": ("query",),
    "services": (
        "chatgpt",
        "openai_embeddings_search",
        "openai_embeddings_save",
        "openai_embeddings_remove",
        "create_support_ticket",
        "get_support_tickets",
        "purchase_license",
        "get_available_upgrades",
        "stripe_get_charges",
        "stripe_get_invoices",
        "stripe_get_subscriptions",
        "stripe_set_default_source",
        "stripe_delete_source",
        "stripe_get_customer",
        "stripe_get_coupon",
        "stripe_create_source",
        "stripe_create_subscription",
        "stripe_cancel_subscription",
        "stripe_update_source",
        "stripe_update_subscription",
    ),
}
EVENTS = {event: subject for subject, events in SUBJECTS.items() for event in events}

WAITS = {
    "project_exec": "command",
    "jupyter_execute": "command",
    "jupyter_kernels": "file",
    "read_text_file_from_project": "file",
    "write_text_file_to_project": "file",
    "create_project": "file",
    "copy_path_between_projects": "file",
    "copy_public_path_between_projects": "file",
    "create_account": "password",
    "change_password": "password",
    "change_email_address": "password",
    "user_auth": "password",
}
"""Answers that may wait, and for what: they are given threads."""


@cache
def find(event: str) -> Answer:
    """What answers an event of :data:`EVENTS`."""
    answer: Answer = getattr(import_module(f"{__name__}.{EVENTS[event]}"), event)
    return answer if event in WAITS else whole(answer)


def whole(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a quick answer in one transaction, so that on a full disk nothing is half-written.

    Others wait meanwhile, so this is not for answers that wait for something.
    """

    def answered(world: World, *more: Any) -> Any:
        with world.store.message():
            return answer(world, *more)

    return answered
