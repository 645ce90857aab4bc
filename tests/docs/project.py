"""A project in a folder that a page's blocks are tried in, from the first to the last."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.docs.blocks import FILES, FOR_PEOPLE, ROOT, Block, Command, commands
from tests.servers import NatsServer

_WITHIN = 120.0
_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?"), "TIME"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d+(\.\d+)? ?(µs|ms|s|min|h)\b"), "DURATION"),
    (re.compile(r" +"), " "),
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_BY_CHANCE = re.compile(
    r" \+ N (retried|refused|given back)| \(N (duplicates|ignored)\)"
)  # what one run has and another has not


class Project:
    """What the blocks of one page make and do. Commands of `make` run in the repository, whose own numbers vary."""

    def __init__(self, folder: Path, start_server: Callable[[], NatsServer]) -> None:
        self._folder = folder
        self._start_server = start_server
        self._variables: dict[str, str] = {}
        self._others = _without(os.environ, "NATS_", "MIRAKC_")

    def copy(self, *parts: str) -> None:
        """Begin with these parts of the repository."""
        for part in parts:
            run = ["cp", "-r", str(ROOT / part), str(self._folder)]
            subprocess.run(run, check=True)

    def take(self, block: Block) -> None:
        """Do what a block says, or hold it to what is there."""
        if block.language in FILES:
            self._file(block)
        elif block.language == "diff":
            self._change(block)
        elif block.language == "console":
            for command in commands(block):
                self._run(block, command)
        else:
            assert block.language in FOR_PEOPLE, f"{block}: nobody knows what to do with that"

    def _file(self, block: Block) -> None:
        """A file that is not there yet is written; of one that is there, the block is a part."""
        assert block.file, f"{block}: the line before it has to name its file, in backquotes, and end with a colon"
        file = self._folder / block.file
        if file.exists() and block.text.rstrip() not in file.read_text():
            assert is_excerpt(block.text, file.read_text()), f"{block} is not a part of {block.file}"
        elif not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text.rstrip() + "\n")
            if block.language == "python":
                self._type_check(block)

    def _type_check(self, block: Block) -> None:
        command = ["mypy", "--strict", "--explicit-package-bases", "--cache-dir", ".mypy_cache", block.file]
        done = self._do(shlex.join(command), cwd=self._folder)
        assert done.returncode == 0, f"{block}:\n{done.stdout}"

    def _change(self, block: Block) -> None:
        file = self._folder / block.file
        for hunk in block.text.split("\n...\n"):
            lines = hunk.splitlines()
            old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
            new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
            assert file.read_text().count(old) == 1, f"{block}: {block.file} does not hold, once:\n{old}"
            file.write_text(file.read_text().replace(old, new))

    def _run(self, block: Block, command: Command) -> None:
        words = shlex.split(command.line)
        if words == ["nats-server", "-js"]:
            self._variables["NATS_URL"] = self._start_server().url
            return
        if words[0] == "export":
            self._variables |= {name: value for name, _, value in (word.partition("=") for word in words[1:])}
            return
        of_make = words[0] == "make"
        line = command.line if words[0] != "nats" else shlex.join([sys.executable, "-m", "tests.docs.nats", *words[1:]])
        done = self._do(line, cwd=ROOT if of_make or words[0] == "nats" else self._folder)
        shown = "\n".join(command.prints)
        where = f"{block}: $ {command.line}\n--- printed, code {done.returncode}:\n{done.stdout}\n--- shown:\n{shown}"
        assert (done.returncode != 0) == ("error" in shown), where
        if shown:
            assert matches(_normal(shown, numbers=of_make), _normal(done.stdout, numbers=of_make)), where

    def _do(self, line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line],
            cwd=cwd,
            env={**self._others, **self._variables, "PATH": _path(), "STORE": str(self._folder / "store")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_WITHIN,
        )


def _path() -> str:
    return os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])


def _without(variables: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    return {name: value for name, value in variables.items() if not name.startswith(prefixes)}


def _normal(text: str, *, numbers: bool) -> list[str]:
    """The lines of a text without what differs from run to run."""
    for varying, name in _VARYING:
        text = varying.sub(name, text)
    if numbers:
        text = _BY_CHANCE.sub("", _NUMBER.sub("N", text))
    return [line.strip() for line in text.strip().splitlines()]


def matches(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether all was printed as shown; a line `...` stands for any number of lines, and at a line's end for its rest."""
    if not shown:
        return not printed
    if shown[0] == "...":
        return any(matches(shown[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    return bool(printed) and _alike(shown[0], printed[0]) and matches(shown[1:], printed[1:])


def _alike(shown: str, printed: str) -> bool:
    return printed.startswith(shown[:-3]) if shown.endswith(" ...") else shown == printed


def is_excerpt(block: str, whole: str) -> bool:
    """Whether the parts of a block, between lines `...`, stand in a file in their order."""
    at = 0
    for part in re.split(r"^ *\.\.\.$\n?", block, flags=re.MULTILINE):
        at = whole.find(part.rstrip("\n"), at)
        if at < 0:
            return False
    return True
