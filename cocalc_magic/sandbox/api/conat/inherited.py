"""Names that are no methods, but that every object of JavaScript inherits: real servers find them.

The hub calls what it finds to prepare the arguments, and calls it again with these; a project calls it once.
"""

from __future__ import annotations

from typing import Any

from cocalc_magic.sandbox.errors import Thrown

_OBJECTS = "__proto__"  # the prototype of all objects, whose own prototype is null
_FUNCTIONS = (
    *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"),
    *("valueOf", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
)
_OF_FUNCTIONS = ("apply", "bind", "call", *_FUNCTIONS, _OBJECTS)
_VALUES = ("length", "name")  # of functions, that are none
_SEALED = ("arguments", "caller")
_SEAL = (
    "'caller', 'callee', and 'arguments' properties may not be accessed on strict mode functions or the "
    "arguments objects for calls to them"
)


def call(group: str, name: str, *, is_group: bool, of_project: bool) -> Any:
    """Return what comes of calling an inherited name; `None` where there is no such one. Raises `Failed`.

    Args:
        is_group: Whether the first part of the name is that of a group of methods.
    """
    if group in _FUNCTIONS and name in _SEALED:
        raise Thrown(_SEAL, kind="TypeError")
    if _is_value(group, name, is_group):
        callee = "f" if of_project else "HubApiStructure[group]?.[functionName]"
        raise Thrown(f"{callee} is not a function", kind="TypeError")
    known = _OF_FUNCTIONS if group in _FUNCTIONS else _FUNCTIONS if is_group or group == _OBJECTS else ()
    if name not in known:
        return None
    if name == "toString" and group not in _FUNCTIONS:
        return "[object Undefined]"
    if name == "toLocaleString" and group not in _FUNCTIONS:
        raise Thrown("Object.prototype.toLocaleString called on null or undefined", kind="TypeError")
    if name.startswith("__define"):
        raise Thrown(f"Object.prototype.{name}: Expecting function", kind="TypeError")
    words = "Spread syntax requires ...iterable[Symbol.iterator] to be a function"
    raise Thrown("Cannot convert undefined or null to object" if of_project else words, kind="TypeError")


def _is_value(group: str, name: str, is_group: bool) -> bool:
    """Tell whether what is found cannot be called."""
    if group in _FUNCTIONS:
        return name in _VALUES or (group, name) == ("constructor", "prototype")
    return is_group and name == _OBJECTS
