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

_PAGE_OFF = (
    "account_creation_redirect_enabled sign_in_banner_enabled disable_project_creation cookie_banner_enabled "
    "commercial require_license_to_create_project ssh_gateway email_enabled verify_emails anonymous_signup "
    "anonymous_signup_licensed_shares share_server strict_collaborator_management landing_pages "
    "sandbox_projects_enabled openai_enabled google_vertexai_enabled mistral_enabled anthropic_enabled "
    "ollama_enabled custom_openai_enabled xai_enabled zai_enabled user_defined_llm neural_search_enabled "
    "jupyter_api_enabled compute_servers_enabled cloud_filesystems_enabled compute_servers_onprem_enabled "
    "compute_servers_hyperstack_enabled compute_servers_dns_enabled insecure_test_mode"
)
_PAGE_ON = "theming account_creation_redirect_allow_legacy datastore email_signup"
_PAGE_ZERO = (
    "max_trial_projects limit_free_project_uptime unlicensed_project_collaborator_limit "
    "unlicensed_project_timetravel_limit version_min_project version_min_browser _llm_markup"
)
_PAGE_VERSIONS = (
    "version_min_compute_server version_recommended_browser version_compute_server_min_project "
    "new_project_pool"
)
PAGE_SETTINGS: dict[str, Any] = {
    "site_name": SETTINGS["siteName"],
    "site_description": SETTINGS["siteDescription"],
    "terms_of_service": "",
    "account_creation_redirect_message": "",
    "account_creation_redirect_link_text": "",
    "account_creation_redirect_legacy_button_text": "",
    "sign_in_banner_link_text": "",
    "support_video_call": "",
    "cookie_banner_text": "",
    "kucalc": SETTINGS["kucalc"],
    "default_quotas": {},
    "max_upgrades": {},
    "llm_default_quota": 10,
    "compute_servers_dns": "",
    "samesite_remember_me": "strict",
    "user_tracking": "no",
    "country": "XX",
    **dict.fromkeys(_PAGE_OFF.split(), False),
    **dict.fromkeys(_PAGE_ON.split(), True),
    **dict.fromkeys(_PAGE_ZERO.split(), 0),
    **dict.fromkeys(_PAGE_VERSIONS.split(), "0"),
}
"""All that a page of today's site is told; what is an empty text on a server is left out there."""


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
