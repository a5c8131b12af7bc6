"""Requests that sign somebody in or out: `auth/…` of API v2, and what belongs to it.

What they carry is hidden from tracebacks, and masked in all that comes back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cocalc_magic.client.transport import DEFAULT_TIMEOUT, Credential, Transport
from cocalc_magic.client.wire.messages import WireRequest, error_text
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import NotCoCalc, SignInRefused
from cocalc_magic.sanitize import cut, visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.config import Server

LARGEST_ANSWER = 1024 * 1024  # bytes


class Body:
    """The JSON body of a request, hidden from what inspects variables, such as tracebacks."""

    def __init__(self, options: Mapping[str, Any], **secrets: Secret) -> None:
        revealed = {name: secret.reveal() for name, secret in secrets.items()}
        self._text = Secret(json.dumps({**options, **revealed}))

    def __iter__(self) -> Iterator[bytes]:
        yield self._text.reveal().encode()

    def __len__(self) -> int:
        return len(self._text.reveal())


class AuthRequests:
    """Requests to one server.

    Args:
        server: The server.
        credential: What authenticates them, and the secrets to mask in what comes back.
        otherwise: What to do where the server has no such sign-in.
    """

    def __init__(self, server: Server, credential: Credential, *otherwise: str) -> None:
        self.server, self._credential, self._otherwise = server, credential, otherwise
        self._transport = Transport(server)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def post(self, name: str, body: Body) -> dict[str, Any]:
        """Post to API v2 and return the answer, which may be a refusal in words.

        Raises:
            NotCoCalc: The server has no such message, or sends elsewhere.
            SignInRefused: It was asked too often.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        request, limit = WireRequest.of_json(f"/api/v2/{name}", {}), self.server.timeout or DEFAULT_TIMEOUT
        reply = self._transport.request(request, limit, self._credential, body=body, max_bytes=LARGEST_ANSWER)
        if reply.absent:
            raise NotCoCalc(
                f"{self.server.name} has no sign-in for programs: it is older than API v2, or not a CoCalc.",
                *self._otherwise,
            )
        if reply.status == 429:
            raise SignInRefused(
                f"{self.server.name} takes no sign-in just now: too many attempts.",
                "Wait a minute. After many wrong passwords in an hour it takes longer.",
                http_response=reply,
            )
        if reply.location:
            raise NotCoCalc(
                f"{self.server.name} sends elsewhere ({reply.http}), to {cut(reply.location, 200)}.",
                "The sign-in does not go there. If that is the right address, use it in place of this one.",
            )
        answer = reply.decode({500: "It broke over this; is the address right?"})
        if not isinstance(answer, dict):
            raise NotCoCalc(f"{self.server.name} answers with JSON that is not a CoCalc's.")
        if answer.get("wrong_bay"):
            home = home_of(self.server, answer) or "another address"
            raise SignInRefused(
                f"{self.server.name} signs this account in at {home}.",
                "The sign-in does not go there. If you know that address, use it in place of this one.",
            )
        return answer


def home_of(server: Server, answer: Mapping[str, Any]) -> str:
    """Return the address at which the server keeps an account, to be shown; empty where it is its own."""
    text = answer.get("home_bay_url")
    if not isinstance(text, str) or not text:
        return ""
    own, other = (_origin(address) for address in (server.url, text))
    return "" if own == other else cut(visible_line(other), 200)


def _origin(address: str) -> str:
    """Return scheme, host and port of an address; empty for a text that is not one."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{f':{port}' if port else ''}" if parts.hostname else ""


def server_words(answer: Mapping[str, Any]) -> str:
    """Return the server's own words for a refusal, short and printable."""
    text = error_text(answer.get("error")).removeprefix("Problem signing into account -- ")
    return cut("".join(sign if sign.isprintable() else " " for sign in text), 300).rstrip(". ") + "."
