"""`make run`: the reference pipeline at work, on a simulator where no MIRAKC_URL is set, on an embedded server where no NATS_URL is.

Variables of the simulator, with their defaults: SEED=1, SERVICES=19, PROGRAMS=7139, SPEED=600 (its seconds in one of ours), FAULTS
(as bad-json=0.01,drop=0.001; faults.py has all), SIMULATOR_PORT. DURATION=seconds, ours, ends its feed after that long, and then the
run, once all is done; without it, Ctrl-C ends both. STORE: the folder of what a run on the simulator leaves, until the next one.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[2]
_STORE = ".streamworker/simulated"
_LOG = "simulator.jsonl"
_SIZES = {"SEED": "1", "SERVICES": "19", "PROGRAMS": "7139", "SPEED": "600"}
_PORT = (
    "40780"  # on a server that stays, events name the simulator that they came from: the next one has to be found there
)
_END_WITHIN = 10.0  # seconds
_ECHO = 1.0  # seconds; `make` passes a SIGTERM on that its whole group has got: one wish, not two
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Refused(Exception):
    """A variable or a simulator that is not as it has to be; the message is for the user."""


def main(variables: Mapping[str, str] = os.environ) -> int:
    """Run until the pipeline has ended; its exit code."""
    os.chdir(PROJECT)
    try:
        return asyncio.run(_run(variables))
    except Refused as refused:
        print(f"make run: {refused}", file=sys.stderr)
        return 2


async def _run(variables: Mapping[str, str]) -> int:
    wishes = _Wishes()
    with wishes.heard():
        if variables.get("MIRAKC_URL"):
            return await wishes.followed_by(await _started(_pipeline(variables), variables))
        with _emptied(_store(variables)):
            return await _run_simulated(wishes, variables)


async def _run_simulated(wishes: _Wishes, variables: Mapping[str, str]) -> int:
    async with _simulator(variables) as (simulator, url):
        pipeline = await _started(_pipeline(variables), {**variables, "MIRAKC_URL": url})
        return await wishes.followed_by(pipeline, simulator)


class _Wishes:
    """Ctrl-C and the like. The pipeline has a process group of its own, and hears each of them once, from here."""

    def __init__(self) -> None:
        self._pipeline: Process | None = None
        self._simulator: Process | None = None
        self._last = (0, 0.0)

    @contextmanager
    def heard(self) -> Iterator[None]:
        loop, numbers = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._pass_on, number)
        loop.add_signal_handler(signal.SIGTSTP, self._pause)
        try:
            yield
        finally:
            for number in (*numbers, signal.SIGTSTP):
                loop.remove_signal_handler(number)

    async def followed_by(self, pipeline: Process, simulator: Process | None = None) -> int:
        """Pass wishes on to `pipeline` until it has ended; its exit code. It does not outlive the simulator."""
        self._pipeline, self._simulator = pipeline, simulator
        if self._last[0]:
            _send(pipeline, self._last[0])
        ends = {asyncio.ensure_future(process.wait()) for process in (pipeline, simulator) if process}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if pipeline.returncode is None:
            print("make run: the simulator has ended, so the pipeline stops", file=sys.stderr)
            _send(pipeline, signal.SIGTERM)
        code = await pipeline.wait()
        return code if code >= 0 else 128 - code

    def _pass_on(self, number: int) -> None:
        (last, at), now = self._last, time.monotonic()
        self._last = number, now
        if not (number == last == signal.SIGTERM and now - at < _ECHO):
            _send(self._pipeline, number)

    def _pause(self) -> None:
        """Ctrl-Z, until `fg`."""
        for process in (self._pipeline, self._simulator):
            _send(process, signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        for process in (self._pipeline, self._simulator):
            _send(process, signal.SIGCONT)


def _store(variables: Mapping[str, str]) -> Path:
    return Path(variables.get("STORE") or _STORE)


def _log(variables: Mapping[str, str]) -> Path:
    return _store(variables) / _LOG


@contextmanager
def _emptied(store: Path) -> Iterator[None]:
    """The folder, for this run alone, without the world of an earlier simulator: this one's is another."""
    with ExitStack() as held:
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context(store.with_suffix(".lock").open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _empty(store)
        except BlockingIOError:
            raise Refused(f"another run uses {store}: end it, or set STORE to another folder") from None
        except OSError as error:
            raise Refused(f"STORE={store} can't be used: {error.strerror}: {error.filename}") from None
        yield


def _empty(store: Path) -> None:
    if store.exists() and any(store.iterdir()) and not (store / _LOG).exists():
        raise Refused(f"STORE={store} holds what no run has left, and would be emptied: name another folder")
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()


def _pipeline(variables: Mapping[str, str]) -> Sequence[str]:
    """The command that runs the pipeline."""
    command = [sys.executable, "-m", "streamworker.cli", "run"]
    simulated = not variables.get("MIRAKC_URL")
    if not variables.get("NATS_URL"):
        command += ["--embedded", *(["--store", str(_store(variables) / "nats")] if simulated else [])]
    if simulated and variables.get("DURATION"):
        command += ["--until-idle"]
    return command


@asynccontextmanager
async def _simulator(variables: Mapping[str, str]) -> AsyncIterator[tuple[Process, str]]:
    """A simulator, and its address."""
    process = await _started(_simulation(variables), variables, stdout=PIPE)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise Refused("the simulator did not start")
        print(f"mirakc simulator at {url}; what it sends is logged in {_log(variables)}", flush=True)
        yield process, url
    finally:
        _send(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _END_WITHIN)
        except TimeoutError:
            process.kill()


def _simulation(variables: Mapping[str, str]) -> Sequence[str]:
    """The command that runs the simulator."""
    given = {name: variables.get(name) or default for name, default in _SIZES.items()}
    port = variables.get("SIMULATOR_PORT") or (_PORT if variables.get("NATS_URL") else "0")
    command = [sys.executable, "-m", "tests.simulator", "--log", str(_log(variables)), "--port", port]
    command += [part for name, value in given.items() for part in (f"--{name.lower()}", value)]
    command += [f"--fault={fault}" for fault in variables.get("FAULTS", "").split(",") if fault]
    if duration := variables.get("DURATION"):
        command += ["--duration", str(_hours(duration, given["SPEED"]))]
    return command


def _hours(duration: str, speed: str) -> float:
    """Seconds of ours in hours of the simulator's."""
    try:
        hours = float(duration) * float(speed) / 3600
    except ValueError:
        hours = 0
    if not hours > 0:
        raise Refused(f"DURATION={duration} and SPEED={speed} have to be numbers above zero")
    return hours


async def _started(command: Sequence[str], variables: Mapping[str, str], stdout: int | None = None) -> Process:
    return await asyncio.create_subprocess_exec(
        *command, env=variables, stdin=DEVNULL, stdout=stdout, process_group=0, preexec_fn=_end_with_parent
    )


def _end_with_parent() -> None:
    """Whatever ends this program ends what it has started; elsewhere than on Linux, not SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _send(process: Process | None, number: int) -> None:
    if process and process.returncode is None:
        process.send_signal(number)


if __name__ == "__main__":
    sys.exit(main())
