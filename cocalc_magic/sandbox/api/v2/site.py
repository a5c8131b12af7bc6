"""What a page may know of the site, and services that a sandbox has only the empty form of."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain.accounts import account_with
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

    Answer = Callable[[World, Caller | None, Mapping[str, Any]], Any]

NEWS = "news"  # the setting that holds them
_OLDEST = ("min_project", "min_compute_server", "min_browser", "recommended_browser",
           "compute_server_min_project")  # fmt: skip
_EMPTY = (
    "organizationName organizationEmail organizationURL termsOfServiceURL helpEmail contactEmail "
    "sshGatewayDNS accountCreationInstructions accountCreationRedirectUrl signInBannerMessage "
    "signInBannerUrl "
    "logoSquareURL logoRectangularURL splashImage googleAnalytics indexInfo indexTagline imprint policies "
    "support supportVideoCall dns zendesk stripePublishableKey reCaptchaKey sandboxProjectId githubProjectId "
    "cookieBannerText accountCreationRedirectMessage accountCreationRedirectLinkText "
    "accountCreationRedirectLegacyButtonText signInBannerLinkText"
)
_OFF = (
    "isCommercial sshGateway anonymousSignup anonymousSignupLicensedShares accountCreationRedirectEnabled "
    "signInBannerEnabled shareServer landingPages sandboxProjectsEnabled openaiEnabled googleVertexaiEnabled "
    "mistralEnabled anthropicEnabled xaiEnabled ollamaEnabled neuralSearchEnabled jupyterApiEnabled "
    "computeServersEnabled cloudFilesystemsEnabled verifyEmailAddresses cookieBannerEnabled"
)
SITE: dict[str, Any] = {
    "siteName": "Open CoCalc",  # as a server says that nobody has named
    "siteDescription": "An embedded CoCalc: a sandbox for lessons, tests and trying things out",
    "siteURL": "https://localhost",
    "kucalc": "no",
    "emailSignup": True,
    "accountCreationRedirectAllowLegacy": True,
    "strategies": [],
    "version": dict.fromkeys(_OLDEST, 0),
    **dict.fromkeys(_EMPTY.split(), ""),
    **dict.fromkeys(_OFF.split(), False),
}


def customize(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The site's settings, or those of the names in ``fields`` that it knows."""
    del world, caller
    fields = options.get("fields")
    if fields is None:
        return SITE
    if isinstance(fields, bool | int | float | dict):
        raise Failed("w is not iterable")
    wanted = [fields] if isinstance(fields, str) else fields
    return {name: SITE[name] for name in wanted if isinstance(name, str) and name in SITE}


def always(value: Any, account: bool = False) -> Answer:
    """An answer that is the same to everybody, or to every account."""

    def answer(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
        del world, options
        if account:
            auth.signed_in(caller)
        return value

    return answer


def never(words: str) -> Answer:
    """An answer that fails with these words, whatever was asked."""

    def answer(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
        del world, caller, options
        raise Failed(words)

    return answer


def get_balance_admin(world: World, caller: Caller | None, options: Mapping[str, Any]) -> int:
    """Nothing is billed."""
    del world, options
    if not auth.signed_in(caller).admin:
        raise Failed("must be an admin")
    return 0


def bookmarks(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """No file is marked: a sandbox has no page to do it in."""
    del world, caller
    return {
        "type": options.get("type"),
        "project_id": options.get("project_id"),
        "stars": [],
        "status": "success",
    }


def password_reset(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """No letter is sent; for an address that nobody has, the failure is the recorded one."""
    del caller
    address = options.get("email")
    if address is None or account_with(world, as_text(address)) is None:
        shown = "undefined" if address is None else as_text(address)
        raise Failed(f'There is no account with email "{shown}".')
    raise Failed("not answered by the sandbox: it sends no e-mail")


def token_action(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """There are no such tokens, since nothing is sent that could hold one."""
    del world, caller
    token = as_text(options.get("token"))
    if len(token) != 24:
        raise Failed(f"invalid token: '{token}'")
    raise Failed(f"The token '{token}' has expired or does not exist.")


def latex(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Nothing is typeset; a command can do it, where the machine has LaTeX."""
    del world
    auth.signed_in(caller)
    if not as_text(options.get("path") or "").endswith(".tex"):
        raise Failed("path must be specified and end in .tex")
    raise Failed("not answered by the sandbox: 'latex'; run latexmk by exec")


def get_license(world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """There are no licenses."""
    del world, caller
    raise Failed(f"no license with id {as_text(options.get('license_id'))}")


def public_path(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """``save``, ``star`` and ``unstar`` of what a project has published: looked up, and nothing more."""
    auth.signed_in(caller, "must be signed in to star")
    path_id = as_text(options.get("id"))
    if world.store.get("public_paths", path_id) is None:
        raise Failed(f"no public path with id={path_id}")
    return {}


# -- news ------------------------------------------------------------------------------------------


def list_news(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What administrators have written to everybody, the newest first."""
    del caller, options
    return [_headline(item) for item in _news(world) if not item["hide"]]


def _headline(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("id", "channel", "title", "text", "url", "date", "until")}


def edit_news(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Writes a new item, or another text of one."""
    if caller is None or not caller.admin:
        raise Failed("only admins can create/edit news items")
    for name in ("title", "text"):
        if not options.get(name):
            raise Failed(f"must provide {name}")
    with world.store.transaction():
        kept = _news(world)
        date = as_number(options["date"]) if options.get("date") is not None else time.time()
        names = ("channel", "title", "text", "url", "until", "tags")
        item = {
            **{name: options.get(name) for name in names},
            "date": int(date),
            "hide": bool(options.get("hide")),
        }
        known = [one for one in kept if one["id"] == options.get("id")]
        item["id"] = known[0]["id"] if known else max((one["id"] for one in kept), default=0) + 1
        others = [one for one in kept if one["id"] != item["id"]]
        world.settings.keep(NEWS, json.dumps([item, *others]))
    return {"id": item["id"], "success": True}


def _news(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(world.settings.get(NEWS) or "[]")
    return found


# -- what there is none of -------------------------------------------------------------------------

max_project_quotas = always(
    {"network": 1, "member_host": 1, "always_running": 1, "cores": 3, "memory": 16000, "disk_quota": 15000}
)
prices_project_quotas = always({"cores": 32, "memory": 4, "disk_quota": 0.25, "member_host": 4})
zero = always(0, account=True)
purchases = always({"purchases": [], "balance": 0}, account=True)
no_items = always([], account=True)
nothing_listed = always([])
no_files = always({"files": []})
no_listing = always(None)
available = always({"available": True}, account=True)
unlinked = always({"status": "ok"}, account=True)
sent_nothing = always({"status": "success"}, account=True)
no_support = never("Support not available -- admin must configure the Zendesk token")
no_ephemeral = never("Registration token required.")
no_control = never("NOT implemented yet")
no_templates = never("fetch failed")
no_model = never(
    "There is a problem calling ollama-0. Please try another model, a different prompt, or try again later. "
    "Error: Google GenAI is not enabled."
)
