"""The site as such: what a page may know of it, and reports of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World

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
SETTINGS: dict[str, Any] = {
    "siteName": "Open CoCalc",  # the default name of a server
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


def customize(fields: Any) -> dict[str, Any]:
    """Return the site's settings, or those of the names in `fields` that exist.

    Raises `Failed` for a value that is not a list of names.
    """
    if fields is None:
        return SETTINGS
    if isinstance(fields, bool | int | float | dict):
        raise Thrown("w is not iterable", kind="TypeError")
    names = [fields] if isinstance(fields, str) else fields
    return {name: SETTINGS[name] for name in names if isinstance(name, str) and name in SETTINGS}


def log_client_error(world: World, account_id: str, error: Any) -> None:
    """Store the report of an error that a client met."""
    text = cast(tables()["client_error_log"].column("error"), error)
    row = {"id": new_id(), "event": "error", "error": text, "account_id": account_id, "time": now()}
    world.store.insert("client_error_log", row)
