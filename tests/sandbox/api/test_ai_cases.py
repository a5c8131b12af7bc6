"""Requests to a sandbox that plays cocalc.ai are answered as the source of the server says."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cocalc_magic import catalog
from cocalc_magic.sandbox import Sandbox
from tests.sandbox.api import scoped
from tests.sandbox.api.scoped import (
    ALICE,
    ALPHA,
    BETA,
    BOBS,
    EVERYTHING,
    Visitor,
    key_entry,
    sign_in,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT = Path(__file__).with_name("ai_cases.yaml").read_text(encoding="utf-8")
CASES: list[dict[str, Any]] = yaml.load(TEXT, LOADER)  # noqa: S506 - both are safe
TRIED = [case for case in CASES if "not" not in case]
UNKNOWN_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
OTHER_ACCOUNT = "012ea110-ff1d-40e6-978b-475ac21f02b7"
NEVER = ("never started", "no project")
VALUES = {
    "<project>": ALPHA,
    "<other-project>": BETA,
    "<foreign-project>": BOBS,
    "<course project>": ALPHA,
    "<project in capitals>": ALPHA.upper(),
    "<account_id>": ALICE,
    "<other account>": OTHER_ACCOUNT,
    "<unknown uuid>": UNKNOWN_ID,
    "<right>": "pw-alice-12345",
    "<strong>": "correct horse battery staple",
    "<65 characters>": "x" * 65,
    "<owner>": "a",
    "<repository>": "b",
}
"""What stands for the words of a request, and for the same words in its answer."""


@pytest.fixture
def ids() -> dict[str, str]:
    """Words of a case that only a sandbox that runs has a value for."""
    return {}


def scope_of(case: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the key of a case may do, and where."""
    who = case["as"]
    if who == "no-projects":
        return ("account:read", "project:create", "project:list"), ()
    names = tuple(who) if isinstance(who, list) else EVERYTHING
    foreign = (BOBS,) if case.get("given") == "foreign project allowed" else ()
    needs_project = any(catalog.CAPABILITIES[name].of_projects for name in names)
    return names, (ALPHA, *foreign) if needs_project else ()


def is_alone(case: dict[str, Any]) -> bool:
    """Whether what a case does, or what was done before, would show in others."""
    of_its_own = ("project ", "device ", "v2 sign-in ", "v2 one project")
    return case["case"].startswith(of_its_own) or "given" in case


@pytest.fixture(scope="module")
def boxes() -> Iterator[dict[str, Sandbox]]:
    """Sandboxes that cases share, by the key that they need."""
    shared: dict[str, Sandbox] = {}
    yield shared
    for box in shared.values():
        box.close()


@pytest.fixture
def box(boxes: dict[str, Sandbox], case: dict[str, Any], tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox with the key of the case."""
    if is_alone(case):
        with start(case, tmp_path) as one:
            yield one
        return
    key = text_of(*scope_of(case))
    if key not in boxes:
        boxes[key] = start(case, tmp_path)
    yield boxes[key]


def start(case: dict[str, Any], folder: Path) -> Sandbox:
    """A sandbox whose world has the key of a case, and what the case is about."""
    world, owner = scoped.world(), "empty" if case.get("given") == "no project" else "alice"
    keys = [key_entry(*scope_of(case), owner)]
    keys += [{**entry, "keys": [entry["keys"][0].replace("sk-cc", "sk-cocalc")]} for entry in keys]
    texts = {entry["keys"][0] for entry in keys}
    world["accounts"] = [entry for entry in world["accounts"] if entry["keys"][0] not in texts] + keys
    world["projects"][0]["files"] = {"d/a.txt": "x"} | ({} if "moveFiles" in case["case"] else {"a.txt": "a"})
    if case.get("given") == "closed site":
        world["registration_token"] = "wanted"
    file = folder / "world.yaml"
    file.write_text(json.dumps(world), encoding="utf-8")
    return Sandbox(world=file, generation="ai")


@pytest.mark.parametrize("case", TRIED, ids=[case["case"] for case in TRIED])
def test_a_request_is_answered_as_the_source_says(
    box: Sandbox, case: dict[str, Any], ids: dict[str, str]
) -> None:
    session = box.session()
    prepare(box, session, case, ids)
    response = send(box, session, case, ids)

    assert response.status_code == case.get("status", 200)
    for name, value in case.get("headers", {}).items():
        assert response.headers[name] == value
    if "text" in case:
        words = re.findall(r'"(.*?)"', case["text"]) or [case["text"]]
        assert all(word in response.text for word in words)
    elif "fields" in case:
        answer = response.json()
        wanted = set(case["fields"])
        found = set().union(*answer) if isinstance(answer, list) else set(answer)
        assert found >= wanted
    else:
        expected = {"error": case["error"]} if "error" in case else case["answer"]
        assert_fits(response.json(), filled(expected, ids))


def test_at_least_95_percent_of_the_sure_cases_are_tried() -> None:
    """Each of the others says why it is not."""
    sure = [case for case in CASES if not case.get("likely")]
    tried = [case for case in sure if "not" not in case]

    assert len(CASES) == 430
    assert len(tried) / len(sure) >= 0.95
    assert {case["not"] for case in CASES if "not" in case} == {
        "keys are managed over the websocket, which a sandbox has not",
        "it takes an hour",
        "it takes eight hours",
        "it takes 15 seconds",
        "a sandbox has no other service to sign in by",
        "no account of a sandbox has a second factor",
        "a sandbox fetches nothing from elsewhere",
    }


# -- what was done before --------------------------------------------------------------------------


def prepare(box: Sandbox, session: requests.Session, case: dict[str, Any], ids: dict[str, str]) -> None:
    given = case.get("given", "")
    if given not in NEVER:
        Visitor(box, session, text_of(EVERYTHING, (ALPHA,))).v2("projects/start", {"project_id": ALPHA})
    if given == "six failures":
        fail(box, session, ["alice@example.com"] * 6)
    if given == "failures of others":
        fail(box, session, [f"nobody{number}@example.com" for number in range(31)])
    if "challenge" in str(case.get("body")) and "unknown" not in str(case.get("body")):
        prepare_challenge(box, session, str(case["body"]), ids)


def fail(box: Sandbox, session: requests.Session, addresses: list[str]) -> None:
    for address in addresses:
        Visitor(box, session).v2("auth/sign-in", {"email": address, "password": "x"})


def prepare_challenge(box: Sandbox, session: requests.Session, body: str, ids: dict[str, str]) -> None:
    """Begin to sign a program in, and go as far as the case says."""
    nobody = Visitor(box, session)
    begun = nobody.v2("auth/cli/login/start", {"elevated_login": "elevated" in body})
    challenge = {"challenge_id": begun["challenge_id"]}
    for word in ("challenge_id", "elevated challenge_id", "approved challenge_id", "redeemed challenge_id"):
        ids[f"<{word}>"] = begun["challenge_id"]
    ids["<poll_token>"] = begun["poll_token"]
    if "<approved" not in body and "<redeemed" not in body:
        return
    path = begun["approval_url"].removeprefix(box.url)
    token = re.search(r'name="form_token" value="([^"]+)"', nobody.send("GET", path).text)
    assert token
    form = {"form_token": token[1], "email": "alice@example.com", "password": "pw-alice-12345"}
    assert nobody.send("POST", path, data=form).status_code == 200
    status = nobody.v2("auth/cli/login/status", {**challenge, "poll_token": begun["poll_token"]})
    ids["<token>"] = status["redeem_token"]
    if "<redeemed" in body:
        nobody.v2("auth/cli/login/redeem", {**challenge, "redeem_token": status["redeem_token"]})


# -- the request -----------------------------------------------------------------------------------


def send(
    box: Sandbox, session: requests.Session, case: dict[str, Any], ids: dict[str, str]
) -> requests.Response:
    method, path = case["do"].split(" ", 1)
    more: dict[str, Any] = {}
    body = filled(case.get("body"), ids)
    if body == "<form with one file>":
        body, more = None, {"files": {"file": ("a.txt", b"a")}}
    if (header := header_of(case)) is not None:
        more["headers"] = {"Authorization": header}
    is_signed_in = case["as"] == "cookie" or case.get("given") == "cookie besides"
    cookie = sign_in(box, session) if is_signed_in else ""
    visitor = Visitor(box, session, cookie=cookie)
    return visitor.send(method, str(filled(path, ids)), body, **more)


def header_of(case: dict[str, Any]) -> str | None:
    """The Authorization header of a case; `None` for none."""
    owner = "empty" if case.get("given") == "no project" else "alice"
    good = text_of(*scope_of(case), owner)
    keys = {
        "<key>": good,
        "<good key with sk-cocalc-v2 in place of sk-cc-v2>": f"sk-cocalc-v2{good[8:]}x",
        "<bad key>": scoped.UNKNOWN,
        "<expired key>": text_of(EVERYTHING, (ALPHA,), "bob"),
        "sk-cc-v2.<good key_id>.<other secret>": f"{good[:-3]}yyy",
        "sk-cocalc-v2.<key_id>.<secret>, made as such": good.replace("sk-cc", "sk-cocalc"),
        "sk-<22 characters>": "sk-abcdefghijklmnop000001",
    }
    if (header := case.get("header")) is not None:
        header = re.sub(", and a good cookie$", "", header)
        for word, key in keys.items():
            header = header.replace(word, key)
        return re.sub(r"base64\((.*)\)", lambda match: base64.b64encode(match[1].encode()).decode(), header)
    named = {"bad": scoped.UNKNOWN, "old-form": "sk_Alice00000000000"}
    if case["as"] in ("nobody", "cookie"):
        return None
    return f"Bearer {named.get(case['as'], good) if isinstance(case['as'], str) else good}"


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A value of a case with the words in angle brackets filled in, as far as they have a value."""
    if isinstance(value, str):
        for word, text in (VALUES | ids).items():
            value = value.replace(word, text)
        return value
    if value in (["<251 uuids>"], ["<250 unknown uuids>"]):
        count = 251 if "251" in value[0] else 250
        return [f"ffffffff-ffff-4fff-8fff-{number:012x}" for number in range(count)]
    if isinstance(value, list):
        return [filled(item, ids) for item in value]
    if isinstance(value, dict):
        return {filled(name, ids): filled(item, ids) for name, item in value.items()}
    return value


def assert_fits(answer: Any, expected: Any) -> None:
    """Hold an answer to what is expected; words in angle brackets are any value, any number of times."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        assert answer.keys() == expected.keys()
        for name, value in expected.items():
            assert_fits(answer[name], value)
    elif isinstance(expected, list) and isinstance(answer, list):
        assert bool(answer) == bool(expected)
        for item in answer:
            assert_fits(item, expected[0])
    elif isinstance(expected, str):
        pattern = re.sub(r"<[^<>]+>", "\0", expected)
        assert re.fullmatch(
            re.escape(pattern).replace("\0", ".*").replace("\\\0", ".*"), str(answer), re.DOTALL
        )
    else:
        assert answer == expected
