"""The web pages of the sandbox, without scripts or other origins, and small texts of a CoCalc site."""

from __future__ import annotations

import base64
import hashlib
import html
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cocalc_magic.design import page_tokens
from cocalc_magic.sandbox.domain.registration import is_required
from cocalc_magic.sandbox.domain.site import PAGE_SETTINGS
from cocalc_magic.sandbox.http.api_versions import SPOKEN
from cocalc_magic.sandbox.http.messages import Response, json_response, text_response
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.look import Look
    from cocalc_magic.sandbox.domain.cli_logins import Challenge
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

_STYLE = (
    page_tokens()
    + """
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--ccm-ground); color: var(--ccm-text);
  font: 1.05rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 0 auto; padding: 1.75rem 2rem 2rem; background: var(--ccm-surface);
  border: 1px solid var(--ccm-line); border-radius: .6rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.45rem; line-height: 1.25; }
.mark { margin: 0 0 .5rem; color: var(--ccm-muted); font-size: .85rem; letter-spacing: .04em; }
.logo { height: 1.75rem; max-width: 8rem; margin-right: .5rem; vertical-align: middle; }
.note { padding: .6rem .8rem; border-radius: .4rem; background: var(--ccm-warning-tint); }
.bad { padding: .6rem .8rem; border-radius: .4rem; background: var(--ccm-danger-tint);
  color: var(--ccm-danger); }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; margin-top: .25rem; padding: .55rem .65rem; border: 1px solid var(--ccm-line);
  border-radius: .4rem; background: var(--ccm-ground); color: var(--ccm-text); font: inherit; }
button { margin-top: 1.4rem; padding: .6rem 1.2rem; border: 0; border-radius: .4rem;
  background: var(--ccm-accent); color: var(--ccm-on-accent); font: inherit; font-weight: 600;
  cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--ccm-accent); outline-offset: 2px; }
code { font-size: .95em; }
"""
)
NOBODY = "'none'"  # of those that may frame a page


def headers_for(style: str, ancestors: str = NOBODY) -> tuple[tuple[str, str], ...]:
    """Return the headers of a page with this style, for the origins that may show it in a frame.

    Browsers apply form-action to the redirect after a form as well, so the host of the hand-over is in it.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        f"form-action 'self' https://authenticated; base-uri 'none'; frame-ancestors {ancestors}"
    )
    return (
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    )


HEADERS = headers_for(_STYLE)


def page(title: str, content: str, status: int = 200, look: Look | None = None) -> Response:
    """Return a page in the look of a product; `content` is HTML."""
    style = _STYLE + look_style(look)
    document = html_document(
        title, style, f"<main>\n{mark(look)}\n<h1>{html.escape(title)}</h1>\n{content}\n</main>"
    )
    return Response(status, "text/html; charset=utf-8", document, headers_for(style) if look else HEADERS)


def html_document(title: str, style: str, body: str) -> bytes:
    """Return a whole document; `body` is HTML."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
""".encode("utf-8", "replace")


def mark(look: Look | None) -> str:
    """Return the HTML of the line above a page: whose it is, and that it is a sandbox's."""
    if look is None:
        return '<p class="mark">CoCalc sandbox</p>'
    logo = f'<img class="logo" src="{look.logo}" alt="">' if look.logo else ""
    name = f"{html.escape(look.title)} · " if look.title else ""
    return f'<p class="mark">{logo}{name}CoCalc sandbox</p>'


def look_style(look: Look | None) -> str:
    """Return the style of a look's accent colour, on light and on dark pages."""
    if look is None or not look.accent:
        return ""
    light, dark = (
        "".join(f"--ccm-{name}: {value}; " for name, value in tokens.items()) for tokens in look.accents
    )
    return f":root {{ {light}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n"


def home(_world: World, _request: Request) -> Response:
    """Return the page at the sandbox's address."""
    return page(
        "This is a CoCalc sandbox",
        "<p>It answers the CoCalc API on this machine, for lessons, tests and trying things out: messages at "
        "<code>/api/v1/</code>, and what today's servers speak at <code>/api/v2/</code>.</p>"
        "<p>It is not isolated: commands run as the person who started it. It bills nothing and sends no "
        "e-mail.</p>",
    )


def about_app() -> Response:
    """Return the page of the app where no program asks for a key."""
    return page(
        "There is no app here",
        "<p>A CoCalc server has its web application at this address; a sandbox has none.</p>"
        "<p>A program that wants an API key opens <code>/app?get_api_key=NAME</code> with its name, and you "
        "sign in there.</p>",
    )


def key_access(
    app: str,
    form_token: str,
    look: Look | None,
    address: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    """Return the form that signs in and hands an API key over to the program of this name, in its look."""
    name = html.escape(app[:1].upper() + app[1:])
    action = f"/app?get_api_key={quote(app, safe='')}"
    form = _sign_in_form(action, form_token, address, error, "Sign in and hand over a key")
    return page(
        f"CoCalc API Key Access for {app[:1].upper()}{app[1:]}",
        f"""<p><strong>{name}</strong> asks for an API key. Sign in to give it one.</p>
<p class="note">With the key it can do all that you can, in all of your projects, until you delete the key
among the API keys of your account.</p>
{form}""",
        status,
        look,
    )


def cli_login(
    challenge: Challenge, form_token: str, address: str = "", error: str = "", status: int = 200
) -> Response:
    """Return the form that signs a program in."""
    name = html.escape(visible_line(challenge.client_kind or "A program"))
    action = f"/auth/cli-login/{challenge.challenge_id}"
    form = _sign_in_form(action, form_token, address or challenge.email or "", error, "Approve the sign-in")
    return page(
        "Sign a program in",
        f"""<p><strong>{name}</strong> asks to be signed in as you. Type your password to approve it.</p>
<p class="note">For eight hours it can do what you can do in a browser. If you have not asked for this, close
the page.</p>
{form}""",
        status,
    )


def cli_login_approved() -> Response:
    """Return the page that follows an approval."""
    return page("The program is signed in", "<p>You can close this page, and go back to the program.</p>")


def no_cli_login() -> Response:
    """Return the page for a sign-in that there is not, or not any more."""
    return page(
        "There is nothing to approve here", "<p>It was approved before, or is too old. Start again.</p>", 404
    )


def _sign_in_form(action: str, form_token: str, address: str, error: str, button: str) -> str:
    """Return the HTML of a form for address and password, with what went wrong before above it."""
    alert = f'<p class="bad" role="alert">{html.escape(error)}</p>' if error else ""
    first, second = ("", " autofocus") if address else (" autofocus", "")
    return f"""{alert}
<form method="post" action="{html.escape(action)}">
<input type="hidden" name="form_token" value="{html.escape(form_token)}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254"
 value="{html.escape(visible_line(address))}"{first}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="64"{second}>
<button type="submit">{html.escape(button)}</button>
</form>"""


# -- a CoCalc site, as recorded --------------------------------------------------------------------

CONFIGURATION = {
    "site_name": "CoCalc sandbox",
    "site_description": "An embedded CoCalc",
    "terms_of_service": "",
    "version_min_project": 0,
    "version_min_browser": 0,
    "version_recommended_browser": "0",
    "kucalc": "no",
    "new_project_pool": "0",
    "version_compute_server_min_project": "0",
    "compute_servers_dns": "",
    "jupyter_api_enabled": True,
    "country": "XX",
    "dns": "",
}


def customize(world: World, request: Request) -> Response:
    """Return what a page of the site may know about it."""
    fields: dict[str, Any] = {
        "configuration": CONFIGURATION,
        "registration": is_required(world),
        "strategies": [{"name": "email", "public": True}],
        "software": None,
    }
    if "conat" in SPOKEN[world.generation]:
        settings = {**PAGE_SETTINGS, "dns": request.headers.get("host", "")}
        fields |= {"configuration": settings, "ollama": {}, "custom_openai": {}}
    return json_response(200, fields)


def _text(content: str) -> Callable[[World, Request], Response]:
    """Return a handler that responds with this text."""
    return lambda *_: text_response(200, content)


robots = _text(f"User-agent: *\n{'':15}Allow: /share\n{'':15}Disallow: /\n{'':15}")
metrics = _text(
    '{"error":"Sharing of metrics at /metrics is disabled.  '
    'Metrics can be enabled in the site administration page."}'
)
zero = _text("0")
alive = _text("alive: YES")
