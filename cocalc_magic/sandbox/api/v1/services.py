"""Messages to services that a sandbox lacks: they fail as on a server where none of them is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import may_use
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_MODELS = {"gpt-3.5-turbo": "GPT-3.5", "gpt-3.5-turbo-16k": "GPT-3.5-16k", "gpt-4": "GPT-4"}


def chatgpt(_world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Fail, since there is no language model."""
    model = as_text(options["model"] or "gpt-3.5-turbo")
    raise Thrown(
        f"There is a problem calling {_MODELS.get(model, model)}. Please try another model, a "
        "different prompt, or try again later. Error: openai not configured"
    )


def openai_embeddings_search(_world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Fail, since nothing is ever indexed and no scope can be searched."""
    raise Thrown(f'scope "{as_text(options["scope"])}" not supported')


def openai_embeddings_save(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return no ids for no data; anything else needs the service."""
    if not may_use(world, caller, options["project_id"]):
        raise Thrown("user must be collaborator on project")
    if options["data"]:
        raise Thrown("Qdrant neural search is not enabled.")
    return {"ids": []}
