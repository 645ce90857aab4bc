"""Subjects and the events that they carry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from streamworker.contract.codec import Codec, ModelCodec, SchemaCodec
from streamworker.contract.contracts import Contract
from streamworker.contract.tokens import SubjectTemplate

E = TypeVar("E", bound=BaseModel)
E_co = TypeVar("E_co", covariant=True)


class AnySubject(Protocol):
    """A subject whose event is of some type: what is common to all.

    What it encodes is Any: the honest Never would have mypy infer `Subject[Never]` for a `Subject(...)` written in place.
    """

    @property
    def name(self) -> str: ...
    @property
    def filter(self) -> str: ...
    @property
    def event(self) -> type[object]: ...
    def decode(self, data: bytes, /) -> object: ...
    def encode(self, event: Any, /) -> bytes: ...
    def encode_closed(self, event: Any, /) -> bytes: ...
    def subject_for(self, event: Any, /) -> str: ...
    def matches(self, subject: str, /) -> bool: ...
    def tokens(self, subject: str, /) -> Mapping[str, str]: ...


class Decodes(Protocol[E_co]):
    """A subject as a source sees it."""

    @property
    def name(self) -> str: ...
    @property
    def filter(self) -> str: ...
    def decode(self, data: bytes, /) -> E_co: ...
    def matches(self, subject: str, /) -> bool: ...
    def tokens(self, subject: str, /) -> Mapping[str, str]: ...


class Subject(Generic[E]):
    """A declared subject and its event; made by `generate`, or by hand with a model of your own.

    name: as declared, with a `{field}` for each token; wildcards (`*`, `>`) make it one to read from only. filter: with a wildcard for
    each token. event: the class that it carries. contract: the schema that events are held to; without one the model is the contract.
    unknown: whether a worker's output may have fields that the schema does not name. readers: whether others than this pipeline
    read it. Raises ConfigurationError for a name that is no subject, and for a token that names no field.
    """

    def __init__(
        self,
        name: str,
        event: type[E],
        contract: Contract | None = None,
        *,
        unknown: Literal["refuse", "pass"] = "refuse",
        readers: Literal["pipeline", "external"] = "pipeline",
    ) -> None:
        if contract is None:
            event.model_rebuild()  # a class by hand may be wrong: that shows here, and not with the first event
        self._template = SubjectTemplate(name, event)
        self.name = name
        self.filter = self._template.filter
        self.event = event
        self.contract = contract
        self.unknown = unknown
        self.readers = readers

    def __repr__(self) -> str:
        return f"Subject({self.name!r}, {self.event.__name__})"

    def decode(self, data: bytes, /) -> E:
        """The event of a message. Raises ContractViolation, with every failing place, where its schema does not accept it."""
        return self._codec.decode(data)

    def encode(self, event: E, /) -> bytes:
        """The JSON of an event: the bytes that it came as, where it was decoded. Raises ContractViolation where its schema does not
        accept it."""
        return self._codec.encode(event)

    def encode_closed(self, event: E, /) -> bytes:
        """As `encode`, for a worker's output: fields that the schema does not name are a ContractViolation, unless `unknown` is pass."""
        return self._codec.encoder(closed=self.unknown == "refuse")(event)

    def subject_for(self, event: E, /) -> str:
        """The concrete subject of an event. Raises ContractViolation where a token's value is missing or can't be part of a subject."""
        return self._template.fill(event)

    def matches(self, subject: str, /) -> bool:
        """Whether a concrete subject is one of this."""
        return self._template.matches(subject)

    def tokens(self, subject: str, /) -> Mapping[str, str]:
        """The tokens of a concrete subject, as text, by the field that each names. Raises ValueError for a subject of another."""
        return self._template.tokens(subject)

    @cached_property
    def _codec(self) -> Codec[E]:
        """Made on the first use. From then on the methods above are those that do the work, with nothing between: 0.4 us of an event."""
        codec: Codec[E] = (
            SchemaCodec(self.event, self.contract) if self.contract is not None else ModelCodec(self.event)
        )
        closed = codec.encoder(closed=self.unknown == "refuse")
        direct = {"decode": codec.decode, "encode": codec.encode, "encode_closed": closed}
        self.__dict__.update(direct, subject_for=self._template.fill)
        return codec
