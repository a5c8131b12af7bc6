"""What each message does: ``(world, caller, options) -> fields``, by subject.

An answer knows no HTTP and no SQL. It returns the fields of the response besides ``event`` and
``id``, and raises :class:`~cocalc_magic.sandbox.errors.Failed` when the message fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cocalc_magic.sandbox.answers import (
    accounts,
    collaborators,
    copies,
    files,
    jupyter,
    licenses,
    people,
    processes,
    projects,
    query,
    services,
    syncdocs,
    system,
)
from cocalc_magic.sandbox.world import Caller, World

Answer = Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]

ANSWERS: dict[str, Answer] = {
    "ping": system.ping,
    "log_client_error": system.log_client_error,
    "create_account": accounts.create_account,
    "change_password": accounts.change_password,
    "change_email_address": accounts.change_email_address,
    "user_auth": accounts.user_auth,
    "user_search": people.user_search,
    "get_usernames": people.get_usernames,
    "create_project": projects.create_project,
    "touch_project": projects.touch_project,
    "disconnect_from_project": projects.disconnect_from_project,
    "add_collaborator": collaborators.add_collaborator,
    "invite_collaborator": collaborators.invite_collaborator,
    "invite_noncloud_collaborators": collaborators.invite_noncloud_collaborators,
    "remove_collaborator": collaborators.remove_collaborator,
    "add_license_to_project": licenses.add_license_to_project,
    "remove_license_from_project": licenses.remove_license_from_project,
    "project_exec": processes.project_exec,
    "jupyter_kernels": jupyter.jupyter_kernels,
    "jupyter_execute": jupyter.jupyter_execute,
    "read_text_file_from_project": files.read_text_file_from_project,
    "write_text_file_to_project": files.write_text_file_to_project,
    "copy_path_between_projects": copies.copy_path_between_projects,
    "copy_public_path_between_projects": copies.copy_public_path_between_projects,
    "copy_path_status": copies.copy_path_status,
    "copy_path_delete": copies.copy_path_delete,
    "get_syncdoc_history": syncdocs.get_syncdoc_history,
    "query": query.query,
    "chatgpt": services.chatgpt,
    "openai_embeddings_search": services.openai_embeddings_search,
    "openai_embeddings_save": services.openai_embeddings_ids,
    "openai_embeddings_remove": services.openai_embeddings_ids,
    "create_support_ticket": services.failing(services.DEPRECATED),
    "get_support_tickets": services.failing(services.DEPRECATED),
    "purchase_license": services.failing(services.PURCHASE_DEPRECATED),
    "get_available_upgrades": services.failing(services.NO_CUSTOMER),
    "stripe_get_charges": services.failing(services.NO_CUSTOMER),
    "stripe_get_invoices": services.failing(services.NO_CUSTOMER),
    "stripe_get_subscriptions": services.failing(services.NO_CUSTOMER),
    "stripe_set_default_source": services.failing(services.NO_CUSTOMER),
    "stripe_delete_source": services.failing(services.NO_SOURCE),
    "stripe_get_customer": services.failing(services.NO_STRIPE),
    "stripe_get_coupon": services.failing(services.NO_STRIPE),
    "stripe_create_source": services.failing(services.NO_STRIPE),
    "stripe_create_subscription": services.failing(services.NO_STRIPE),
    "stripe_cancel_subscription": services.failing(services.NO_STRIPE),
    "stripe_update_source": services.failing(services.NO_STRIPE),
    "stripe_update_subscription": services.failing(services.NO_STRIPE),
}

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
