"""`%cocalc course` in a real shell and as a program: a term, from the list of students to its end."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import config
from cocalc_magic.cli.main import main
from cocalc_magic.course.result import CourseResult
from cocalc_magic.errors import (
    AlreadyThere,
    BulkFailed,
    CoCalcError,
    ConfirmationRequired,
    InvalidMessage,
    InvalidSyntax,
    InvalidValue,
    NotSent,
)
from cocalc_magic.sandbox.class_world import class_world, students

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic import Client


@pytest.fixture(scope="module", autouse=True)
def _class_world() -> Iterator[None]:
    """The sandbox of these tests has the class of 30."""
    config.sandbox().start("--world=class")
    yield
    config.sandbox().stop()


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shell in a folder of its own, with a list of four students, one of them without an account."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    chosen = [*students()[:3], students()[-1]]
    lines = [
        f"{each['first_name']},{each['last_name']},{each['email_address']},{each['group']}" for each in chosen
    ]
    Path("list.csv").write_text("\n".join(["First name,Last name,E-mail,Group", *lines, ""]))
    shell.name = f"Course {tmp_path.name}"
    return shell


@pytest.fixture
def other_server(shell: Any) -> Iterator[Callable[[str], object]]:
    """Lets the sandbox be a server of another generation until the test is over."""
    yield lambda generation: shell.cell(f"%cocalc sandbox start --world class --generation {generation}")
    config.sandbox().start("--world=class")


@pytest.fixture
def made(shell: Any) -> Any:
    """The shell, with the class applied."""
    shell.cell(f'%cocalc course init list.csv --course "{shell.name}"')
    shell.cell("%cocalc course apply --quiet")
    return shell


def shown(shell: Any, value: object) -> str:
    bundle, _ = shell.display_formatter.format(value)
    return str(bundle["text/plain"])


def test_a_class_file_is_written_from_a_list_and_not_over_another(shell: Any) -> None:
    result = shell.cell(f'%cocalc course init list.csv --course "{shell.name}"')

    assert result.summary == f"class.yaml has 4 students of {shell.name}"
    assert oct(Path("class.yaml").stat().st_mode & 0o777) == "0o600"
    with pytest.raises(AlreadyThere, match="--force writes over it"):
        shell.cell("%cocalc course init list.csv")
    assert isinstance(shell.cell("%cocalc course init list.csv --force --file other.yaml"), CourseResult)


def test_a_class_file_that_could_not_be_read_is_not_written(shell: Any) -> None:
    shell.user_ns["rows"] = [{"name": "A" * 200, "email": "a@example.com"}]

    with pytest.raises(InvalidMessage, match=r"class\.yaml, which was not written, line 7: the title of A"):
        shell.cell("%cocalc course init $rows")
    assert not Path("class.yaml").exists()


def test_a_class_file_is_written_from_rows_of_the_notebook(shell: Any) -> None:
    shell.user_ns["rows"] = rows = [{"Name": "Ada Adler", "Mail": "adler@example.com", "Group": "A"}]
    shell.user_ns["df"] = pytest.importorskip("pandas").DataFrame(rows)

    assert shell.cell("%cocalc course init $rows").summary == "class.yaml has 1 student of here"
    text = Path("class.yaml").read_text()
    assert shell.cell("%cocalc course init --force $df --course here -o kept")[0]["group"] == "A"
    assert Path("class.yaml").read_text() == text
    with pytest.raises(InvalidSyntax, match="--file of course init takes a value"):
        shell.cell("%cocalc course init $df --file $df")


def test_a_class_file_is_written_from_a_table_of_arrow(shell: Any) -> None:
    rows = [{"Name": "Ada Adler", "Mail": "adler@example.com", "Group": "A"}]
    shell.user_ns["students"] = pytest.importorskip("pyarrow").Table.from_pylist(rows)

    assert shell.cell("%cocalc course init $students")[0]["group"] == "A"


def test_a_plan_shows_what_there_is_to_do_and_is_a_value(shell: Any) -> None:
    shell.cell(f'%cocalc course init list.csv --course "{shell.name}"')

    plan = shell.cell("%cocalc course plan -o kept")

    text = shown(shell, plan)
    assert "+ 4 to make" in text
    assert "Without an account here, and to be invited by e-mail: 1." in text
    assert "course apply does just this." in text
    assert shell.user_ns["kept"] is plan
    assert [row["what"] for row in plan] == 3 * ["make the project; add the student"] + [
        "make the project; invite the student"
    ]
    assert list(plan.to_frame()["change"]) == ["+"] * 4


def test_a_term(made: Any, client: Client) -> None:
    Path("week1").mkdir()
    Path("week1/task.md").write_text("Do it.\n")

    assert made.cell("%cocalc course handout week1").summary == "4 files sent, 4 of 4 students"
    ran = made.cell("%%cocalc course run -o ran\ncd week1\nwc -c < task.md > answer.txt; cat answer.txt\n")
    assert "All outputs are equal." in shown(made, ran)
    assert [row["stdout"] for row in made.user_ns["ran"]] == ["7\n"] * 4
    assert (
        made.cell("%cocalc course collect week1/answer.txt --into got").summary
        == "4 files new, 4 of 4 students"
    )
    assert Path("got/Ada Adler/answer.txt").read_text() == "7\n"
    assert made.cell("%cocalc course return got").failure is None
    status = made.cell("%cocalc course status")
    assert status.summary == "0 of 4 have started, 4 projects running"
    report = made.cell("%cocalc course report --csv report.csv --html report.html")
    assert all(row["week1 handed_out"] and row["week1 collected"] and row["week1 returned"] for row in report)
    head, first, *_ = Path("report.csv").read_text().splitlines()
    assert head.startswith("name,email,group,week1 handed_out,week1 collected,week1 returned,week1 grade,")
    assert "status" not in head
    assert first.startswith("Ada Adler,adler@example.com,A,2")
    assert any(remark.startswith("week1: handed out to 4, ") for remark in status.remarks)
    assert "<td>Ada Adler</td>" in Path("report.html").read_text()
    assert {oct(Path(f"report.{kind}").stat().st_mode & 0o777) for kind in ("csv", "html")} == {"0o600"}


def test_the_board_has_each_student_by_steps_with_the_last_messages(made: Any) -> None:
    Path("week1").mkdir()
    Path("week1/task.md").write_text("Do it.\n")
    made.cell("%cocalc course handout week1 --group A --quiet")

    board = made.cell("%cocalc course board")

    text = shown(made, board)
    assert board[0] == {
        "name": "Ada Adler", "email": "adler@example.com", "group": "A",
        "account": "yes", "project": "running", "active": "not started", "week1": "handed out",
    } | {"status": "ok", "error": ""}  # fmt: skip
    assert "handout: 1 file" in text
    assert "apply: done" in board.board.rows[-1].messages[-1]
    html = made.display_formatter.format(board)[0]["text/html"]
    assert "week1" in html
    assert "handed out" in html


def test_what_is_done_in_all_projects_goes_on_in_the_background(made: Any) -> None:
    job = made.cell("%cocalc course run 'echo $((40+2))' --background")

    result = job.result()

    assert [row["stdout"] for row in result] == ["42\n"] * 4
    assert [row.cells[0].word for row in job.board.rows] == ["done"] * 4
    assert "42" in job.board.rows[0].messages[-1]
    assert main(["course", "run", "true", "--background"]) != 0


def test_handouts_with_a_date_are_in_the_status(made: Any) -> None:
    Path("week1").mkdir()
    Path("week1/task.md").write_text("Do it.\n")
    text = Path("class.yaml").read_text()
    Path("class.yaml").write_text(
        text.replace("students:", "handouts: {week1: {due: 2100-09-14}}\nstudents:")
    )
    made.cell("%cocalc course handout week1 --group A")

    early = made.cell("%cocalc course collect week1 --into got")
    status = made.cell("%cocalc course status")

    assert "week1 is due 2100-09-14 23:59: what comes until then, the same line collects." in early.remarks
    words = "handed out to 2, collected from 2, returned to 0."
    assert f"week1: due 2100-09-14 23:59, {words}" in status.remarks


def test_reports_are_harmless_whatever_people_are_called(shell: Any) -> None:
    Path("list.csv").write_text(
        'name,email,remark\n<script>alert(1)</script>,a@example.com,=1+1\n"""><img src=x>",b@example.com,@x\n'
    )
    shell.cell("%cocalc course init list.csv")
    shell.cell("%cocalc course report --csv report.csv --html report.html")

    page, table = Path("report.html").read_text(), Path("report.csv").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert "'=1+1" in table


def test_people_are_asked_for_before_they_are_written_to(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On any server but the sandbox that a kernel has started."""
    server, key = config.sandbox().start("--world=class")
    monkeypatch.setenv("COCALC_HOST", server.url.replace("127.0.0.1", "localhost"))
    monkeypatch.setenv("COCALC_API_KEY", key.reveal())
    shell.cell("%cocalc course init list.csv --course Asked")

    with pytest.raises(ConfirmationRequired, match="invitations by e-mail to people without an account: 1"):
        shell.cell("%cocalc course apply")
    assert len(shell.cell("%cocalc projects Asked")) == 0
    assert shell.cell("%cocalc course apply --yes").failure is None


def test_outputs_of_a_command_are_grouped(made: Any) -> None:
    result = made.cell("%%cocalc course run\n[[ $COCALC_NAME ]] || true\necho $((0)); ls *.none\n")
    assert result.failure is None
    assert "4 with another exit code than 0" in result.summary

    made.cell("%cocalc course run 'touch mine' --group A")
    differing = made.cell("%cocalc course run 'ls'")
    assert set(differing.remarks) == {
        "mine (2): Ada Adler, Chloé Castor",
        "no output (2): Ben Birch, Deniz Dahlia",
    }


def test_a_command_in_a_shell_may_come_from_another(
    made: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("cd /\nfor i in 1 2; do\necho $((i * 21)); done\n"))

    assert main(["course", "run", "-", "--group", "A"]) == 0
    assert "21⏎42" in capsys.readouterr().out


def test_a_class_with_a_failure_raises_and_keeps_the_result(made: Any) -> None:
    Path("week1").mkdir()
    Path("week1/task.md").write_text("Do it.\n")
    made.cell("%cocalc course run 'mkdir week1; echo mine > week1/task.md' --group A")

    with pytest.raises(BulkFailed, match="course handout: 2 of 4 rows failed"):
        made.cell("%cocalc course handout week1 -o partly")
    assert len(made.user_ns["partly"].failed) == 2
    assert len(made.cell("%cocalc course handout week1 --no-raise").failed) == 2


def test_removal_is_guarded(made: Any) -> None:
    text = Path("class.yaml").read_text()
    Path("class.yaml").write_text(text[: text.index("  - name: Chloé")])
    made.cell("%cocalc course plan --delete")

    with pytest.raises(ConfirmationRequired, match="course apply removes 2 of 4"):
        made.cell("%cocalc course apply")
    assert made.cell("%cocalc course apply --max-delete 2").failure is None
    assert made.cell("%cocalc course plan").summary == "= 2 as planned"


@pytest.mark.parametrize(
    "words",
    [
        "drift --file no.yaml",
        "drift --fil no.yaml",
        "drift week1",
        "drift --json",
        "drift --server http://127.0.0.1:9",
        "drfit",
        "plan -o x",
    ],
)
def test_what_is_no_drift_has_not_its_exit_status(made: Any, words: str, capsys: Any) -> None:
    assert main(["course", *words.split()]) == 1
    assert capsys.readouterr().err


def test_an_action_has_help_of_its_own(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "return", "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("course return")
    usage = " ".join(" ".join(lines).split())
    assert "cocalc-magic course return FOLDER [--to PATH] [--group GROUP] [--force] [--background]" in usage
    assert "[-o NAME]" not in usage
    assert "Show what apply would do" in str(shell.cell("%cocalc course plan --help"))
    assert "course plan" not in str(shell.cell("%cocalc help course nothing")).splitlines()[0]


def test_drift_is_an_exit_status(made: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    assert main(["course", "drift"]) == 0
    assert "= 4 as planned" in capsys.readouterr().out

    Path("class.yaml").write_text(Path("class.yaml").read_text().replace("Ada Adler", "Ada Beck"))
    assert main(["course", "drift"]) == 2
    assert "new title, was" in capsys.readouterr().out


def test_a_class_ends_when_its_day_has_come(made: Any) -> None:
    made.cell("%cocalc course run true")

    assert (
        made.cell("%cocalc course end --on 2100-01-01 --stop").summary
        == "ends on 2100-01-01 23:59; nothing was done"
    )
    with pytest.raises(ConfirmationRequired, match="course end removes 3 of 4"):
        made.cell("%cocalc course end --on 2020-01-01 --stop --remove-students")
    result = made.cell(
        "%cocalc course end --on 2020-01-01 --stop --remove-students --archive old.csv --max-delete 100%"
    )
    assert result.summary == "4 projects stopped, 3 students out of their projects"
    assert "Ada Adler" in Path("old.csv").read_text()
    assert {row["state"] for row in made.cell("%cocalc course status")} == {"opened"}
    with pytest.raises(NotSent, match="this class was ended on"):
        made.cell("%cocalc course apply")
    assert any("begins it again" in remark for remark in made.cell("%cocalc course drift").remarks)


def with_names(folder: Path) -> list[Path]:
    """The files with a student's name or address in them, or in their own names."""
    names = (b"Ada", b"Adler", b"adler@", b"Chlo", b"castor@", b"Dahlia", b"dahlia@")
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if any(name in path.read_bytes() or name in bytes(path) for name in names)]


def test_names_are_forgotten(made: Any, tmp_path: Path) -> None:
    made.cell("%cocalc course report --csv report.csv --html report.html")
    made.cell("%cocalc course end --on 2020-01-01 --archive old.csv")
    Path("list.csv").unlink()

    with pytest.raises(
        ConfirmationRequired, match=r"deletes report\.csv, report\.html, class\.yaml, \.class, and"
    ):
        made.cell("%cocalc course end --on 2020-01-01 --forget")
    result = made.cell("%cocalc course end --on 2020-01-01 --archive last.csv --stop --forget --yes")

    assert with_names(tmp_path) == [Path.cwd() / "last.csv", Path.cwd() / "old.csv"]
    assert any(remark.startswith("Left: old.csv, last.csv, folders that work") for remark in result.remarks)


def test_reports_are_forgotten_where_the_class_has_moved_and_others_are_named(
    made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("out").mkdir()
    made.cell("%cocalc course report --csv out/report.csv --html gone.html")
    Path("gone.html").rename(tmp_path / "elsewhere.html")
    Path("list.csv").unlink()
    monkeypatch.chdir(tmp_path)
    Path("here").rename("moved")
    monkeypatch.chdir("moved")

    result = made.cell("%cocalc course end --forget --yes")

    assert with_names(tmp_path) == [tmp_path / "elsewhere.html"]
    assert "to be removed by hand if they were moved: gone.html." in result.remarks[0]


def test_a_folder_that_something_else_made_is_neither_used_nor_removed(shell: Any) -> None:
    Path(".git").mkdir()
    Path(".git/HEAD").write_text("ref")
    with pytest.raises(CoCalcError, match=r"\.git is not the folder of git\.yaml: something else made it"):
        shell.cell("%cocalc course init list.csv --file git.yaml")
    shell.cell("%cocalc course init list.csv")
    Path("class.yaml").rename("git.yaml")
    with pytest.raises(CoCalcError, match=r"Call the class file otherwise: --file my-git\.yaml"):
        shell.cell("%cocalc course plan --file git.yaml")

    result = shell.cell("%cocalc course end --forget --file git.yaml --yes")

    assert Path(".git/HEAD").read_text() == "ref"
    assert [row["removed"] for row in result] == ["git.yaml"]
    assert "Left: .git, which something else made" in result.remarks[0]


def test_two_class_files_of_one_name_do_not_share_their_notes(made: Any) -> None:
    made.cell("%cocalc course plan")
    Path("class.yml").write_text(Path("class.yaml").read_text())

    with pytest.raises(CoCalcError, match=r"\.class is not the folder of class\.yml"):
        made.cell("%cocalc course plan --file class.yml")
    Path("class.yaml").unlink()
    assert made.cell("%cocalc course plan --file class.yml").summary == "= 4 as planned"


def test_a_folder_of_an_earlier_version_is_used_and_removed_and_what_else_is_in_it_stays(made: Any) -> None:
    for name in ("class-file", "lock"):
        Path(".class", name).unlink()
    assert made.cell("%cocalc course plan").summary == "= 4 as planned"
    Path(".class/mine.txt").write_text("mine")

    made.cell("%cocalc course end --forget --yes")

    assert [path.name for path in Path(".class").iterdir()] == ["mine.txt"]


def test_names_are_not_forgotten_while_a_job_would_note_them_again(made: Any) -> None:
    job = made.cell("%cocalc course run 'while [ ! -e go ]; do sleep 0.05; done' --background")
    with pytest.raises(NotSent, match="course run is running for this class"):
        made.cell("%cocalc course end --forget --yes")
    made.cell("%cocalc course run 'touch go'")
    job.result()

    assert made.cell("%cocalc course end --forget --yes").failure is None


def test_a_report_is_written_over_nothing_but_an_earlier_one(made: Any) -> None:
    made.cell("%cocalc course report --csv report.csv")
    made.cell("%cocalc course report --csv report.csv")
    before = Path("class.yaml").read_bytes()

    with pytest.raises(AlreadyThere, match=r"list\.csv is there already.\n  --force writes over it"):
        made.cell("%cocalc course report --csv list.csv")
    for line in (
        "--csv class.yaml --force",
        "--html ./class.yaml --force",
        "--csv .class/notes.json --force",
    ):
        with pytest.raises(InvalidValue, match="is of the class itself"):
            made.cell(f"%cocalc course report {line}")
    with pytest.raises(InvalidValue, match="can't be both the CSV file and the page"):
        made.cell("%cocalc course report --csv both --html ./both")
    made.cell("%cocalc course end --on 2020-01-01 --archive old.csv")
    for line in (
        "end --on 2020-01-01 --archive old.csv",
        "end --on 2020-01-01 --archive report.csv",
        "report --csv old.csv",
    ):
        with pytest.raises(AlreadyThere, match="is there already"):
            made.cell(f"%cocalc course {line}")
    made.cell("%cocalc course report --csv list.csv --force")
    assert Path("list.csv").read_text().startswith("name,email")
    assert Path("class.yaml").read_bytes() == before


def test_a_recording_has_no_names_of_a_class(shell: Any, tmp_path: Path) -> None:
    """Also of students without an account, whose names only the class file tells."""
    shell.cell("%cocalc record term.jsonl")
    shell.cell(f'%cocalc course init list.csv --course "{shell.name}"')
    shell.cell("%cocalc course apply --quiet")
    shell.cell("%cocalc record --stop")

    assert {path.name for path in with_names(tmp_path)} & {"term.jsonl"} == set()
    assert "Person1 Person2" in Path("term.jsonl").read_text()


def test_names_are_forgotten_when_the_server_is_gone_and_the_folder_has_moved(
    made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("list.csv").unlink()
    monkeypatch.chdir(tmp_path)
    Path("here").rename("moved")
    monkeypatch.chdir("moved")
    monkeypatch.setenv("COCALC_HOST", "http://127.0.0.1:9")
    Path("class.yaml").write_text("students: [")

    result = made.cell("%cocalc course end --forget --yes")

    assert result.summary == "2 files and folders removed, and 2 journals"
    assert "all that is on the server" in result.remarks[-1]
    assert with_names(tmp_path) == []
    with pytest.raises(CoCalcError, match=r"there is no class\.yaml, and nothing was noted of one"):
        made.cell("%cocalc course end --forget --yes")


def test_names_are_forgotten_also_where_the_notes_are_damaged(made: Any, tmp_path: Path) -> None:
    Path("list.csv").unlink()
    Path(".class/notes.json").write_text("[")

    result = made.cell("%cocalc course end --forget --yes")

    assert "Which reports were written elsewhere is not known." in result.remarks[0]
    assert with_names(tmp_path) == []


def test_the_first_word_of_a_result_says_how_things_are(shell: Any) -> None:
    shell.cell(f'%cocalc course init list.csv --course "{shell.name}"')

    def words(action: str) -> str:
        return shown(shell, shell.cell(f"%cocalc course {action}")).splitlines()[1]

    assert words("plan") == "planned: + 4 to make"
    assert words("drift") == "drift: + 4 to make"
    assert words("apply") == "done: 4 students changed"
    assert words("apply") == "no change: nothing to do: all is as planned"
    assert words("plan") == "no change: = 4 as planned"
    assert words("drift") == "no change: = 4 as planned"
    assert words("status") == "now: 0 of 4 have started, 0 projects running"
    assert words("end --on 2100-01-01").startswith("now: ends on")
    Path("class.yaml").write_text(Path("class.yaml").read_text().replace("Ada Adler", "Ada Beck"))
    assert words("plan") == "planned: ~ 1 to change, = 3 as planned"


def test_a_class_is_taken_over_from_the_course_page(shell: Any, client: Client) -> None:
    teacher = class_world()["projects"][0]["project_id"]
    pid = client.create_project(title=f"{shell.name} by page")["project_id"]
    records = [
        {"table": "settings", "title": shell.name},
        {
            "table": "students", "student_id": "s1", "email_address": "adler@example.com", "first_name": "Ada",
            "last_name": "Adler", "project_id": pid,
        },
        {"table": "assignments", "path": "week1", "grades": {"s1": "17"}},
    ]  # fmt: skip
    content = "\n".join(map(json.dumps, records))
    client.write_text_file_to_project(project_id=teacher, path="stat.course", content=content)

    shell.cell("%cocalc course init --from 'Statistics 101:stat.course'")

    plan = shell.cell("%cocalc course plan")
    assert (plan[0]["change"], plan[0]["project_id"]) == ("~", pid)
    assert plan[0]["what"] == f"new title, was '{shell.name} by page'; add the student"
    shell.cell("%cocalc course apply")
    assert shell.cell("%cocalc course report")[0]["week1 grade"] == "17"


def test_a_project_of_the_file_that_is_not_there_is_told(shell: Any) -> None:
    shell.cell("%cocalc course init list.csv")
    line = "project: 3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
    text = Path("class.yaml").read_text()
    Path("class.yaml").write_text(text.replace("name: Ada Adler\n", f"name: Ada Adler\n    {line}\n"))

    remarks = shell.cell("%cocalc course plan").remarks

    assert "Not on the server, or not yours: the project that the file names, of Ada Adler." in remarks


def test_mistakes_in_a_list_say_what_to_type_here(shell: Any) -> None:
    Path("latin.csv").write_bytes("name,email\nChloé,c@example.com\n".encode("latin-1"))

    with pytest.raises(InvalidMessage, match=r"%cocalc course init latin\.csv:latin-1"):
        shell.cell("%cocalc course init latin.csv")
    assert shell.cell("%cocalc course init latin.csv:latin-1")[0]["name"] == "Chloé"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("course", "there is no class.yaml"),
        ("course plann", "course has no 'plann'"),
        ("course plan now", "course plan does not take 'now'"),
        ("course init", "course init takes a list of students"),
        ("course init list.csv --from a:b", "course init takes a list of students"),
        ("course init --from nothing", "does not name a file in a project"),
        ("course collect week1", "course collect takes a path and a folder here"),
        ("course run", "course run takes one command"),
        ("course end", "course end needs a date"),
        ("course end --on soon", "course end needs a date"),
        ("course plan --file other.yaml", "there is no other.yaml"),
        ("course plan --jobs none", "--jobs takes a whole number"),
        ("course init list.csv --file .", "is not the folder of"),
    ],
)
def test_what_cannot_be_done_is_told(shell: Any, line: str, problem: str) -> None:
    with pytest.raises(CoCalcError, match=problem):
        shell.cell(f"%cocalc {line}")


def test_only_run_takes_a_cell(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match="only course run takes a cell"):
        shell.cell("%%cocalc course plan\nls\n")


@pytest.mark.parametrize("generation", ["v1", "v1+v2", "conat"])
def test_a_class_is_the_same_on_every_generation(
    shell: Any, generation: str, other_server: Callable[[str], object]
) -> None:
    other_server(generation)
    Path("week1").mkdir()
    Path("week1/task.md").write_text("Do it.\n")
    shell.cell("%cocalc course init list.csv --course Old")

    assert shell.cell("%cocalc course plan").summary == "+ 4 to make"
    assert shell.cell("%cocalc course apply").failure is None
    assert shell.cell("%cocalc course drift").exit_status == 0
    assert shell.cell("%cocalc course handout week1").failure is None
    assert [row["stdout"] for row in shell.cell("%cocalc course run 'cat week1/task.md'")] == ["Do it.\n"] * 4
    assert shell.cell("%cocalc course collect week1 --into got").summary == "4 files new, 4 of 4 students"
    ended = shell.cell("%cocalc course end --on 2020-01-01 --stop --remove-students --max-delete 100%")
    assert ended.failure is None
    assert {row["state"] for row in shell.cell("%cocalc course status")} == {"opened"}


def test_a_server_that_invites_nobody_is_told_of_before(
    shell: Any, other_server: Callable[[str], object]
) -> None:
    other_server("v2")
    shell.cell("%cocalc course init list.csv --course Mid")

    plan = shell.cell("%cocalc course plan")
    applied = shell.cell("%cocalc course apply")

    assert plan[-1]["what"] == "make the project; add the student by hand"
    assert any("The server does not take invite_noncloud_collaborators" in remark for remark in plan.remarks)
    assert "add dahlia@example.com: Mid: Deniz Dahlia" in applied.remarks[-1]
    assert shown(shell, applied).splitlines()[1].startswith("in part: 4 students changed")
    assert shell.cell("%cocalc course drift").summary == "~ 1 to change, = 3 as planned"
