"""What each method of the conat bridge does: those of the hub and those of a project itself.

A method of the hub is ``(world, caller, options) -> JSON``, one of a project ``(world, project_id,
options) -> JSON``. The options are those of the catalog, by name, whatever form they travel in. A
method raises :class:`~cocalc_magic.sandbox.errors.Failed`; its module is loaded when it is first
asked for.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.domain import whole
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cocalc_magic.sandbox.world import World

    Method = Callable[[World, Any, Mapping[str, Any]], Any]

SUBJECTS: dict[str, str] = {
    "api.conat.system": "system.ping system.test system.getNames system.userSearch system.manageApiKeys "
    "system.getCustomize system.generateUserAuthToken system.revokeUserAuthToken system.userTracking "
    "system.logClientError system.webappError system.adminResetPasswordLink system.sendEmailVerification "
    "system.deletePassport system.adminSalesloftSync system.userSalesloftSync system.terminate",
    "api.conat.projects": "projects.createProject projects.copyPathBetweenProjects projects.removeCollaborator "
    "projects.addCollaborator projects.inviteCollaborator projects.inviteCollaboratorWithoutAccount "
    "projects.changeUserType projects.setQuotas projects.start projects.stop projects.deleteProject "
    "projects.touch projects.state projects.status",
    "api.conat.database": "db.userQuery db.touch db.fileUseTimes db.getLegacyTimeTravelInfo db.removeBlobTtls "
    "sync.history purchases.getBalance purchases.getMinBalance",
    "api.conat.jupyter": "jupyter.kernels jupyter.execute project:system.jupyterExecute "
    "project:system.listJupyterKernels project:system.stopJupyterKernel",
    "domain.messages": "messages.send messages.get",
    "domain.organizations": "org.getAll org.create org.get org.set org.addAdmin org.addUser org.createUser "
    "org.createToken org.expireToken org.getUsers org.message org.removeUser org.removeAdmin",
    "api.conat.project_api": "project:ping project:system.ping project:system.test project:system.version "
    "project:system.exec project:system.signal project:system.terminate project:system.configuration "
    "project:sync.close",
    "api.conat.files": "project:system.listing project:system.deleteFiles project:system.moveFiles "
    "project:system.renameFile project:system.realpath project:system.canonicalPaths "
    "project:system.readTextFileFromProject project:system.writeTextFileToProject",
}
METHODS = {name: subject for subject, names in SUBJECTS.items() for name in names.split()}
"""Method -> its module below ``answers``, where a function has its name in Python's spelling."""

WAITS = {
    "jupyter.execute": "command",
    "jupyter.kernels": "file",
    "projects.createProject": "file",
    "projects.copyPathBetweenProjects": "file",
    "projects.stop": "file",
    "projects.deleteProject": "file",
    "system.generateUserAuthToken": "password",
    "org.createUser": "password",
    "project:system.exec": "command",
    "project:system.jupyterExecute": "command",
    "project:system.stopJupyterKernel": "file",
    **dict.fromkeys(SUBJECTS["api.conat.files"].split(), "file"),
}
"""Methods that may wait, and for what: they are given threads."""

BARE = ("db.userQuery", "system.terminate", "project:system.exec", "project:system.terminate")
"""Methods whose failures come without JavaScript's name of the error before them."""

# What the recorded server reads first of arguments that are not there.
_FIRST_READ = {"project:system.exec": "Cannot read properties of undefined (reading 'compute_server_id')"}
# Methods of the hub whose arguments it does not write the caller into.
_UNSEEN = ("system.ping", "system.getCustomize", "system.getNames", "system.revokeUserAuthToken")
_NOT_CALLABLE = "is not a function or its return value is not iterable"
_GROUPS = {"": "HubApiStructure", "project:": "ProjectApiStructure"}


def find(name: Any, event: str) -> Method:
    """The method of this name, which is ``event`` in the catalog. Raises :class:`Failed` as recorded."""
    if name is None:
        raise Failed("TypeError: Cannot read properties of undefined (reading 'split')")
    if not isinstance(name, str):
        raise Failed(f"TypeError: name.split {_NOT_CALLABLE}")
    if event in METHODS:
        return _load(event)
    start = "project:" if event.startswith("project:") else ""
    if event.endswith(".__proto__"):
        raise Failed(f"TypeError: {_GROUPS[start]}[group]?.[functionName] is not a function")
    if event in catalog.messages("conat"):
        raise Failed(f"the sandbox does not do '{name}'")
    raise Failed(f"unknown function '{as_text(name)}'")


@cache
def _load(event: str) -> Method:
    function = "pong" if event == "project:ping" else event.removeprefix("project:").rpartition(".")[2]
    module = import_module(f"cocalc_magic.sandbox.{METHODS[event]}")
    method: Method = getattr(module, "".join(f"_{c.lower()}" if c.isupper() else c for c in function))
    return method if event in WAITS else whole(method)


def options_of(event: str, args: Any) -> Mapping[str, Any]:
    """The options in a method's arguments, by the catalog. Raises :class:`Failed` as recorded."""
    message = catalog.messages("conat")[event]
    given = _spread(event, args)
    if message.ordered:
        return dict(zip(message.ordered, given, strict=False))
    of_hub = not event.startswith("project:")
    first = _first(given, event) if of_hub or event in ANYTHING else _read(given, event)
    if not message.within:
        return first
    inner = first.get(message.within)
    if not isinstance(inner, dict):
        raise Failed("TypeError: Cannot read properties of undefined (reading 'project_id')")
    return inner


ANYTHING = ("project:ping", "project:system.ping", "project:system.test", "project:system.version",
            "project:system.listJupyterKernels")  # fmt: skip
"""Methods of a project that look at no argument."""


def _spread(event: str, args: Any) -> Sequence[Any]:
    """Arguments as JavaScript spreads them: a text by its characters."""
    if args is None and event in _UNSEEN:
        raise Failed("TypeError: args2 is not iterable (cannot read property null)")
    if args is None and not event.startswith("project:"):
        raise Failed("TypeError: Cannot read properties of null (reading '0')")
    if isinstance(args, str | list):
        return args
    raise Failed("TypeError: Spread syntax requires ...iterable[Symbol.iterator] to be a function")


def _first(given: Sequence[Any], event: str) -> Mapping[str, Any]:
    """The object that the hub writes the caller into, before the method sees it."""
    first = given[0] if given else None
    if isinstance(first, dict):
        return first
    if first is None or isinstance(first, list) or event in (*_UNSEEN, *ANYTHING):
        return {}
    kind = "string" if isinstance(first, str) else "boolean" if isinstance(first, bool) else "number"
    raise Failed(f"TypeError: Cannot create property 'account_id' on {kind} '{as_text(first)}'")


def _read(given: Sequence[Any], event: str) -> Mapping[str, Any]:
    """The object that a method of a project reads its options from; another value has none of them."""
    if given and given[0] is not None:
        return given[0] if isinstance(given[0], dict) else {}
    if event in _FIRST_READ:
        raise Failed(f"TypeError: {_FIRST_READ[event]}")
    what = "undefined" if not given else "object null"
    name = next(one.name for one in catalog.messages("conat")[event].options if one.name != "project_id")
    raise Failed(f"TypeError: Cannot destructure property '{name}' of '{what}' as it is {what.split()[-1]}.")
