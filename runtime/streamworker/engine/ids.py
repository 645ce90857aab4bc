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
        return self._id(origin, f"{subject}\0{index}")

    def publish(self, origin: Origin, counter: int) -> str:
        """The id of the `counter`-th publish that a handler does by itself."""
        return self._id(origin, f"\0publish\0{counter}")

    def letter(self, origin: Origin, redriven: int) -> str:
        """The id of the dead letter of an input that was redriven so many times."""
        return self._id(origin, f"\0letter\0{redriven}")

    def advisory(self, origin: Origin) -> str:
        """The id of the letter of an input that the server gave up on."""
        return self._id(origin, "\0advisory")

    def _id(self, origin: Origin, what: str) -> str:
        digest = self._base.copy()
        digest.update(f"{origin.stream}\0{origin.created}\0{origin.sequence}\0{what}".encode())
        return digest.hexdigest()
