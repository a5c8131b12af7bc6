"""The conat bridge of today's servers: methods of the hub, and of a project itself.

A method of the hub is `(world, caller, options) -> JSON`, one of a project `(world, project_id, options)
-> JSON`. The options are those of the catalog, by name, whatever form they travel in.

From the bottom up: arguments, database, editor, files, inherited, jupyter, project_api, projects, system.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.api.conat import inherited
from cocalc_magic.sandbox.api.conat.arguments import options_of
from cocalc_magic.sandbox.api.methods import Method, always, methods
from cocalc_magic.sandbox.domain.projects import VERSION
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

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
        "api.conat.project_api",
        "project:system.ping project:system.test project:system.signal project:system.terminate "
        "project:system.configuration",
    ),
    **methods("api.conat.project_api", "project:system.exec", blocking="command"),
    **methods(
        "api.conat.editor", "project:editor.newFile project:editor.jupyterStripNotebook", blocking="file"
    ),
    **methods("api.conat.editor", "project:editor.jupyterKernels"),
    **methods(
        "api.conat.files",
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

MAX_TIMEOUT = 2**31 - 1  # milliseconds; JavaScript's timers take more for none at all
_NOT_CALLABLE = "is not a function or its return value is not iterable"


def event_of(name: Any, *, of_project: bool) -> str:
    """Return a method's name in the catalog; what follows a second dot does not count, as recorded."""
    short = ".".join(name.split(".")[:2]) if isinstance(name, str) else ""
    return f"project:{short}" if of_project else short


@dataclass(frozen=True)
class Call:
    """A call of a method of the hub, or of a project.

    Args:
        timeout: Milliseconds that the answer may take.
        compute_server: The number of a compute server of the project, of which a sandbox has none.
    """

    caller: Caller
    name: Any
    args: Any
    timeout: float
    project_id: str | None = None
    compute_server: int = 0

    @property
    def event(self) -> str:
        """The method's name in the catalog."""
        return event_of(self.name, of_project=bool(self.project_id))

    def timed_out(self, error: str, code: str) -> Failed:
        """Return the bridge's failure of a call that it gave up."""
        if self.project_id:
            subject = f"project.{self.project_id}.{self.compute_server}.api.-"
        else:
            subject = f"hub.account.{self.caller.account_id}.api"
        return Failed(f"{error} - callHub: subject='{subject}', name='{self.name}', code='{code}' ")


def answer(world: World, call: Call) -> Any:
    """Return what the method returns. Raises `Failed`."""
    if call.timeout <= 0:
        raise call.timed_out("timeout must be positive", "undefined")
    if not 1 < call.timeout <= MAX_TIMEOUT or call.compute_server:
        raise call.timed_out("timeout - Error: operation has timed out", "408")
    method = _find(call)
    options = options_of(call.event, call.args) if call.event in METHODS else {}
    run = partial(method, world, call.project_id or call.caller, options)
    return _run_in_time(call, run) if method.blocking else run()


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


def _run_in_time(call: Call, run: Callable[[], Any]) -> Any:
    """Return what a method returns in the call's time; after that it goes on, and its result is dropped."""
    worker = ThreadPoolExecutor(1, thread_name_prefix="method")
    future = worker.submit(run)
    worker.shutdown(wait=False)
    done, _ = wait([future], call.timeout / 1000)
    if not done:
        raise call.timed_out("timeout", "408")
    return future.result()
