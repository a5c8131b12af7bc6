"""An example of every form of secret, with the part of it that must show nowhere."""

from __future__ import annotations

import base64
from typing import NamedTuple

# Random letters, for these tests alone; the two of today with all the signs that base64url has.
KEYS = {
    "sk-cc-v2": "sk-cc-v2.aB3-_x9QmLk2pZ0T.Zy-8_kQw3rT5uI7oP9aS1dF2gH4jK6lZ8xC0vB5nM-_Q1",
    "sk-cocalc-v2": "sk-cocalc-v2.bC4_-y8RnMj3qX1U.Yx_7-jPv2qS4tH6nO8zR0cE1fG3hJ5kY7wB9uA4mL_-P2",
    "sk-": "sk-LeakCanary7Wq5Zk0000zX",
    "sk_ of 24": "sk_LeakCanary8Vp4Yj3Xh2Wg1Uf",
    "sk_ of 16": "sk_LeakCanary9Ur3T1",
}
"""Every form of API key, by what it begins with."""


def core(key: str) -> str:
    """The random part of a key that no list and no hint shows: sixteen characters in the middle of it."""
    return key.split(".")[2][2:18] if "." in key else key[3:-2][:16]


class Example(NamedTuple):
    """A text with a secret in it, as servers, headers and addresses have it."""

    text: str
    secret: str


_BASIC = {name: base64.b64encode(f"{key}:".encode()).decode() for name, key in KEYS.items()}
_COOKIE = "sha512$7d5ac1b0$1000$3f2a9c1e-5b7d-4e8f-9a0b-1c2d3e4f5a6b"

EXAMPLES = {
    **{f"key {name}": Example(key, core(key)) for name, key in KEYS.items()},
    **{f"key {name} after an escape": Example(rf"one\n{key}", core(key)) for name, key in KEYS.items()},
    **{f"key {name} in an address": Example(f"https://x.test/%3Fk%3D{key}", core(key)) for name, key in KEYS.items()},
    **{f"key {name} in Basic": Example(f"Basic {text}", text[6:30]) for name, text in _BASIC.items()},
    **{f"key {name} in base64": Example(f"got {text} here", text[6:30]) for name, text in _BASIC.items()},
    "handed over": Example(f"https://authenticated/?api_key={KEYS['sk-cc-v2']}&x=1", core(KEYS["sk-cc-v2"])),
    "session cookie": Example(f"Set-Cookie: remember_me={_COOKIE}; path=/; httponly", _COOKIE[7:]),
    "session cookie, encoded": Example(f"remember_me={_COOKIE.replace('$', '%24')}", _COOKIE[24:]),
    "session cookie of a base path": Example(f"Cookie: a=1; %2Flabremember_me={_COOKIE}", _COOKIE[7:]),
    "session cookie as JSON": Example('{"remember_me": "q7w5e3r1t9y2u4"}', "q7w5e3r1t9y2u4"),
    "the value of a cookie": Example(f"badly formatted: {_COOKIE}", _COOKIE[7:]),
    "session of express": Example("connect.sid=s%3Aq7w5e3r1t9y2u4.i6o8p0", "q7w5e3r1t9y2u4"),
    "sign-in token": Example("https://x.test/auth/impersonate?auth_token=AbCdEfGhIjKlMnOpQrStUvWx", "AbCdEfGhIjKl"),
    "sign-in link of a page": Example(
        "https://x.test/projects/1/files/a.md?fullscreen=kiosk&auth_token=AbCdEfGhIjKlMnOpQrStUvWx", "AbCdEfGhIjKl"
    ),
    "sign-in token in an address within": Example(
        "Location: /sso?target=%2Fauth%3Fauth_token%3DAbCdEfGhIjKlMnOp%26a%3Db", "AbCdEfGhIjKl"
    ),
    "poll token": Example('{"challenge_id": "c1", "poll_token": "p7O5l3L1t9K2e4N6"}', "p7O5l3L1t9K2e4N6"),
    "redeem token": Example("{'redeem_token': 'r7E5d3E1m9T2k4N6'}", "r7E5d3E1m9T2k4N6"),
    "retry token": Example("retry_token=r7E5t3R1y9T2k4N6", "r7E5t3R1y9T2k4N6"),
    "approval token": Example('{"approval_token": "a7P5p3R1o9V2a4L6"}', "a7P5p3R1o9V2a4L6"),
    "challenge token": Example("challengeToken: c7H5a3L1l9E2n4G6", "c7H5a3L1l9E2n4G6"),
    "session of a device, as JSON in a text": Example(
        r'{\"account_id\": \"3b9e2f60\", \"remember_me\": \"s7E5s3S1i9O2n4-_S8\"}', "s7E5s3S1i9O2n4-_S8"
    ),
    "secret token of a project": Example("secret_token: s7E5c3R1e9T2k4N6", "s7E5c3R1e9T2k4N6"),
    "registration token": Example("registrationToken=r7E5g3I1s9T2k4N6", "r7E5g3I1s9T2k4N6"),
    "api_key of unknown form": Example("Cookie: api_key=k7E5y3O1f9T2h4R6", "k7E5y3O1f9T2h4R6"),
    "Bearer": Example("Bearer b7E5a3R1e9R2t4K6n8", "b7E5a3R1e9R2t4K6n8"),
    "Authorization": Example("Authorization: Digest hunter2hunter", "hunter2hunter"),
    "Authorization in Python": Example("{'authorization': 'token hunterhunter'}", "hunterhunter"),
    "user and password in Basic": Example("Basic aXJpczpodW50ZXIy", "aXJpczpodW50ZXIy"),
    "password in an address": Example("http://iris:hunter2@proxy.test:3128/", "hunter2"),
    "token of another in a query": Example("https://x.test/sso?x_token=hunterhunter&a=b", "hunterhunter"),
    "password in a query": Example("/sign-in?email=a%40b.test&password=hunter2#top", "hunter2"),
}  # fmt: skip

HARMLESS = [
    "sk-learn notes",
    "https://lab.example/app?get_api_key=lesson",
    "https://lab.example/base/app?x=1&get_api_key=MyProgramOf2026",
    "/app%3Fget_api_key%3Dlesson-2026-spring",
    "get_api_key=MyProgramOf2026",
    "sk_linearregressionexamples",
    "sk-LinearRegressionExamples",
    "task-Aaaaaaaa0aaaaaaaaaaaaaaaaaaaa",
    "disk-abcdefghij0123456789",
    "flask_Abcdefghijkl0123456789",
    "sk-...00001n",
    "sk-cc...Q1w2e3r4",
    "sk-…1n",
    "sk-cc-v2.<key_id>.<secret>",
    "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "/home/user/sk-learn/lecture-03/data.csv",
    "~/.ssh/id_ed25519",
    "https://x.test/projects/3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833/files/sk-learn/?tab=1&key=section2#token",
    "auth_token=user_auth_token",
    "auth_token = get_token(20)",
    "api_key=os.environ['COCALC_API_KEY2']",
    "token: 7, max_tokens: 1024, tokens=[1234567890123]",
    "remember_me: Optional[str]",
    "basic responsibilities of the bearer of this letter",
    "Basic Introduction2Python3",
    "authorization: required",
    "You must provide authentication via an API key.",
    "http://localhost:8888/lab?reset",
    "https://x.test:443/a@b",
    "a7c0e1f2b3d4a5c6",
]
"""Texts that only look like it."""
