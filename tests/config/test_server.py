"""The environment chooses the server; a key goes nowhere else."""

from __future__ import annotations

import pytest

from cocalc_magic.config import configured, named
from cocalc_magic.errors import CoCalcError, InsecureServer, KeyRequired
from tests.leaks.examples import KEYS, core


def test_a_host_and_a_key_are_a_server() -> None:
    server, key = configured({"COCALC_HOST": "https://cocalc.example.edu/", "COCALC_API_KEY": "sk-1"})

    assert (server.name, server.url, server.sandbox) == (
        "cocalc.example.edu",
        "https://cocalc.example.edu",
        False,
    )
    assert key.reveal() == "sk-1"


def test_a_key_alone_is_for_cocalc_ai() -> None:
    server, _ = configured({"COCALC_API_KEY": "sk-1"})

    assert server.url == "https://cocalc.ai"


def test_a_server_without_a_key_is_never_replaced_by_the_sandbox() -> None:
    with pytest.raises(KeyRequired, match=r"there is no key for cocalc\.example\.edu"):
        configured({"COCALC_HOST": "cocalc.example.edu"})


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("cocalc.example.edu", "https://cocalc.example.edu"),
        ("https://example.edu/cocalc/", "https://example.edu/cocalc"),
        ("https://example.edu:8443", "https://example.edu:8443"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        # without a scheme this machine is http, everything else https
        ("localhost", "http://localhost"),
        ("LOCALHOST:5000/lab", "http://localhost:5000/lab"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.8.9.10", "http://127.8.9.10"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("::1", "http://[::1]"),
        ("https://localhost:5000", "https://localhost:5000"),
        ("127.0.0.1.example.edu", "https://127.0.0.1.example.edu"),
        ("localhost.example.edu:5000", "https://localhost.example.edu:5000"),
        ("10.0.0.7:5000", "https://10.0.0.7:5000"),
        # the address of a message stands for that of its server
        ("https://cocalc.example.edu/api/v1", "https://cocalc.example.edu"),
        ("https://cocalc.example.edu/lab/api/v2/", "https://cocalc.example.edu/lab"),
        ("cocalc.example.edu/api/v2/projects/stop", "https://cocalc.example.edu"),
        ("localhost:5000/api/conat/hub", "http://localhost:5000"),
        ("https://cocalc.example.edu/api/conat", "https://cocalc.example.edu"),
        ("https://example.edu/api/v3/x", "https://example.edu/api/v3/x"),
        ("https://example.edu/my/api/v2000", "https://example.edu/my/api/v2000"),
    ],
)
def test_an_address_is_read(address: str, url: str) -> None:
    assert named(address).url == url


@pytest.mark.parametrize(
    "address", ["http://cocalc.example.edu", "http://127.0.0.1.example.edu", "http://192.168.1.5"]
)
def test_a_key_does_not_travel_unencrypted(address: str) -> None:
    with pytest.raises(InsecureServer, match="would get the key unencrypted"):
        named(address)


@pytest.mark.parametrize(
    "address", ["", "https://", "ftp://example.edu", "https://a?x=1", "https://[bad", "https://a:port"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(CoCalcError, match="this is not the address of a server"):
        named(address)


def test_an_address_with_a_key_in_it_is_refused_without_repeating_it() -> None:
    with pytest.raises(CoCalcError, match="an address holds no key") as caught:
        named("https://sk-Marked:@example.edu")

    assert "Marked" not in str(caught.value)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "address",
    [
        "https://{}@a.test",
        "https://a:{}@b.test",
        "https://a.test/{}/",
        "{}.a.test",
        "https://a.test:443/x/{}",
    ],
)
def test_so_is_one_with_a_key_of_any_form_anywhere(key: str, address: str) -> None:
    with pytest.raises(CoCalcError) as caught:
        named(address.format(key))

    assert core(key) not in str(caught.value)
