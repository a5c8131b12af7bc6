"""Messages to services that a sandbox has not: they fail as on a server where nothing is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

_NO_CUSTOMER = "Error: stripe customer not defined"
_NO_STRIPE = "Error: stripe publishable key is not set -- billing functionality not available"
_MODELS = {"gpt-3.5-turbo": "GPT-3.5", "gpt-3.5-turbo-16k": "GPT-3.5-16k", "gpt-4": "GPT-4"}


def _failing(words: str) -> Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]:
    """An answer that fails with these words, whatever was asked."""

    def answer(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
        del world, caller, options
        raise Failed(words)

    return answer


def chatgpt(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """There is no language model."""
    del world, caller
    model = as_text(options["model"] or "gpt-3.5-turbo")
    raise Failed(
        f"Error: There is a problem calling {_MODELS.get(model, model)}. Please try another model, a "
        "different prompt, or try again later. Error: openai not configured"
    )


def openai_embeddings_search(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing is ever indexed, so that no scope can be searched."""
    del world, caller
    raise Failed(f'Error: scope "{as_text(options["scope"])}" not supported')


def openai_embeddings_save(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """No ids for no data; anything else needs the service."""
    if not access.may_use(world, caller, options["project_id"]):
        raise Failed("Error: user must be collaborator on project")
    if options["data"]:
        raise Failed("Error: Qdrant neural search is not enabled.")
    return {"ids": []}


openai_embeddings_remove = openai_embeddings_save
create_support_ticket = get_support_tickets = _failing("deprecated")
purchase_license = _failing("DEPRECATED")

get_available_upgrades = _failing(_NO_CUSTOMER)
stripe_get_charges = _failing(_NO_CUSTOMER)
stripe_get_invoices = _failing(_NO_CUSTOMER)
stripe_get_subscriptions = _failing(_NO_CUSTOMER)
stripe_set_default_source = _failing(_NO_CUSTOMER)
stripe_delete_source = _failing("Error: no customer information so can't delete source")
stripe_get_customer = _failing(_NO_STRIPE)
stripe_get_coupon = _failing(_NO_STRIPE)
stripe_create_source = _failing(_NO_STRIPE)
stripe_create_subscription = _failing(_NO_STRIPE)
stripe_cancel_subscription = _failing(_NO_STRIPE)
stripe_update_source = _failing(_NO_STRIPE)
stripe_update_subscription = _failing(_NO_STRIPE)
