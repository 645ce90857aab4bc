"""Problems as people read them."""

from __future__ import annotations

from pathlib import Path

from streamworker_codegen.problems import Position, Problem, Severity
from streamworker_codegen.report import Report


def told(root: Path, text: str, column: int, *, severity: Severity = "error", colour: bool = False) -> list[str]:
    (root / "a.json").write_bytes(text.encode())
    problem = Problem(Position("a.json", 1, column), "code", "it is wrong", "mend it", severity)
    return Report(root, colour).text([problem]).splitlines()


def test_a_caret_stands_under_the_word(tmp_path: Path) -> None:
    assert told(tmp_path, '  "type": "integr",', 11) == [
        "a.json:1:11: error: it is wrong [code]",
        '    1 |   "type": "integr",',
        "      |           ^^^^^^^^",
        "    mend it",
        "",
        "1 error",
    ]


def test_wide_characters_take_two_columns(tmp_path: Path) -> None:
    lines = told(tmp_path, '"録画": "予約"', 7)
    assert lines[1:3] == ['    1 | "録画": "予約"', "      |         ^^^^^^"]


def test_of_a_long_line_the_part_around_the_place_is_shown(tmp_path: Path) -> None:
    lines = told(tmp_path, "x" * 5000 + ' "here" ' + "y" * 5000, 5002)
    assert len(lines[1]) < 130
    assert lines[1].index('"here"') == lines[2].index("^")


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    lines = told(tmp_path, 'a\tb\x1b[31m "c"\r\n', 8)
    assert "\x1b" not in "".join(lines)
    assert "\t" not in lines[1]


def test_a_place_that_is_not_there_is_told_without_a_line(tmp_path: Path) -> None:
    problem = Problem(Position("gone.json", 7, 3), "code", "it is wrong", "mend it")
    assert Report(tmp_path).text([problem]).splitlines()[:2] == [
        "gone.json:7:3: error: it is wrong [code]",
        "    mend it",
    ]


def test_notes_take_one_line_and_are_not_counted(tmp_path: Path) -> None:
    assert told(tmp_path, "x", 1, severity="note") == ["a.json:1:1: note: it is wrong [code]"]


def test_colour_is_for_terminals(tmp_path: Path) -> None:
    assert "\x1b[31m" in "".join(told(tmp_path, "x", 1, colour=True))


def test_nothing_is_said_of_nothing(tmp_path: Path) -> None:
    assert Report(tmp_path).text([]) == ""
