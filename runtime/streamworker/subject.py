"""Subjects and the events that they carry."""

from __future__ import annotations

from typing import Generic, Never, Protocol, TypeVar

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class AnySubject(Protocol):
    """A subject whose event is of some type: what is common to all."""

    @property
    def name(self) -> str: ...
    @property
    def filter(self) -> str: ...
    @property
    def event(self) -> type[object]: ...
    def decode(self, data: bytes, /) -> object: ...
    def encode(self, event: Never, /) -> bytes: ...
    def subject_for(self, event: Never, /) -> str: ...


class Decodes(Protocol[E_co]):
    """A subject as a source sees it."""

    @property
    def name(self) -> str: ...
    @property
    def filter(self) -> str: ...
    def decode(self, data: bytes, /) -> E_co: ...


class Subject(Generic[E]):
    """A declared subject and its event; made by `generate`, or by hand with a model of your own.

    TO BE FILLED IN: name, filter, event, decode, encode, subject_for, tokens(subject)
    """
