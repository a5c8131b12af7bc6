"""Read the options of a bridge's method from its arguments, with the failures of the recorded server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cocalc_magic.catalog import Message

# Methods of the hub that it does not write the caller into the arguments of.
_WITHOUT_CALLER = ("system.ping", "system.getCustomize", "system.getNames", "system.revokeUserAuthToken")
# Methods of a project that read no argument.
_WITHOUT_ARGUMENTS = ("project:ping", "project:system.ping", "project:system.test", "project:system.version",
                      "project:system.listJupyterKernels", "project:system.listRootfsBuilds",
                      "project:jupyter.kernels")  # fmt: skip


def options_of(message: Message, args: Any, first_read: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the options in a method's arguments, by the catalog. Raises `Failed` as recorded.

    Args:
        first_read: What servers read first of arguments that are missing, by event, where they do not take
            the options apart at once.
    """
    event = message.event
    arguments = _spread(event, args)
    if message.ordered:
        return dict(zip(message.ordered, arguments, strict=False))
    written = not event.startswith("project:") or event in _WITHOUT_ARGUMENTS
    options = _hub_options(arguments, event) if written else _project_options(arguments, message, first_read)
    if not message.within:
        return options
    inner = options.get(message.within)
    if not isinstance(inner, dict):
        raise Thrown("Cannot read properties of undefined (reading 'project_id')", kind="TypeError")
    return inner


def _spread(event: str, args: Any) -> Sequence[Any]:
    """Spread arguments as JavaScript does: a text into its characters."""
    if args is None and event in _WITHOUT_CALLER:
        raise Thrown("args2 is not iterable (cannot read property null)", kind="TypeError")
    if args is None and not event.startswith("project:"):
        raise Thrown("Cannot read properties of null (reading '0')", kind="TypeError")
    if isinstance(args, str | list):
        return args
    raise Thrown("Spread syntax requires ...iterable[Symbol.iterator] to be a function", kind="TypeError")


def _hub_options(arguments: Sequence[Any], event: str) -> Mapping[str, Any]:
    """Return the object that the hub writes the caller into, before the method sees it."""
    first = arguments[0] if arguments else None
    if isinstance(first, dict):
        return first
    if first is None or isinstance(first, list) or event in (*_WITHOUT_CALLER, *_WITHOUT_ARGUMENTS):
        return {}
    kind = "string" if isinstance(first, str) else "boolean" if isinstance(first, bool) else "number"
    raise Thrown(f"Cannot create property 'account_id' on {kind} '{as_text(first)}'", kind="TypeError")


def _project_options(
    arguments: Sequence[Any], message: Message, first_read: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return the object that a method of a project reads its options from; other values have none of them."""
    if arguments and arguments[0] is not None:
        return arguments[0] if isinstance(arguments[0], dict) else {}
    if message.event in first_read:
        name = first_read[message.event]
        raise Thrown(f"Cannot read properties of undefined (reading '{name}')", kind="TypeError")
    names = [option.name for option in message.options if option.name != "project_id"]
    if not names:
        return {}
    what, is_what = ("object null", "null") if arguments else ("undefined", "undefined")
    raise Thrown(
        f"Cannot destructure property '{names[0]}' of '{what}' as it is {is_what}.", kind="TypeError"
    )
