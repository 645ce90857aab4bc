"""Message ids: the same output of the same input has the same id, whoever publishes it, however often.

An id is a 96-bit hash in 24 characters: ids are kept in the server's memory for the whole duplicate window, so they are short; that two
of a hundred million are equal has a chance of one in ten million million.
"""

from __future__ import annotations

from hashlib import blake2b

from streamworker.delivery import Origin

_BYTES = 12


class Ids:
    """The ids that one worker gives. Derived from pipeline, worker, the input's origin, the concrete subject and the index there."""

    def __init__(self, pipeline: str, worker: str) -> None:
        self._base = blake2b(f"{pipeline}\0{worker}\0".encode(), digest_size=_BYTES)

    def output(self, origin: Origin, subject: str, index: int = 0) -> str:
        """The id of the `index`-th output that an input makes on `subject`."""
        digest = self._base.copy()
        digest.update(f"{origin.stream}\0{origin.created}\0{origin.sequence}\0{subject}\0{index}".encode())
        return digest.hexdigest()

    def publish(self, origin: Origin, counter: int) -> str:
        """The id of the `counter`-th publish that a handler does by itself."""
        return self.output(origin, "\0publish", counter)  # as no subject can be

    def letter(self, origin: Origin, redriven: int) -> str:
        """The id of the dead letter of an input that was redriven so many times."""
        return self.output(origin, "\0letter", redriven)

    def advisory(self, origin: Origin) -> str:
        """The id of the letter of an input that the server gave up on."""
        return self.output(origin, "\0advisory")
