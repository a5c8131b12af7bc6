"""The default world, in the form of a world file: a small course.

It is Python and not YAML, since loading a YAML parser would take a tenth of the time that a sandbox takes to
start.
"""

from __future__ import annotations

from typing import Any

PASSWORD = "try-it-out"  # noqa: S105 - of fictitious people, in the README
_NOTEBOOK = """\
{
 "cells": [
  {"cell_type": "markdown", "id": "task", "metadata": {},
   "source": ["# Week 1\\n", "The mean of the scores."]},
  {"cell_type": "code", "execution_count": null, "id": "answer", "metadata": {}, "outputs": [],
   "source": ["(12 + 17 + 9) / 3"]}
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""
_README = """\
# Statistics 101

The data is in `data/`, the handouts of each week are in `handouts/`.
"""
_SCORES = """\
name,first,second
Sam,12,15
Sue,17,14
Tom,9,13
"""
_HANDOUT = """\
# Week 1

1. Read `data/scores.csv`.
2. What is the mean of each column?
"""


def _person(handle: str, first: str, last: str) -> dict[str, str]:
    return {
        "handle": handle,
        "first_name": first,
        "last_name": last,
        "email_address": f"{first.lower()}@example.edu",
        "password": PASSWORD,
    }


WORLD: dict[str, Any] = {
    "accounts": [
        _person("instructor", "Iris", "Instructor"),
        _person("sam", "Sam", "Student"),
        _person("sue", "Sue", "Student"),
    ],
    "projects": [
        {
            "owner": "instructor",
            "collaborators": ["sam", "sue"],
            "title": "Statistics 101",
            "description": "The project that the course shares",
            "files": {
                "README.md": _README,
                "data/scores.csv": _SCORES,
                "handouts/week1.md": _HANDOUT,
                "week1.ipynb": _NOTEBOOK,
            },
        }
    ],
}
