"""Access checks of API v2: the catalog has the words of each name for those whom it refuses."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog.types import NO_ADMINISTRATOR, NO_COLLABORATOR, NOBODY
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.errors import Failed, StorageFailed, Thrown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def event_of(name: str) -> str:
    """Return the name of a path in the catalog, where a name of one segment has a leading slash."""
    return name if "/" in name else f"/{name}"


def words(name: str, when: str) -> str | None:
    """Return the words of a name for those whom it refuses; `None` where it does not refuse them itself."""
    message = catalog.get(event_of(name), "v2")
    return message.refusal(when) if message else None


def refused(name: str, when: str) -> Thrown:
    """Return the failure of a name that refuses somebody itself."""
    text = words(name, when)
    assert text is not None, f"{name} has no words where {when}"  # noqa: S101 - a gap of our own data
    return Thrown(text)


def require_caller(caller: Caller | None, name: str) -> Caller:
    """Return the caller. Raises `Failed` where there is none."""
    if caller is None:
        raise refused(name, NOBODY)
    return caller


def require_admin(caller: Caller | None, name: str) -> Caller:
    """Return the caller, an administrator. Raises `Failed` for nobody and for others."""
    caller = require_caller(caller, name)
    if not caller.admin:
        raise refused(name, NO_ADMINISTRATOR)
    return caller


def require_collaborator(world: World, caller: Caller, project_id: Any, name: str) -> str:
    """Return the id of a project that the caller is in. Raises `Failed`."""
    return access.require_collaborator(world, caller, project_id, str(words(name, NO_COLLABORATOR)))


def require_project_id(project_id: Any) -> str:
    """Return the id of a project, which some names look at before anything else. Raises `Failed`."""
    if not access.is_uuid(project_id):
        raise Thrown("project_id must be a valid uuid")
    return str(project_id)


def acting_as(caller: Caller, options: Mapping[str, Any], name: str) -> str:
    """Return the account that an administrator names, else the caller's. Raises `Failed`."""
    if not options.get("account_id"):
        return caller.account_id
    require_admin(caller, name)
    return str(options["account_id"]).lower()


def to_accounts(name: str, value: Any) -> Callable[[World, Caller | None, Any], Any]:
    """Return a function that answers with this value, to signed-in callers alone."""

    def answer(_world: World, caller: Caller | None, _options: Any) -> Any:
        require_caller(caller, name)
        return value

    return answer


@contextmanager
def without_texts(shown: str | None = None) -> Iterator[None]:
    """Lose what is passed on as text: most names show the text of an Error alone, which a text has not."""
    try:
        yield
    except (StorageFailed, Thrown):
        raise
    except Failed:
        raise Failed(shown) from None
