"""Names in the notebook for what a click has made; nothing of the person's own is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

FRAME = "df"


def keep_frame(namespace: MutableMapping[str, Any], frame: Any, earlier: Any = None) -> str:
    """Puts the frame into the namespace and gives its name.

    That is the name under which ``earlier`` still stands; else ``df``, or where something else has it
    ``df2``, ``df3`` and so on.
    """
    names = [FRAME, *(f"{FRAME}{number}" for number in range(2, len(namespace) + 2))]
    mine = (name for name in names if earlier is not None and namespace.get(name) is earlier)
    free = (name for name in names if name not in namespace)
    name = next(mine, None) or next(free)
    namespace[name] = frame
    return name
