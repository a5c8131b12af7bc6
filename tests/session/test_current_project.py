"""The current project of a session, and the server that it is on."""

from __future__ import annotations

from dataclasses import dataclass

from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.session.session import Session

PROJECT = ("3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833", "Statistics 101")


@dataclass(frozen=True)
class Configured(HeadlessFrontend):
    server: str = "https://lab.example.edu"


def test_the_current_project_stays_where_the_server_in_use_is_named_once_more() -> None:
    session = Session(frontend=Configured())
    session.project = PROJECT

    session.use_server("https://lab.example.edu")

    assert session.project == PROJECT


def test_the_current_project_is_not_one_of_another_server() -> None:
    session = Session(frontend=Configured())
    session.project = PROJECT

    session.use_server("https://other.example.edu")

    assert session.project is None
