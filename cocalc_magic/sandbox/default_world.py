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


def _person(handle: str, first: str, last: str, account_id: str) -> dict[str, str]:
    return {
        "account_id": account_id,
        "handle": handle,
        "first_name": first,
        "last_name": last,
        "email_address": f"{first.lower()}@example.edu",
        "password": PASSWORD,
    }


WORLD: dict[str, Any] = {
    "accounts": [
        _person("instructor", "Iris", "Instructor", "7d1c6a52-0b3e-4c58-9a0f-2f6f1c8f5e11"),
        _person("sam", "Sam", "Student", "c0a8f3d4-51b7-4e7b-8f5d-6a9be2d07c22"),
        _person("sue", "Sue", "Student", "e5b71c90-3f2d-4d86-a1b4-8c6d0f9e7a33"),
    ],
    "projects": [
        {
            "project_id": "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833",
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
