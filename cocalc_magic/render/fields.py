"""Any value of an answer, in the form that suits its shape: a card, facts, records, words, a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cocalc_magic.render.blocks import Block, Facts, Note, Title
from cocalc_magic.render.clean import cut, label, masked
from cocalc_magic.render.humanize import fact
from cocalc_magic.render.links import file_address, is_uuid, linked, project_address
from cocalc_magic.render.records import card, record_blocks
from cocalc_magic.render.trees import is_cut, is_many, tree
from cocalc_magic.render.truncate import text_block

FACTS = 120  # of one object; more are a tree
UNSET = 12  # names of fields that are told to be unset
_WORD = 80
_FACT = 160
_LEVELS = 2  # of objects in a value that is told on one line
_LONG = 200  # characters of a text that stands by itself
_OWN = 3  # fields of some size that each have a block


def value_blocks(value: Any, address: str = "") -> tuple[Block, ...]:
    """The value for people; ``address`` is the server's, for links."""
    if isinstance(value, Mapping):
        return _object_blocks(value, address)
    if isinstance(value, list | tuple):
        return _list_blocks(value, address)
    if isinstance(value, str) and value:
        return (text_block(value),)
    return (Facts((("value", fact("value", value, _FACT) or "null"),)),)


def _list_blocks(value: list[Any] | tuple[Any, ...], address: str) -> tuple[Block, ...]:
    if not value:
        return (Note("The answer is an empty list."),)
    if all(isinstance(one, Mapping) for one in value):
        if len(value) == 1 and (made := card(value[0], address)):
            return (made,)
        return record_blocks(value, address)
    if _stands_alone("values", value) or any(map(is_many, value)):
        return (tree(value),)
    return (Facts((("values", _shown("values", value)),)),)


def people_of(value: Any) -> list[Mapping[str, Any]] | None:
    """Records of an object whose names are the ids of accounts; ``None`` for any other."""
    if not isinstance(value, Mapping) or not value:
        return None
    if not all(is_uuid(name) and isinstance(one, Mapping) for name, one in value.items()):
        return None
    return [{"account_id": name, **one} for name, one in value.items()]


def _object_blocks(value: Mapping[str, Any], address: str) -> tuple[Block, ...]:
    if people := people_of(value):
        return record_blocks(people)
    if made := card(value, address):
        return (made,)
    return field_blocks(value, address)


def field_blocks(value: Mapping[str, Any], address: str = "") -> tuple[Block, ...]:
    """An object's fields: short ones as facts, others below under their names; what is unset is told last."""
    known = {name: one for name, one in value.items() if one is not None and one not in ("", [], {})}
    if len(value) > FACTS:
        return (tree(value),)
    own = {name: masked(str(name), one) for name, one in known.items() if _stands_alone(name, one)}
    pairs = [(_label(name), _shown(name, one)) for name, one in known.items() if name not in own]
    pairs += _opens(value, address)
    made: list[Block] = [Facts(tuple(pairs))] if pairs else []
    for name in list(own)[:_OWN]:
        made += _named(name, own.pop(name), address)
    made += [tree(own)] if own else []
    return (*made, *_unset([_label(name) for name in value if name not in known]))


def _opens(value: Mapping[str, Any], address: str) -> list[tuple[str, str]]:
    """Where what an object is about is opened in CoCalc."""
    project, path = value.get("project_id"), value.get("path")
    page = file_address(address, project, path) or project_address(address, project)
    return [("opens at", linked(page, page))] if page else []


def _unset(names: list[str]) -> tuple[Block, ...]:
    more = f" and {len(names) - UNSET:,} more" if len(names) > UNSET else ""
    return (Note(cut(f"Not set: {', '.join(names[:UNSET])}{more}.", 600)),) if names else ()


def _label(name: Any) -> str:
    return label(name, _WORD)


def _shown(name: Any, value: Any) -> str:
    return fact(str(name), value, _FACT)


def _stands_alone(name: Any, value: Any) -> bool:
    """Whether a value is too much for one line."""
    if is_many(value):
        return is_cut(_shown(name, value)) or not _is_flat(value, _LEVELS)
    return _is_long(value)


def _is_flat(value: Any, levels: int) -> bool:
    if not is_many(value):
        return True
    inner = value.values() if isinstance(value, Mapping) else value
    return levels > 0 and all(_is_flat(one, levels - 1) for one in inner)


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and (len(value) > _LONG or "\n" in value.rstrip("\n"))


def _named(name: Any, value: Any, address: str) -> tuple[Block, ...]:
    """A value of some size below its name."""
    if isinstance(value, str):
        return (text_block(value, _label(name)),)
    if isinstance(value, Mapping):
        if len(value) > FACTS or not _is_flat(value, 1):
            return (tree({name: value}),)
        return (Title(_label(name)), *field_blocks(value))
    if all(isinstance(one, Mapping) for one in value):
        return (Title(_label(name)), *record_blocks(value, address))
    return (tree({name: value}),)
