"""The generator in processes of its own: one loads while the compiler reads schemas; where there is much to make, others help."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final

from streamworker_codegen.models.generator import Job

if TYPE_CHECKING:
    import subprocess
    from concurrent.futures import ThreadPoolExecutor

_COMMAND: Final = (sys.executable, "-P", "-m", "streamworker_codegen.models.generator")
_MOST: Final = 8  # each takes some 100 MB
_WORTH: Final = 2  # jobs that take longer than another process does to start


class Processes:
    """Texts of jobs, in order. All processes end with this object; none is there, and nothing is loaded for it, before `start`."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []
        self._asking: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """The first process, so that it is ready when it is asked. Does nothing where it was started."""
        if not self._running:
            self._running.append(_start())

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def __call__(self, jobs: Sequence[Job]) -> Iterator[str]:
        """All jobs are under way at once. Raises RuntimeError where the generator fails; its own words go to standard error."""
        if not jobs:
            return iter(())
        from concurrent.futures import ThreadPoolExecutor
        from queue import SimpleQueue

        wanted = min(max(len(jobs) // _WORTH, 1), _processors(), _MOST)
        self._running += [_start() for _ in range(wanted - len(self._running))]
        idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        for each in self._running:
            idle.put(each)

        def text(job: Job) -> str:
            process = idle.get()
            try:
                return _ask(process, job)
            finally:
                idle.put(process)

        self._asking = ThreadPoolExecutor(len(self._running))
        return self._asking.map(text, jobs)

    def end(self) -> None:
        """Whatever is under way."""
        for each in self._running:  # the threads wait for these
            each.kill()
            each.communicate()
        if self._asking:
            self._asking.shutdown(cancel_futures=True)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start() -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C is for the compiler, which ends it."""
    import subprocess

    pipe = subprocess.PIPE
    surroundings = {**os.environ, "PYDANTIC_DISABLE_PLUGINS": "1"}  # else it looks for some in all that is installed
    return subprocess.Popen(
        _COMMAND, stdin=pipe, stdout=pipe, encoding="utf-8", env=surroundings, start_new_session=True
    )


def _ask(process: subprocess.Popen[str], job: Job) -> str:
    requests, answers = _pipes(process)
    try:
        requests.write(job.line())
        requests.flush()
        line = answers.readline()
    except BrokenPipeError:
        line = ""
    if not line:
        raise RuntimeError(f"datamodel-code-generator failed (exit code {process.wait()})")
    return str(json.loads(line))


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout
