"""Projects by title at servers of every age, real sandboxes all."""

from __future__ import annotations

import pytest

from cocalc_magic.errors import InvalidValue
from tests.client.test_generations import sandbox

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("generation", ["v1", "v1+v2", "v2", "conat"])
def test_a_title_does_wherever_a_project_is_meant(generation: str) -> None:
    with sandbox(generation) as client:
        made = client.create_project(title="Seminar notes")
        project_id = made["project_id"]
        client.create_project(title="Statistics 102")

        for meant in ("Seminar notes", "semi", project_id[:8], made):
            answer = client.project_exec(project_id=meant, command="basename $PWD", bash=True)
            assert answer["stdout"].strip() == project_id
        client.write_text_file_to_project(project_id="Seminar notes", path="a", content="x")
        assert client.read_text_file_from_project(project_id="semi", path="a")["content"] == "x"
        with pytest.raises(InvalidValue, match="2 projects are called 'stat'") as caught:
            client.project_exec(project_id="stat", command="true")
        assert "Statistics 101 · of Iris Instructor · last used 20" in str(caught.value)
        listed = {project.title: project for project in client.router.projects.all(fresh=True)}
        assert listed["Seminar notes"].project_id == project_id
        assert len(listed["Statistics 101"].users) == 3


def test_messages_of_today_take_titles_as_well() -> None:
    with sandbox("conat") as client:
        bare = client.send("projects.createProject", title="By conat")
        made = client.send("projects/create", title="By v2")

        for event, options in (
            ("projects/touch", {}),
            ("projects.touch", {}),
            ("/exec", {"command": "true"}),
            ("project:system.exec", {"command": "true"}),
        ):
            for meant, project_id in (("by c", bare.value), (bare, bare.value), (made, made["project_id"])):
                sent = client.send(event, project_id=meant, **options).request
                assert sent.options["project_id"] == project_id
        copied = client.send(
            "projects.copyPathBetweenProjects",
            src_project_id="By conat",
            src_path=".",
            target_project_id="By v2",
        )
        assert copied.request.options["target_project_id"] == made["project_id"]
