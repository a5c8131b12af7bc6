"""Names in the notebook's namespace for DataFrames that a click makes, without overwriting anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

FRAME = "df"


def keep_frame(namespace: MutableMapping[str, Any], frame: Any, earlier: Any = None) -> str:
    """Store the frame in the namespace and return its name.

    That is the name which `earlier` still has; else `df`, or if that is taken `df2`, `df3` and so on.
    """
    names = [FRAME, *(f"{FRAME}{number}" for number in range(2, len(namespace) + 2))]
    mine = (name for name in names if earlier is not None and namespace.get(name) is earlier)
    free = (name for name in names if name not in namespace)
    name = next(mine, None) or next(free)
    namespace[name] = frame
    return name
