"""What requests are signed with, and how it is kept out of what comes back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from requests.auth import AuthBase

from cocalc_magic.config.secret import Secret, redact

if TYPE_CHECKING:
    import requests


class Credential(AuthBase):
    """What a request is signed with; as `auth` of a request it also keeps `~/.netrc` out.

    Signs nothing itself; what is in `secrets` is masked in all that comes back.
    """

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not come back."""
        return ()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the credential on it."""
        return request

    def received(self, answer: requests.Response) -> None:
        """Look at an answer before anything in it is masked."""

    def mask(self, text: str) -> str:
        """Take the secrets out of a text."""
        for secret in self.secrets:
            text = redact(text, secret)
        return text

    def mask_body(self, text: str) -> str:
        """Take the secrets out of the body of an answer."""
        return self.mask(text)


class NoAuth(Credential):
    """No key, for what is asked of strangers; one that the server may know is masked all the same."""

    def __init__(self, key: Secret) -> None:
        self.key = key

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The key, which does not travel."""
        return (self.key,)


class KeyAuth(NoAuth):
    """The key as Basic authentication."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the key on it."""
        pair = f"{self.key.reveal()}:".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request


class KeyCookie(KeyAuth):
    """The key as the one cookie of a request, where servers take it in no other form."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the key on it."""
        request.headers["Cookie"] = f"api_key={quote(self.key.reveal(), safe='')}"
        return request
