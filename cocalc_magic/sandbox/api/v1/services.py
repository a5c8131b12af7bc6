"""Messages to services that a sandbox lacks: they fail as on a server where none of them is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import may_use
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_NO_CUSTOMER = "Error: stripe customer not defined"
_NO_STRIPE = "Error: stripe publishable key is not set -- billing functionality not available"
_MODELS = {"gpt-3.5-turbo": "GPT-3.5", "gpt-3.5-turbo-16k": "GPT-3.5-16k", "gpt-4": "GPT-4"}


def _fail_with(words: str) -> Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]:
    """Return a function that fails with this text, whatever the options are."""

    def answer(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
        del world, caller, options
        raise Failed(words)

    return answer


def chatgpt(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Fail, since there is no language model."""
    del world, caller
    model = as_text(options["model"] or "gpt-3.5-turbo")
    raise Failed(
        f"Error: There is a problem calling {_MODELS.get(model, model)}. Please try another model, a "
        "different prompt, or try again later. Error: openai not configured"
    )


def openai_embeddings_search(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Fail, since nothing is ever indexed and no scope can be searched."""
    del world, caller
    raise Failed(f'Error: scope "{as_text(options["scope"])}" not supported')


def openai_embeddings_save(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return no ids for no data; anything else needs the service."""
    if not may_use(world, caller, options["project_id"]):
        raise Failed("Error: user must be collaborator on project")
    if options["data"]:
        raise Failed("Error: Qdrant neural search is not enabled.")
    return {"ids": []}


openai_embeddings_remove = openai_embeddings_save
create_support_ticket = get_support_tickets = _fail_with("deprecated")
purchase_license = _fail_with("DEPRECATED")

get_available_upgrades = _fail_with(_NO_CUSTOMER)
stripe_get_charges = _fail_with(_NO_CUSTOMER)
stripe_get_invoices = _fail_with(_NO_CUSTOMER)
stripe_get_subscriptions = _fail_with(_NO_CUSTOMER)
stripe_set_default_source = _fail_with(_NO_CUSTOMER)
stripe_delete_source = _fail_with("Error: no customer information so can't delete source")
stripe_get_customer = _fail_with(_NO_STRIPE)
stripe_get_coupon = _fail_with(_NO_STRIPE)
stripe_create_source = _fail_with(_NO_STRIPE)
stripe_create_subscription = _fail_with(_NO_STRIPE)
stripe_cancel_subscription = _fail_with(_NO_STRIPE)
stripe_update_source = _fail_with(_NO_STRIPE)
stripe_update_subscription = _fail_with(_NO_STRIPE)
