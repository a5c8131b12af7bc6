"""The API of cocalc.ai since July 2026, as its source says: scoped keys at the paths of API v2 and conat.

A method of API v2 and of the hub is `(world, caller, options) -> JSON`, one of a project `(world, project_id,
options) -> JSON`. Whoever calls it has passed the policy: who may do what is not looked at again here.

From the bottom up: access, accounts, exec, projects, files, site, cli_login, hub, project_api.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog import policy
from cocalc_magic.sandbox.api.ai import access, files, site
from cocalc_magic.sandbox.api.ai.exec import is_running
from cocalc_magic.sandbox.api.arguments import options_of
from cocalc_magic.sandbox.api.methods import Method, always, methods
from cocalc_magic.sandbox.domain.projects import VERSION, touch
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.api.ai.access import Sender
    from cocalc_magic.sandbox.api.bridge import Call
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

GENERATION = "ai"
V2 = {
    **methods(
        "api.ai.accounts",
        "accounts/profile accounts/get-names accounts/get-email-address accounts/set-name auth/has-password "
        "api-keys user-query",
    ),
    **methods("api.ai.projects", "projects/create projects/get-one projects/stop", blocking="file"),
    **methods(
        "api.ai.projects",
        "projects/get projects/update projects/start projects/touch projects/course/set-course-info",
    ),
    "projects/collaborators/list": Method("api.ai.projects.list_members"),
    **methods("api.ai.files", "projects/copy-path", blocking="file"),
    **methods("api.ai.files", "projects/copy-url"),
    **methods("api.ai.exec", "exec", blocking="command"),
    **methods(
        "api.ai.cli_login",
        "auth/cli/login/start auth/cli/login/status auth/cli/login/redeem auth/cli/login/approve "
        "auth/cli/challenge-info auth/cli/session-status",
    ),
    **methods(
        "api.ai.site",
        "customize file-access auth/requires-token auth/sign-in-method auth/verify-second-factor "
        "auth/bootstrap purchases/get-service-cost",
    ),
    "support/tickets": Method("api.ai.site.support_tickets"),
    "news/get": Method("api.ai.site.get_news"),
    "software/activate": Method("api.ai.site.activate"),
    "auth/email/start": Method("api.ai.site.start_email"),
    "auth/email/exchange": Method("api.ai.site.exchange_email"),
    **dict.fromkeys(("auth/email/status", "auth/email/resend"), Method("api.ai.site.no_email_flow")),
    "auth/password-strength": Method("domain.sign_up.password_strength"),
    **dict.fromkeys(("bookmarks/add", "bookmarks/remove", "bookmarks/set"), Method("domain.bookmarks.add")),
    **methods("domain.bookmarks", "bookmarks/get"),
    # What a sandbox has none of.
    **dict.fromkeys(("auth/sso-strategies", "news/list", "projects/filename-search"), always([])),
    "news/events": always({"upcoming": [], "past": []}),
    "purchases/get-membership-tiers": always({"tiers": []}),
    "software/status": always({"activated": True}),
    "accounts/send-verification-email": always({"status": "success"}),
    **dict.fromkeys(("purchases/get-balance", "purchases/get-min-balance"), always(0)),
    **dict.fromkeys(
        (
            *("purchases/get-live-subscriptions", "purchases/get-unpaid-invoices"),
            *("purchases/get-cost-per-day", "purchases/get-statements", "purchases/get-subscriptions"),
        ),
        always([]),
    ),
    "purchases/get-charges-by-service": always({}),
}
"""Names of API v2 that are played; those that deal with cookies are not here."""

BRIDGE = {
    **methods(
        "api.ai.hub",
        "system.ping system.getNames projects.getProjectState projects.getProjectAddress "
        "projects.getProjectCreated projects.getProjectRunQuota",
    ),
    **methods("api.ai.hub", "projects.createProject", blocking="file"),
    **methods("api.ai.hub", "projects.exec", blocking="command"),
    "project:ping": always("pong"),
    "project:system.version": always(VERSION),
    **methods(
        "domain.project_calls", "project:system.ping project:system.signal project:system.configuration"
    ),
    **methods("api.ai.project_api", "project:system.exec", blocking="command"),
    **methods(
        "domain.project_files",
        "project:system.moveFiles project:system.renameFile project:system.realpath "
        "project:system.readTextFileFromProject project:system.writeTextFileToProject",
        blocking="file",
    ),
    **methods("api.ai.project_api", "project:system.listing project:jupyter.stripNotebook", blocking="file"),
    **methods("api.ai.project_api", "project:jupyter.kernels project:jupyter.kernelLogo"),
    **methods("api.ai.project_api", "project:system.readRootfsBuildLog"),
    "project:system.listRootfsBuilds": always([]),
    "project:jupyter.apiExecute": Method("domain.jupyter.execute_in_project", blocking="command"),
}
"""Methods of the hub and of projects that are played, by their names in the catalog."""

CHECKS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "projects/copy-path": files.check_copy,
    "projects/copy-url": files.check_url,
    "auth/sign-up": site.check_sign_up,
}
"""What a name of API v2 says of its options before the policy has looked at who asks."""

WAIT = 0.05  # seconds between looks at a project that is waited for
MAX_WAIT = 60.0  # seconds that it is waited for at most, whatever a call allows
_FIRST_READ = {"project:system.exec": "path"}  # of arguments that are missing
# Members of every object of JavaScript, which the hub finds where it looks a method up.
_MEMBERS = (
    *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"),
    *("valueOf", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
)


# -- API v2 ----------------------------------------------------------------------------------------


def check(world: World, name: str, sender: Sender, options: Mapping[str, Any]) -> None:
    """Raise `Failed` where a name of API v2 refuses its sender."""
    access.check(world, policy.rules("v2")[name], sender, options, CHECKS.get(name))


def answer(world: World, name: str, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Return what a name of API v2 answers to those whom the policy lets through. Raises `Failed`."""
    if name not in V2:
        raise Thrown(f"not answered by the sandbox: '{name}'")
    return V2[name](world, caller, options)


# -- the hub ---------------------------------------------------------------------------------------


def check_hub(world: World, sender: Sender, called: Mapping[str, Any]) -> None:
    """Raise `Failed` where the hub refuses a call; methods that there are not, it refuses like others."""
    rules = policy.rules(policy.HUB)
    name, args = called.get("name"), called.get("args")
    first = args[0] if isinstance(args, list) and args else None
    options = first if isinstance(first, dict) else {}
    access.check(world, policy.bridge(policy.HUB), sender, options)
    if isinstance(name, str) and name in rules:
        access.check(world, rules[name], sender, options, of_hub=True)
        return
    if name in _MEMBERS:
        raise _member_refused(str(name), options.get("project_id"))
    shown = as_text(name) if "name" in called else "undefined"
    raise Thrown(policy.texts()["hub method"].format(name=shown))


def _member_refused(name: str, project_id: Any) -> Thrown:
    """Return the refusal of a name that every object has: its text stands where a capability should."""
    texts = policy.texts()
    if not (isinstance(project_id, str) and project_id.strip()):
        return Thrown(texts["no project"])
    member = "[object Object]" if name == "__proto__" else f"function {name}() {{ [native code] }}"
    return Thrown(texts["capability of project"].format(capability=member, project=project_id.strip()))


def answer_hub(world: World, call: Call) -> Any:
    """Return what a method of the hub returns; its failures say where they come from. Raises `Failed`."""
    call.check_time()
    method, message = BRIDGE[call.event], catalog.messages(GENERATION)[call.event]
    try:
        options = options_of(message, call.args, _FIRST_READ)
        run = partial(method, world, call.caller, options)
        return call.run_in_time(run) if method.blocking else run()
    except Failed as problem:
        if " - callHub: " in as_text(problem.error):
            raise
        where = f"subject='{call.subject}', name='{call.name}', code='unknown'"
        raise Failed(f"{as_text(problem.text)} - callHub: {where}") from None


# -- projects --------------------------------------------------------------------------------------


def check_project(world: World, sender: Sender, options: Mapping[str, Any]) -> None:
    """Raise `Failed` where the project bridge refuses a call, whatever it calls."""
    access.check(world, policy.rules(policy.PROJECT)["ping"], sender, options)


def answer_project(world: World, call: Call) -> Any:
    """Return what a function of a project returns; one that does not run is waited for. Raises `Failed`."""
    call.check_time()
    project_id = str(call.project_id)
    ends = time.monotonic() + min(call.timeout / 1000, MAX_WAIT)
    while not is_running(world, project_id):
        if time.monotonic() >= ends:
            raise call.timed_out("timeout", "408")
        time.sleep(WAIT)
    touch(world, call.caller, project_id)
    method, message = _find(call), catalog.messages(GENERATION)[call.event]
    options = options_of(message, call.args, _FIRST_READ)
    if method is None:
        raise Thrown(f"not answered by the sandbox: '{call.name}'")
    run = partial(method, world, project_id, options)
    return call.run_in_time(run) if method.blocking else run()


def _find(call: Call) -> Method | None:
    """Return the function of a call; `None` for one that the sandbox does not do.

    Raises `Failed` as the project does for what there is not.
    """
    name, event = call.name, call.event
    if name is None:
        raise Thrown("Cannot read properties of undefined (reading 'split')", kind="TypeError")
    if event in BRIDGE:
        return BRIDGE[event]
    group = as_text(name).partition(".")[0]
    names = policy.rules(policy.PROJECT)
    known = [full.partition(".")[2] for full in names if full.startswith(f"{group}.")]
    if not known and name not in ("isReady", "waitUntilReady"):
        raise Thrown("Cannot convert undefined or null to object", kind="TypeError")
    if event.partition(".")[2] in known:
        return None
    listed = ", ".join(known)
    raise Thrown(f"unknown function '{as_text(name)}' -- available functions are [{listed}]")
