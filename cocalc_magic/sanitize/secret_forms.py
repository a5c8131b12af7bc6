"""The forms of secrets: keys, session cookies, tokens and passwords. Every mask and refusal reads this table.

Keys of others are as secret as one's own, and what is displayed, logged or saved may contain any. To add a
form, add a line to `FORMS`, or a word to the names below it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

HIDDEN = "•••"
KEY, SESSION, TOKEN = "key", "session cookie", "sign-in token"  # kinds of secrets that CoCalc gives
_BESIDE = 1_024  # characters before and behind a cut in which a secret is looked for

# Where a word begins, which may be after an escape that ends in letters: "\nsk-…" as JSON, "%20sk-…".
_ESCAPED = r"(?<=\\[bfnrt])|(?<=%5C[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})"
_START = rf"(?:(?<![A-Za-z0-9])|{_ESCAPED})"
_NAME_START = rf"(?:(?<![A-Za-z])|{_ESCAPED})"
# Random letters: with a digit, or with capitals that begin no words (sk-LinearRegression is a title); or
# exactly as many as keys of 2023 to 2026 have. Names such as sk_linearregressionexamples are none.
_RANDOM = (
    r"(?:(?=[A-Za-z]*[0-9])|(?=[a-z]*[A-Z])(?!(?:[A-Z]?[a-z]{2,})+(?![A-Za-z0-9]))"
    r"|(?<=sk-)(?=[A-Za-z0-9]{22}(?![A-Za-z0-9])))"
)
# What stands for a value in an address, a header or a cookie. It is bounded, so that hostile texts take no
# time; and a whole one: what goes on as code does (token=get_token()) is none, nor what is masked already.
_SIGN = r"[\w.~+/%=$!*@-]"
_END = r"(?![\w.~+/%=$!*@(\[-])"
_MASKED = r"(?!sk[-_]…)"
_RANDOM_VALUE = rf"(?P<secret>{_MASKED}(?={_SIGN}{{0,80}}\d){_SIGN}{{12,8192}}){_END}"
_SIGN_IN = (
    r"(?:auth|poll|redeem|retry|approval|challenge|access|refresh|registration|reset|id|secret)[_-]?token"
    r"|(?<!get[_-])api[_-]?key"  # get_api_key=NAME says which program asks for one
)
_QUOTE = r"(?:\\{0,31}[\"']){0,6}"  # also as JSON in a text has it, CSV, and a shell
_IS = rf"(?:=|{_QUOTE}\s{{0,9}}:\s{{0,9}}){_QUOTE}"  # NAME=value, NAME: value, "NAME": "value"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern, compiled when it is first needed."""
    return re.compile(pattern)


class Form(NamedTuple):
    """One form of a secret in a text: the group `secret` of `pattern`, or the whole match.

    `pattern` is a regular expression, made ready when it is first needed: loading should not wait for it.
    `marks` are texts in small letters of which one is there wherever the pattern matches: looking for
    them is faster. `check` says of a match whether it is one, where a pattern can't.
    """

    kind: str
    pattern: str
    marks: tuple[str, ...]
    check: Callable[[str], bool] = bool

    @property
    def regex(self) -> re.Pattern[str]:
        """The pattern, ready to search with."""
        return _compiled(self.pattern)


class Span(NamedTuple):
    """The place of a secret in a text, and its kind."""

    start: int
    end: int
    kind: str


def _of_basic(text: str) -> bool:
    """Return whether a text is base64 of `user:password`, as Basic authentication has it."""
    return ":" in _decoded(text)


def _of_key(text: str) -> bool:
    """Return whether a text is base64 of an API key, with whatever stands after it."""
    return any(span.start == 0 for span in _spans(_decoded(text), KEYS))


def _decoded(text: str) -> str:
    """Return what is printable in base64; empty where it is something else."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return decoded if decoded.isprintable() else ""


def _in_address(names: str) -> str:
    """Return a parameter of an address, also of one that is written into another."""
    return (
        rf"(?i)(?:[?&#;]|%3F|%26|%23)[\w.-]{{0,64}}(?:{names})(?:=|%3D)"
        rf"(?P<secret>{_MASKED}(?:(?!%26|%23){_SIGN}){{1,8192}})(?:(?=%26|%23)|{_END})"
    )


KEYS = (
    # cocalc.ai, since 2026: sk-cc-v2.<16>.<43> of base64url, and sk-cocalc-v2.… a little before.
    Form(KEY, r"(?a)sk-(?:cc|cocalc)-v\d\.[\w-]{1,64}\.[\w-]{12,128}", ("sk-cc-v", "sk-cocalc-v")),
    # CoCalc of 2017 to 2026: sk_<24>, then sk_<16>, then sk-<22> of letters and digits.
    Form(KEY, rf"{_START}sk[-_]{_RANDOM}[A-Za-z0-9]{{16,200}}", ("sk-", "sk_")),
)
"""The forms of API keys."""

FORMS = (
    *KEYS,
    Form(KEY, r"c2(?:st|tf)[A-Za-z0-9+/]{16,320}={0,2}", ("c2st", "c2tf"), _of_key),
    # The cookie of a session; a server with a base path puts that before the name.
    Form(SESSION, rf"(?i)(?:remember_me|connect\.sid){_IS}{_RANDOM_VALUE}", ("remember_me", "connect.sid")),
    # Its value; what a server keeps of a password looks alike.
    Form(
        SESSION,
        r"sha512(?P<sign>\$|%24)[0-9A-Za-z]{1,128}(?P=sign)\d{1,9}(?P=sign)[0-9A-Fa-f-]{8,256}",
        ("sha512$", "sha512%24"),
    ),
    # What signs somebody in, or takes part in it, by its name.
    Form(
        TOKEN,
        rf"(?i){_NAME_START}(?:{_SIGN_IN}){_IS}{_RANDOM_VALUE}",
        ("token", "api_key", "api-key", "apikey"),
    ),
    Form(TOKEN, _in_address(_SIGN_IN), ("token", "api_key", "api-key", "apikey")),
    Form("token in an address", _in_address(r"token|secret|password|passwd"), ("token", "secret", "passw")),
    Form(
        "credentials",
        rf"(?i){_NAME_START}authorization{_IS}(?:basic|bearer|digest|token)\s{{1,9}}"
        rf"(?P<secret>{_MASKED}{_SIGN}{{4,8192}}){_END}",
        ("authorization",),
    ),
    Form("credentials", rf"{_NAME_START}[Bb]earer\s{{1,9}}{_RANDOM_VALUE}", ("bearer",)),
    Form(
        "credentials",
        rf"{_NAME_START}[Bb]asic\s{{1,9}}(?P<secret>[A-Za-z0-9+/]{{6,8192}}={{0,2}})",
        ("basic",),
        _of_basic,
    ),
    Form("password", r"://[^\s/:@]{0,256}:(?P<secret>[^\s/@•…]{1,256}?)(?=@|%40)", ("://",)),
)
"""All forms; where two overlap, the first gives the kind."""

HANDOVER_HOST = "authenticated"  # no real host: CoCalc's sign-in page hands a key over to it
_HANDED_OVER = re.compile(rf"https?://{HANDOVER_HOST}/?\?\S*api_key=\S+", re.IGNORECASE)

MARKS = tuple({mark for form in FORMS for mark in form.marks})
"""Texts in small letters of which one is in every text with a secret."""

_A_KEY = re.compile(r"sk[-_][0-9A-Za-z]{12,200}|sk-(?:cc|cocalc)-v\d\.[\w-]{1,64}\.[\w-]{1,128}", re.ASCII)

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SECRET_WORDS = frozenset(
    {
        *("password", "passwords", "passwd", "passphrase", "passcode", "pwd"),
        *("secret", "secrets", "token", "credential", "credentials"),
        *("cookie", "authorization", "apikey", "bearer", "otp", "totp"),
    }
)
_SECRET_PAIRS = frozenset(
    {
        *("api key", "private key", "secret key", "access key", "auth key", "encryption key"),
        *("remember me", "connect sid", "auth header"),
        *("reset code", "recovery code", "backup code", "verification code", "password reset"),
    }
)
_DOUBTFUL_WORDS = frozenset({"pass", "pw", "pin", "key", "auth", "code", "signature", "nonce"})
_SAY_MORE = frozenset({"id", "hash", "value", "text", "confirm", "confirmation", "repeat", "again"})
_NOT_SECRET = frozenset({"get_api_key"})  # the name of the program that asks for one


def find_secrets(text: str) -> list[Span]:
    """Return the secrets in a text, from left to right, without overlaps."""
    return _spans(text, FORMS)


def typed_secrets(text: str) -> list[Span]:
    """Return the secrets of CoCalc in what a person types: keys, cookies of sessions, sign-in tokens."""
    return [span for span in _spans(text, FORMS) if span.kind in (KEY, SESSION, TOKEN)]


def is_handed_over(text: str) -> bool:
    """Return whether a text contains the address by which CoCalc's sign-in page hands a key over."""
    return _HANDED_OVER.search(text) is not None


def has_typed_secret(*texts: str) -> bool:
    """Return whether one of these texts, as a person types them, may hold a secret of CoCalc."""
    return any(typed_secrets(text) or is_handed_over(text) for text in texts)


def mask_secrets(text: str) -> str:
    """Mask the secrets in a text: a key becomes its hint (`sk-…1n`), all others `•••`."""
    spans = _spans(text, FORMS)
    if not spans:
        return text
    ends = [0, *(span.end for span in spans)]
    kept = [text[end : span.start] + _mask(text, span) for end, span in zip(ends, spans, strict=False)]
    return "".join([*kept, text[ends[-1] :]])


def around_secret(text: str, place: int) -> tuple[int, int]:
    """Return where a text can be cut without splitting a secret: at the place, or before and behind one.

    A part of a secret would not be recognised any more.
    """
    first = max(0, place - _BESIDE)
    for span in find_secrets(text[first : place + _BESIDE]):
        if first + span.start < place < first + span.end:
            return first + span.start, first + span.end
    return place, place


def is_key(text: str) -> bool:
    """Return whether a text, as a whole, has the form of an API key of any CoCalc."""
    return _A_KEY.fullmatch(text) is not None


def hint(key: str) -> str:
    """Return what identifies a key, as CoCalc's settings page shows it: `sk-…1n`."""
    return f"{key[:3]}…{key[-2:]}" if len(key) >= 16 else HIDDEN


@lru_cache(1024)  # it is asked for every cell of a table
def is_secret_name(name: str, *, doubtful: bool = False) -> bool:
    """Return whether a field of this name holds a secret: `api_key`, `newPassword`, `token_id`.

    `doubtful` includes words that may mean one (`pin`, `code`, `key`), for names without a description.
    """
    if name in _NOT_SECRET:
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and words[-1] in _SAY_MORE:
        words.pop()
    if not words or words[-1] in _SECRET_WORDS or " ".join(words[-2:]) in _SECRET_PAIRS:
        return bool(words)
    return doubtful and words[-1] in _DOUBTFUL_WORDS


def mask_value(value: Any) -> Any:
    """Mask the values with the name of a secret in a JSON value, at any depth."""
    if isinstance(value, Mapping):
        return {name: mask_named(str(name), mask_value(inner)) for name, inner in value.items()}
    return [mask_value(inner) for inner in value] if isinstance(value, list | tuple) else value


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Apply a function to every text of a JSON value, names included."""
    if isinstance(value, Mapping):
        return {map_texts(name, change): map_texts(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [map_texts(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def mask_texts(value: Any) -> Any:
    """Mask the secrets in all texts of a JSON value, names included."""
    return map_texts(value, mask_secrets)


def mask_named(name: str, value: Any) -> Any:
    """Mask a value by its name, if that is of a secret; numbers stay."""
    if not value or isinstance(value, int | float) or not is_secret_name(name):
        return value
    return HIDDEN


def _spans(text: str, forms: tuple[Form, ...]) -> list[Span]:
    small = text.lower()
    marks = {mark for mark in MARKS if mark in small}
    if not marks:  # as in nearly every cell of a table
        return []
    spans: list[Span] = []
    for form in forms:
        if not marks.isdisjoint(form.marks):
            group = "secret" if "secret" in form.regex.groupindex else 0
            matches = form.regex.finditer(text)
            spans += [Span(*match.span(group), form.kind) for match in matches if form.check(match[group])]
    return _apart(spans) if len(spans) > 1 else spans


def _apart(spans: list[Span]) -> list[Span]:
    """Return the spans in order, with overlapping ones merged; a merged one has the kind of the longest."""
    apart: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if apart and span.start < apart[-1].end:
            last = apart.pop()
            span = last if last.end >= span.end else Span(last.start, span.end, span.kind)
        apart.append(span)
    return apart


def _mask(text: str, span: Span) -> str:
    secret = text[span.start : span.end]
    return hint(secret) if span.kind == KEY and secret.startswith("sk") else HIDDEN
