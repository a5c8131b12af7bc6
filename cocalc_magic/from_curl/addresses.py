"""Parse the address of a request: server, API, message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax

if TYPE_CHECKING:
    from cocalc_magic.from_curl.references import References

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_API = re.compile(r"(.*?)/api/(?:(v1|v2|conat)/(.+?)|(?!(?:v1|v2|conat)/?$)(.+?))/?", re.DOTALL)
_HERE = re.compile(r"(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)", re.IGNORECASE)
_API_OF_NAME = {"v1": "v1", "v2": "v2", "conat": "conat", "hub": "conat"}


@dataclass(frozen=True)
class Address:
    """Where a request goes.

    `server` is empty where only the shell knows it (`$url/user-query`); `api` is `v1`, `v2`,
    `conat`, or empty for paths of no known API. `name` is what follows, `path` all from `/api` on.
    """

    server: str
    api: str
    name: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    credentials: str = ""
    assumed: bool = False


def parse(url: str, references: References) -> Address:
    """Parse the address of a message.

    Raises:
        InvalidSyntax: For what is not an address, or is that of something else.
    """
    if not _SCHEME.match(url) and not references.inside(url[: url.find("/") if "/" in url else None]):
        url = f"{'http' if _HERE.match(url) else 'https'}://{url}"
    try:
        parts = urlsplit(url)
        _ = parts.port if not references.inside(parts.netloc) else None
    except ValueError as problem:
        raise InvalidSyntax(
            f"the address of the curl command can't be read: {problem}.",
            "It looks like https://cocalc.example.edu",
        ) from None
    _refuse_globs(parts.path)
    path = unquote(parts.path, errors="surrogateescape")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    user, at, host = parts.netloc.rpartition("@")
    match = _API.fullmatch(path)
    if match is None:
        return _below_variable(url, path, query, references)
    base, api, name, other = match.groups()
    server = f"{parts.scheme}://{host}{base}"
    if references.inside(server):
        server = ""
    return Address(server, api or "", name or other, path[len(base) :], query, user if at else "")


def _refuse_globs(path: str) -> None:
    if re.search(r"[{}\[\]]", path):
        raise InvalidSyntax(
            "{…} and […] in an address mean several addresses to curl.", "Paste the command for one of them."
        )


def _below_variable(
    url: str, path: str, query: tuple[tuple[str, str], ...], references: References
) -> Address:
    """Return the address where a variable holds all that is before the message's name."""
    name = references.without(path).strip("/") if references.inside(path) else ""
    variables = [reference.expression.lower() for reference in references.inside(url)]
    if not name or len(variables) != 1 or references.inside(name):
        raise InvalidSyntax(
            "this curl command is for no message of CoCalc.",
            "Its address ends with /api/v1/EVENT, /api/v2/… or /api/conat/hub",
        )
    hinted = next((api for word, api in _API_OF_NAME.items() if word in variables[0]), "")
    api = hinted or next((api for api in ("v1", "v2") if known(api, name)), "")
    api = api or ("conat" if name in ("hub", "project") else "v2")
    return Address("", api, name, f"/api/{api}/{name}", query, assumed=True)


def known(api: str, name: str) -> bool:
    """Return whether an API of messages with addresses of their own has this one."""
    return catalog.by_api(api, event(api, name)) is not None


def event(api: str, name: str) -> str:
    """Return the name under which the catalog has a message of v1 or v2."""
    return name if api == "v1" or "/" in name else f"/{name}"
