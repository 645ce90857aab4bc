"""`make run`, as a user starts and ends it: the whole pipeline on a simulator and an embedded server, bounded.

Where it is ended by a signal, what `make` runs is run without `make`: that ends as who got the signal too, whatever its command says.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import Eventually, StartNatsServer
from tests.integration.recorder import PROJECT, simulating
from tests.runtime.terminal import Terminal

SMALL = {"SERVICES": "3", "PROGRAMS": "60"}
WITHIN = 60.0  # seconds for a run that takes a few
OURS = ("PATH", "HOME", "LANG", "TMPDIR")

Start = Callable[..., "Run"]


MAKE_RUN = ("make", "--no-print-directory", "run")
RUN = (sys.executable, "-m", "tests.simulator.run")


class Run:
    """A run with variables of a test's own, and none of those that would point it elsewhere."""

    def __init__(self, command: Sequence[str], output: Path, store: Path, **variables: str) -> None:
        environment = {name: os.environ[name] for name in OURS if name in os.environ}
        self._output = output
        with output.open("wb") as to:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**environment, "STORE": str(store), **variables},
                stdout=to,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    @property
    def out(self) -> str:
        return self._output.read_text()

    def end(self) -> int:
        return self.process.wait(WITHIN)

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, as a terminal does; the simulator and the pipeline have groups of their own."""
        os.killpg(self.process.pid, number)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def start(command: Sequence[str] = RUN, **variables: str) -> Run:
        runs.append(Run(command, tmp_path / f"{len(runs)}.txt", tmp_path / "store", **variables))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.signal(signal.SIGKILL)
        run.process.wait()


def running_in(folder: Path) -> list[str]:
    """The command lines of all processes that name `folder`."""
    found = (path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())
    return [line.decode().replace("\0", " ") for line in found if str(folder).encode() in line]


async def test_it_runs_all_of_it_and_leaves_nothing_running(start: Start, tmp_path: Path) -> None:
    run = start(MAKE_RUN, DURATION="3", **SMALL)

    assert run.end() == 0, run.out
    assert re.search(r"^mirakc simulator at http://127\.0\.0\.1:\d+; ", run.out, re.MULTILINE)
    assert re.search(r"^recorder ran for [\d.]+ s: nothing is left to do$", run.out, re.MULTILINE)
    parts = re.findall(r"^  ([a-z-]+) +([\d,]+) in = ", run.out, re.MULTILINE)
    assert [name for name, _ in parts] == [
        *("mirakc", "epg-updater", "program-fanout", "schedule-planner", "scheduler", "record-watcher", "ogp-collector")
    ]
    assert int(dict(parts)["schedule-planner"]) >= 60
    assert "ERROR" not in run.out
    assert running_in(tmp_path) == []


async def test_ctrl_c_is_heard_once_and_ends_it_with_a_report(tmp_path: Path) -> None:
    terminal = Terminal(["make", "-C", str(PROJECT), "run"], columns=100, STORE=str(tmp_path / "store"), **SMALL)
    try:
        terminal.shows(lambda screen: "Ctrl-C stops" in screen and "schedule-planner" in screen)
        terminal.press("\x03")

        terminal.end()
        assert "SIGINT: finishing what has started" in terminal.screen
        assert "SIGINT again" not in terminal.screen
        assert ": stopped by SIGINT" in terminal.screen
        assert "***" not in terminal.screen, "make has nothing to complain of"
        assert running_in(tmp_path) == []
    finally:
        terminal.kill()


async def test_sigterm_to_the_whole_group_is_one_wish(start: Start, tmp_path: Path, eventually: Eventually) -> None:
    run = start(MAKE_RUN, **SMALL)
    await eventually(lambda: "schedule-planner" in run.out, within=WITHIN, what="the pipeline is at work")
    run.signal(signal.SIGTERM)
    run.end()

    assert ": stopped by SIGTERM\n" in run.out
    assert "again" not in run.out
    await eventually(lambda: running_in(tmp_path) == [], what="nothing runs any more")


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="the kernel of Linux ends what a killed process has started"
)
async def test_after_a_kill_nothing_is_left_and_the_next_run_works(
    start: Start, tmp_path: Path, eventually: Eventually
) -> None:
    run = start(**SMALL)
    await eventually(lambda: "schedule-planner" in run.out, within=WITHIN, what="the pipeline is at work")
    run.signal(signal.SIGKILL)
    run.end()
    await eventually(lambda: running_in(tmp_path) == [], within=20, what="nothing runs any more")

    again = start(DURATION="1", **SMALL)
    assert again.end() == 0, again.out
    assert ": nothing is left to do\n" in again.out


async def test_two_runs_do_not_share_a_folder(start: Start, eventually: Eventually) -> None:
    first = start(**SMALL)
    await eventually(lambda: "schedule-planner" in first.out, within=WITHIN, what="the pipeline is at work")
    second = start(**SMALL)

    assert second.end() == 2
    assert "another run uses " in second.out
    assert "end it, or set STORE to another folder" in second.out
    first.signal(signal.SIGINT)
    assert first.end() == 0, first.out


async def test_variables_point_it_at_real_ones(
    start: Start, tmp_path: Path, start_nats_server: StartNatsServer, eventually: Eventually
) -> None:
    server = start_nats_server()
    with simulating(tmp_path / "log", "--services", "1", "--programs", "5") as url:
        run = start(NATS_URL=server.url, MIRAKC_URL=url)
        await eventually(lambda: f"connected to {url}/events" in run.out, within=WITHIN, what="the feed is read")
        run.signal(signal.SIGINT)

        assert run.end() == 0, run.out
    assert "simulator at" not in run.out
    assert "embedded" not in run.out


async def test_a_folder_of_somebody_elses_is_not_emptied(start: Start, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "thesis.txt").write_text("years of work")
    run = start(**SMALL)

    assert run.end() == 2
    assert "store holds what no run has left, and would be emptied: name another folder" in run.out
    assert (tmp_path / "store" / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DURATION": "soon"}, "make run: DURATION=soon and SPEED=600 have to be numbers above zero"),
        ({"SERVICES": "many"}, "argument --services: invalid int value: 'many'"),
        ({"FAULTS": "gremlins=1"}, "no such fault: gremlins; there are "),
        ({"FAULTS": "drop=x"}, "the fault drop=x is not like drop=0.01, a share of all"),
        ({"STORE": "/proc/nowhere/store"}, "make run: STORE=/proc/nowhere/store can't be used: "),
    ],
    ids=lambda value: "=".join(*value.items()) if isinstance(value, dict) else "",
)
async def test_a_variable_that_makes_no_sense_is_refused(start: Start, variables: dict[str, str], said: str) -> None:
    run = start(**variables)

    assert run.end() == 2
    assert said in run.out
    assert "Traceback" not in run.out
