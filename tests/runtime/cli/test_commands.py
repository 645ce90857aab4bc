"""Which commands there are, and that only the wanted one is loaded."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, version

import pytest
import typer
from streamworker.cli import commands
from streamworker.cli.main import app_for, main
from typer.testing import CliRunner


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output, as a shell would see them."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "streamworker.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout + done.stderr


def install(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Have these be all entry points of the group: name and place."""
    found = [EntryPoint(name, value, commands.GROUP) for name, value in values.items()]
    monkeypatch.setattr(commands, "entry_points", lambda *, group: found if group == commands.GROUP else ())


@pytest.mark.parametrize("asked", ["version", "--version"])
def test_version_names_what_it_stands_on(asked: str) -> None:
    code, told = run(asked)

    assert code == 0
    assert told.startswith(f"streamworker {version('streamworker')} (Python 3.")
    assert f"nats-py {version('nats-py')}" in told


def test_a_command_is_loaded_alone() -> None:
    """What other commands need costs a start nothing."""
    script = (
        "import sys; from streamworker.cli.main import app_for; app_for(['version']); "
        "print(sorted({'nats', 'httpx', 'rich', 'uvloop', 'jsonschema_rs', 'streamworker_codegen'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout == "[]\n"


def test_help_lists_the_commands_of_all_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        monkeypatch,
        generate="tests.runtime.cli.test_commands:_generate",
        extra="tests.runtime.cli.test_commands:_EXTRA",
    )
    told = " ".join(CliRunner().invoke(app_for([]), ["--help"]).output.split())

    for line in (
        "run Run the pipeline",
        "generate Make it.",
        "extra Another one.",
        "version Print",
        "dlq Read",
        "permissions Print what",
        "provision Make the streams",
    ):
        assert line in told


def test_an_installed_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        monkeypatch,
        generate="tests.runtime.cli.test_commands:_generate",
        extra="tests.runtime.cli.test_commands:_EXTRA",
    )

    assert CliRunner().invoke(app_for(["generate"]), ["generate", "--check"]).output == "checked: True\n"
    assert CliRunner().invoke(app_for(["extra", "sub"]), ["extra", "sub"]).output == "sub\n"


def test_without_the_compiler_its_commands_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch)

    assert _exit_code(monkeypatch, "generate", "--check", "--project", "x") == 2
    assert capsys.readouterr().err == (
        "error: the compiler is not installed here, and `generate` is a command of it\n  pip install streamworker-codegen\n"
    )


def test_a_broken_command_says_why_and_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, generate="no_such_package.cli:generate")

    assert _exit_code(monkeypatch, "generate", "--check") == 2
    assert (
        "error: the command generate of no_such_package.cli can't be loaded: ModuleNotFoundError"
        in capsys.readouterr().err
    )
    assert "version" in CliRunner().invoke(app_for([]), ["--help"]).output


def test_an_unknown_command_says_which_may_be_meant() -> None:
    code, told = run("rum")

    assert code == 2
    assert "No such command 'rum'. Did you mean 'run'?" in told


def test_no_command_shows_the_help() -> None:
    assert "Typed event pipelines on NATS JetStream." in run()[1]


def _generate(check: bool = False) -> None:
    """Make it."""
    typer.echo(f"checked: {check}")


_EXTRA = typer.Typer(help="Another one.")


@_EXTRA.callback()
def _extra() -> None:
    """Another one."""


@_EXTRA.command()
def sub() -> None:
    typer.echo("sub")


def _exit_code(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["streamworker", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code
