"""What each name of API v2 does: ``(world, caller or None, options) -> JSON``, by subject.

Where it is what a message of v1 does, the answer of v1 does it, and only the words of failures and the
form of the result are made here. An answer raises :class:`~cocalc_magic.sandbox.errors.Failed`; its
module is loaded when it is first asked for.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

    Answer = Callable[[World, Caller | None, Mapping[str, Any]], Any]

ANSWERS = {
    "customize": "api.v2.site.customize",
    "exec": "api.v2.exec.execute",
    "user-query": "api.v2.query.user_query",
    "api-keys": "domain.keys.api_keys",
    "accounts/profile": "api.v2.people.profile",
    "accounts/get-names": "api.v2.people.get_names",
    "accounts/search": "api.v2.people.search",
    "accounts/set-name": "api.v2.people.set_name",
    "accounts/get-email-address": "api.v2.people.get_email_address",
    "accounts/ban": "api.v2.people.ban",
    "accounts/remove-ban": "api.v2.people.remove_ban",
    "accounts/set-email-address": "api.v2.accounts.set_email_address",
    "accounts/set-password": "api.v2.accounts.set_password",
    "accounts/send-verification-email": "api.v2.site.sent_nothing",
    "auth/has-password": "api.v2.accounts.has_password",
    "auth/password-strength": "api.v2.accounts.password_strength",
    "auth/requires-token": "api.v2.accounts.requires_token",
    "auth/sign-up": "api.v2.accounts.sign_up",
    "auth/password-reset": "api.v2.site.password_reset",
    "auth/sso-strategies": "api.v2.site.nothing_listed",
    "auth/unlink-strategy": "api.v2.site.unlinked",
    "auth/ephemeral": "api.v2.site.no_ephemeral",
    "projects/create": "api.v2.projects.create",
    "projects/get": "api.v2.projects.get",
    "projects/get-one": "api.v2.projects.get_one",
    "projects/update": "api.v2.projects.update",
    "projects/start": "api.v2.projects.start",
    "projects/stop": "api.v2.projects.stop",
    "projects/touch": "api.v2.projects.touch",
    "projects/delete": "api.v2.projects.delete",
    "projects/restore": "api.v2.projects.restore",
    "projects/set-admin-quotas": "api.v2.projects.set_admin_quotas",
    "projects/course/set-course-info": "api.v2.projects.set_course_info",
    "projects/call": "api.v2.project_call.call",
    "projects/write-text-file": "api.v2.files.write_text_file",
    "projects/copy-path": "api.v2.files.copy_path",
    "projects/copy-path-status": "api.v2.files.copy_path_status",
    "projects/copy-url": "api.v2.files.copy_url",
    "projects/filename-search": "api.v2.site.no_items",
    "projects/collaborators/add": "api.v2.collaborators.add",
    "projects/collaborators/remove": "api.v2.collaborators.remove",
    "projects/collaborators/list": "api.v2.collaborators.list_all",
    "projects/collaborators/change-user-type": "api.v2.collaborators.change_user_type",
    "jupyter/kernels": "api.v2.jupyter.kernels",
    "jupyter/execute": "api.v2.jupyter.execute",
    "messages/send": "api.v2.messages.send",
    "messages/get": "api.v2.messages.get",
    "file-access": "api.v2.site.no_files",
    "public-paths/listing-cached": "api.v2.site.no_listing",
    "public-paths/save": "api.v2.site.public_path",
    "public-paths/star": "api.v2.site.public_path",
    "public-paths/unstar": "api.v2.site.public_path",
    "bookmarks/get": "api.v2.site.bookmarks",
    "news/list": "api.v2.site.list_news",
    "news/edit": "api.v2.site.edit_news",
    "token-action": "api.v2.site.token_action",
    "licenses/get-license": "api.v2.site.get_license",
    "licenses/get-managed": "api.v2.site.nothing_listed",
    "licenses/get-projects": "api.v2.site.nothing_listed",
    "licenses/check-disk-name": "api.v2.site.available",
    "purchases/get-balance": "api.v2.site.zero",
    "purchases/get-min-balance": "api.v2.site.zero",
    "purchases/get-spend-rate": "api.v2.site.zero",
    "purchases/get-balance-admin": "api.v2.site.get_balance_admin",
    "purchases/get-purchases": "api.v2.site.purchases",
    "purchases/get-subscriptions": "api.v2.site.no_items",
    "purchases/get-live-subscriptions": "api.v2.site.no_items",
    "purchases/get-statements": "api.v2.site.no_items",
    "purchases/get-unpaid-invoices": "api.v2.site.no_items",
    "purchases/get-max-project-quotas": "api.v2.site.max_project_quotas",
    "purchases/get-prices-project-quotas": "api.v2.site.prices_project_quotas",
    "shopping/cart/get": "api.v2.site.no_items",
    "shopping/cart/recent-purchases": "api.v2.site.no_items",
    "vouchers/recent-vouchers": "api.v2.site.no_items",
    "support/create-ticket": "api.v2.site.no_support",
    "support/tickets": "api.v2.site.no_support",
    "llm/evaluate": "api.v2.site.no_model",
    "openai/chatgpt": "api.v2.site.no_model",
    "latex": "api.v2.site.latex",
    "compute/control": "api.v2.site.no_control",
    "compute/get-templates": "api.v2.site.no_templates",
}
"""Name -> module and function, below ``answers``."""

WAITS = {
    "exec": "command",
    "projects/call": "command",
    "jupyter/execute": "command",
    "jupyter/kernels": "file",
    "projects/create": "file",
    "projects/get-one": "file",
    "projects/stop": "file",
    "projects/delete": "file",
    "projects/write-text-file": "file",
    "projects/copy-path": "file",
    "auth/sign-up": "password",
    "accounts/set-email-address": "password",
    "accounts/set-password": "password",
}
"""Answers that may wait, and for what: they are given threads."""


@cache
def find(name: str) -> Answer:
    """What answers a name of :data:`ANSWERS`."""
    module, _, function = ANSWERS[name].rpartition(".")
    answer: Answer = getattr(import_module(f"cocalc_magic.sandbox.{module}"), function)
    return answer if name in WAITS else whole(answer)
