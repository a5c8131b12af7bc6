"""The world `class`: a teacher and a class of 30 invented students, some of whom have no account yet."""

from __future__ import annotations

import uuid
from typing import Any

_NAMES = """\
Ada Adler, Ben Birch, Chloé Castor, Dmitri Dune, Elif Ember, Farid Fjord, Greta Garnet, Hana Heron, Ivo
Indigo, Jun Jasper, Kofi Kestrel, Lena Linden, Mateo Maple, Nora Nettle, Oskar Osprey, Priya Poppy, Quentin
Quill, Rosa Raven, Sven Sorrel, Tala Thistle, Umar Umber, Vera Violet, Wanda Willow, Xiu Xenon, Yara Yarrow,
Zeno Zephyr, Amara Aspen, Bruno Briar, Clara Cedar, Deniz Dahlia"""
_WITHOUT_ACCOUNT = 3  # the last ones of the list
_IDS = uuid.UUID("5b0c3f0e-6a3e-4b7c-9a55-0f6f1e6b7c11")
_TASK = """\
# Week 1

`data.csv` has one number a line. Write their mean into `answer.txt`.
"""
_DATA = "12\n17\n9\n22\n"


def students() -> list[dict[str, str]]:
    """Return the students: first name, last name, address, group."""
    names = [name.split() for name in _NAMES.replace("\n", " ").split(", ")]
    return [
        {
            "first_name": first,
            "last_name": last,
            "email_address": f"{last.lower()}@example.com",
            "group": "AB"[number % 2],
        }
        for number, (first, last) in enumerate(names)
    ]


def _roster() -> str:
    lines = (",".join(student.values()) for student in students())
    return "\n".join(["First name,Last name,E-mail,Group", *lines, ""])


def class_world() -> dict[str, Any]:
    """Return the world, in the form of a world file."""
    people = [
        {name: value for name, value in student.items() if name != "group"}
        | {"account_id": str(uuid.uuid5(_IDS, student["email_address"]))}
        for student in students()[:-_WITHOUT_ACCOUNT]
    ]
    teacher = {
        "account_id": str(uuid.uuid5(_IDS, "teacher")),
        "handle": "teacher",
        "first_name": "Iris",
        "last_name": "Instructor",
        "email_address": "iris@example.com",
    }
    project = {
        "project_id": str(uuid.uuid5(_IDS, "project")),
        "owner": "teacher",
        "title": "Statistics 101",
        "description": "The teacher's own project",
        "files": {"students.csv": _roster(), "week1/README.md": _TASK, "week1/data.csv": _DATA},
    }
    return {"accounts": [teacher, *people], "projects": [project]}
