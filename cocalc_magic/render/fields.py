"""Any value of an answer, in the form that suits its shape: a card, facts, records, text, a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Block, Facts, Note, Title
from cocalc_magic.render.humanize import (
    fact_text,
    file_url,
    is_cut,
    is_many,
    label,
    linked,
    project_url,
)
from cocalc_magic.render.records import card, record_blocks
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import mask_named

MAX_FACTS = 120  # of one object; more are a tree
MAX_UNSET = 12  # names of unset fields
_MAX_FACT = 160  # characters
_MAX_LEVELS = 2  # of objects in a value on one line
_MAX_LINE = 200  # characters of a text that is a fact; a longer one is a block of its own
_MAX_OWN = 3  # fields with a block of their own


def value_blocks(value: Any, site: str = "") -> tuple[Block, ...]:
    """Return the value for people; `site` is the server's URL, for links."""
    if isinstance(value, Mapping):
        return _object_blocks(value, site)
    if isinstance(value, list | tuple):
        return _list_blocks(value, site)
    if isinstance(value, str) and value:
        return (text_block(value),)
    return (Facts((("value", fact_text("value", value, _MAX_FACT) or "null"),)),)


def _list_blocks(value: list[Any] | tuple[Any, ...], site: str) -> tuple[Block, ...]:
    if not value:
        return (Note("The answer is an empty list."),)
    if all(isinstance(item, Mapping) for item in value):
        if len(value) == 1 and (cards := card(value[0], site)):
            return (cards,)
        return record_blocks(value, site)
    if _stands_alone("values", value) or any(map(is_many, value)):
        return (tree(value),)
    return (Facts((("values", _fact("values", value)),)),)


def people_of(value: Any) -> list[Mapping[str, Any]] | None:
    """Return the records of an object whose names are ids of accounts; `None` for any other."""
    if not isinstance(value, Mapping) or not value:
        return None
    if not all(is_uuid(str(name)) and isinstance(person, Mapping) for name, person in value.items()):
        return None
    return [{"account_id": name, **person} for name, person in value.items()]


def _object_blocks(value: Mapping[str, Any], site: str) -> tuple[Block, ...]:
    if people := people_of(value):
        return record_blocks(people)
    if cards := card(value, site):
        return (cards,)
    return field_blocks(value, site)


def field_blocks(value: Mapping[str, Any], site: str = "") -> tuple[Block, ...]:
    """Return an object's fields: short ones as facts, others below under their names; unset ones last."""
    if len(value) > MAX_FACTS:
        return (tree(value),)
    known = {name: field for name, field in value.items() if field is not None and field not in ("", [], {})}
    own = {name: mask_named(str(name), field) for name, field in known.items() if _stands_alone(name, field)}
    pairs = [(label(name), _fact(name, field)) for name, field in known.items() if name not in own]
    pairs += _opens(value, site)
    blocks: list[Block] = [Facts(tuple(pairs))] if pairs else []
    for name in list(own)[:_MAX_OWN]:
        blocks += _named(name, own.pop(name), site)
    blocks += [tree(own)] if own else []
    return (*blocks, *_unset([label(name) for name in value if name not in known]))


def _opens(value: Mapping[str, Any], site: str) -> list[tuple[str, str]]:
    """Return where CoCalc opens what an object is about."""
    project, path = value.get("project_id"), value.get("path")
    url = file_url(site, project, path) or project_url(site, project)
    return [("opens at", linked(url, url))] if url else []


def _unset(names: list[str]) -> tuple[Block, ...]:
    more = f" and {len(names) - MAX_UNSET:,} more" if len(names) > MAX_UNSET else ""
    return (Note(cut(f"Not set: {', '.join(names[:MAX_UNSET])}{more}.", 600)),) if names else ()


def _fact(name: Any, value: Any) -> str:
    return fact_text(str(name), value, _MAX_FACT)


def _stands_alone(name: Any, value: Any) -> bool:
    """Return whether a value is too much for one line."""
    if is_many(value):
        return is_cut(_fact(name, value)) or not _is_flat(value, _MAX_LEVELS)
    return isinstance(value, str) and (len(value) > _MAX_LINE or "\n" in value.rstrip("\n"))


def _is_flat(value: Any, levels: int) -> bool:
    if not is_many(value):
        return True
    inner = value.values() if isinstance(value, Mapping) else value
    return levels > 0 and all(_is_flat(item, levels - 1) for item in inner)


def _named(name: Any, value: Any, site: str) -> tuple[Block, ...]:
    """Return a larger value below its name."""
    if isinstance(value, str):
        return (text_block(value, label(name)),)
    if isinstance(value, Mapping):
        if len(value) > MAX_FACTS or not _is_flat(value, 1):
            return (tree({name: value}),)
        return (Title(label(name)), *field_blocks(value))
    if all(isinstance(item, Mapping) for item in value):
        return (Title(label(name)), *record_blocks(value, site))
    return (tree({name: value}),)
