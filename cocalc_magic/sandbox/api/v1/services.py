"""Messages to services that a sandbox lacks: they fail as on a server where none of them is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import require_collaborator
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

MAX_TEXT, MAX_FOUND = 4_000, 200  # characters of a search, and its hits
_NOT_ENABLED = "Qdrant neural search is not enabled."
_KINDS = (
    "professional",
    "premium",
    "standard",
    "large_course",
    "medium_course",
    "xsmall_course",
    "small_course",
)
_PLANS = {f"{kind}{version}" for kind in _KINDS for version in ("", "2")}
_MODELS = {"gpt-3.5-turbo": "GPT-3.5", "gpt-3.5-turbo-16k": "GPT-3.5-16k", "gpt-4": "GPT-4"}


def chatgpt(_world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Fail, since there is no language model."""
    model = as_text(options["model"] or "gpt-3.5-turbo")
    raise Thrown(
        f"There is a problem calling {_MODELS.get(model, model)}. Please try another model, a "
        "different prompt, or try again later. Error: openai not configured"
    )


# -- embeddings ------------------------------------------------------------------------------------


def openai_embeddings_search(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Fail: what may be searched is checked, but nothing is ever indexed."""
    scope = options["scope"]
    if not isinstance(scope, str | list):
        raise Thrown("scope must be a string or string[]")
    for place in [scope] if isinstance(scope, str) else scope:
        _check_scope(world, caller, place)
    _check_search(options)
    raise Thrown(_NOT_ENABLED)


def openai_embeddings_save(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return no ids for no data; anything else needs the service."""
    return _embed(world, caller, options, "save", 50)


def openai_embeddings_remove(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return no ids for no data; anything else needs the service."""
    return _embed(world, caller, options, "remove", 100)


def _embed(world: World, caller: Caller, options: Mapping[str, Any], verb: str, most: int) -> dict[str, Any]:
    data, project_id = options["data"], options["project_id"]
    if isinstance(data, str | list) and len(data) == 0:
        return {"ids": []}
    if isinstance(data, str | list) and len(data) > most:
        raise Thrown(f"you can {verb} at most {most} datum in one call")
    if not isinstance(data, list):
        raise Thrown("data must be an array")
    refusal = f"user must be collaborator on project with id {as_text(project_id)}"
    require_collaborator(world, caller, project_id, refusal)
    for item in data:
        _check_item(item if isinstance(item, dict) else {}, with_text=verb == "save")
    raise Thrown(_NOT_ENABLED)


def _check_item(item: Mapping[str, Any], *, with_text: bool) -> None:
    if not isinstance(item.get("id"), str) or not item["id"]:
        raise Thrown("you must specify the id for each item and it must be a nonempty string")
    if with_text and not (isinstance(item.get("text"), str) and item["text"]):
        raise Thrown("each item must have an nonempty text string")


def _check_scope(world: World, caller: Caller, place: Any) -> None:
    if not isinstance(place, str) or not place:
        raise Thrown("each entry in the scope must be a nonempty string")
    if "\\" in place:
        raise Thrown("scope may not include backslashes")
    if place.startswith("projects/"):
        project_id = place.split("/")[1]
        refusal = f"must be a collaborator on the project with id '{project_id}'"
        require_collaborator(world, caller, project_id, refusal)
    elif place not in ("share", "share/"):
        raise Thrown(f'scope "{place}" not supported')


def _check_search(options: Mapping[str, Any]) -> None:
    text, limit, words = options["text"], options["limit"], options["filter"]
    if text is not None:
        _check_text(text)
    if words is not None and not isinstance(words, dict | list):
        raise Thrown("if filter is not null it must be an object")
    if not isinstance(limit, int | float) or isinstance(limit, bool):
        raise Thrown("limit must be a number")
    if not 0 < limit <= MAX_FOUND:
        raise Thrown(f"limit must be a positive number up to {MAX_FOUND}")


def _check_text(text: Any) -> None:
    if not isinstance(text, str):
        raise Thrown("text must be a string")
    if not text.strip():
        raise Thrown("text must not be whitespace")
    if len(text) > MAX_TEXT:
        raise Thrown(f"text must be at most {MAX_TEXT} characters")


# -- billing ---------------------------------------------------------------------------------------


def stripe(text: str, failure: str) -> Callable[[World, Caller, Mapping[str, Any]], dict[str, Any]]:
    """Return a function that fails as on a server without billing, after checking an option for a text."""

    def answer(_world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
        if text and not isinstance(options.get(text), str):
            raise Thrown(f"mesg[{text}] must be a string")
        if text == "plan" and options["plan"].split("-")[0] not in _PLANS:
            raise Thrown(f"unknown plan -- '{options['plan']}'")
        if "info" in options and options["info"] is None:
            raise Thrown("mesg[info] must be defined")
        raise Thrown(failure)

    return answer
