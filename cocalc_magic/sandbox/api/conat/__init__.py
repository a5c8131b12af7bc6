"""The conat bridge of today's servers: methods of the hub, and of a project itself.

A method of the hub is `(world, caller, options) -> JSON`, one of a project `(world, project_id, options)
-> JSON`. The options are those of the catalog, by name, whatever form they travel in.

From the bottom up: database, editor, inherited, jupyter, projects, system.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.api import bridge
from cocalc_magic.sandbox.api.arguments import options_of
from cocalc_magic.sandbox.api.bridge import event_of
from cocalc_magic.sandbox.api.conat import inherited
from cocalc_magic.sandbox.api.methods import Method, always, methods
from cocalc_magic.sandbox.domain.projects import VERSION
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

METHODS = {
    **methods(
        "api.conat.system",
        "system.ping system.test system.getNames system.userSearch system.manageApiKeys system.getCustomize "
        "system.userTracking system.revokeUserAuthToken system.logClientError system.adminResetPasswordLink "
        "system.adminSalesloftSync system.terminate",
    ),
    **methods("api.conat.system", "system.generateUserAuthToken", blocking="password"),
    **methods(
        "api.conat.projects",
        "projects.createProject projects.copyPathBetweenProjects projects.stop projects.deleteProject",
        blocking="file",
    ),
    **methods(
        "api.conat.projects",
        "projects.removeCollaborator projects.addCollaborator projects.inviteCollaborator "
        "projects.inviteCollaboratorWithoutAccount projects.setQuotas projects.start projects.touch "
        "projects.state projects.status",
    ),
    "projects.changeUserType": Method("domain.members.change_group"),
    **methods(
        "api.conat.database",
        "db.userQuery db.touch db.fileUseTimes db.getLegacyTimeTravelInfo db.getLegacyTimeTravelPatches "
        "db.removeBlobTtls sync.history",
    ),
    **methods("domain.messages", "messages.send messages.get"),
    **methods(
        "domain.organizations",
        "org.getAll org.create org.get org.set org.addAdmin org.addUser org.createToken org.expireToken "
        "org.getUsers org.message org.removeUser org.removeAdmin",
    ),
    **methods("domain.organizations", "org.createUser", blocking="password"),
    **methods("api.conat.jupyter", "jupyter.execute", blocking="command"),
    **methods("api.conat.jupyter", "jupyter.kernels project:system.stopJupyterKernel", blocking="file"),
    **methods("api.conat.jupyter", "project:system.listJupyterKernels"),
    "project:system.jupyterExecute": Method("domain.jupyter.execute_in_project", blocking="command"),
    "project:ping": always("pong"),
    "project:system.version": always(VERSION),
    **methods(
        "domain.project_calls",
        "project:system.ping project:system.test project:system.signal project:system.terminate "
        "project:system.configuration",
    ),
    **methods("domain.project_calls", "project:system.exec", blocking="command"),
    **methods(
        "api.conat.editor", "project:editor.newFile project:editor.jupyterStripNotebook", blocking="file"
    ),
    **methods("api.conat.editor", "project:editor.jupyterKernels"),
    **methods(
        "domain.project_files",
        "project:system.listing project:system.deleteFiles project:system.moveFiles "
        "project:system.renameFile project:system.realpath project:system.canonicalPaths "
        "project:system.readTextFileFromProject project:system.writeTextFileToProject",
        blocking="file",
    ),
    # A sandbox bills, tracks and sends nothing, and has no editor.
    **dict.fromkeys(("purchases.getBalance", "purchases.getMinBalance"), always(0)),
    **dict.fromkeys(
        (
            *("system.webappError", "system.sendEmailVerification", "system.deletePassport"),
            *("system.userSalesloftSync", "project:sync.close"),
        ),
        always(None),
    ),
}

_NOT_CALLABLE = "is not a function or its return value is not iterable"
# What the recorded server reads first of arguments that are missing.
_FIRST_READ = {"project:system.exec": "compute_server_id"}


@dataclass(frozen=True)
class Call(bridge.Call):
    """A call, which may be for a compute server of the project, of which a sandbox has none."""

    compute_server: int = 0


def call_of(
    caller: Caller, name: Any, args: Any, timeout: float, project_id: str | None = None, server: int = 0
) -> Call:
    """Return a call of the hub, or of a project."""
    subject = f"project.{project_id}.{server}.api.-" if project_id else f"hub.account.{caller.account_id}.api"
    return Call(caller, name, args, timeout, subject, project_id, server)


def answer(world: World, call: Call) -> Any:
    """Return what the method returns. Raises `Failed`."""
    call.check_time()
    if call.compute_server:
        raise call.timed_out("timeout - Error: operation has timed out", "408")
    method, event = _find(call), call.event
    message = catalog.messages("conat").get(event) if event in METHODS else None
    options = options_of(message, call.args, _FIRST_READ) if message else {}
    run = partial(method, world, call.project_id or call.caller, options)
    return call.run_in_time(run) if method.blocking else run()


def _find(call: Call) -> Method:
    """Return the method of a call. Raises `Failed` as recorded."""
    name, event = call.name, call.event
    if name is None:
        raise Thrown("Cannot read properties of undefined (reading 'split')", kind="TypeError")
    if not isinstance(name, str):
        raise Thrown(f"name.split {_NOT_CALLABLE}", kind="TypeError")
    if event in METHODS:
        return METHODS[event]
    if (result := _inherited(call)) is not None:
        return always(result)
    if event in catalog.messages("conat"):
        raise Thrown(f"the sandbox does not do '{name}'")
    raise Thrown(f"unknown function '{as_text(name)}'")


def _inherited(call: Call) -> Any:
    """Return what a name gives that no method has, but every object; `None` for others. Raises `Failed`."""
    of_project = bool(call.project_id)
    group, _, name = call.event.removeprefix("project:").partition(".")
    prefix = event_of(f"{group}.", of_project=of_project)
    is_group = bool(group) and any(known.startswith(prefix) for known in METHODS)
    return inherited.call(group, name, is_group=is_group, of_project=of_project)
