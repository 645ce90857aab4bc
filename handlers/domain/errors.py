"""What can go wrong in the recorder, and what becomes of the event then.

StreamError
├── InvalidTimeRange    a programme that ends before it begins: ignored
├── MirakcError
│   ├── NotFound        mirakc does not know the service (any more): ignored
│   ├── Unavailable     mirakc did not answer, or not well: tried again
│   └── Garbled         an answer that no retry mends: kept among the dead letters
├── ProgramMissing      a programme is announced and not to be read yet: tried again
└── PageError
    ├── PageUnusable    a page that there is no picture to have from: ignored
    └── PageUnavailable a page that did not answer in time: tried again
"""

from __future__ import annotations

from streamworker import DeadLetter, Ignore, Retry, StreamError


class InvalidTimeRange(StreamError):
    error_action = Ignore()


class MirakcError(StreamError):
    """`error_action` is its subclasses' to say."""


class NotFound(MirakcError):
    error_action = Ignore()


class Unavailable(MirakcError):
    error_action = Retry()


class Garbled(MirakcError):
    error_action = DeadLetter()


class ProgramMissing(StreamError):
    error_action = Retry()


class PageError(StreamError):
    """`error_action` is its subclasses' to say."""


class PageUnusable(PageError):
    error_action = Ignore()


class PageUnavailable(PageError):
    error_action = Retry()
