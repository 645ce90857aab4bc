"""The base classes of generated models: frozen, by keyword, with JSON names on the wire and snake_case names in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field
from pydantic._internal._model_construction import ModelMetaclass

T = TypeVar("T")

if TYPE_CHECKING:

    @dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
    class _Frozen(ModelMetaclass):
        """What a type checker is told: `frozen` in a ConfigDict is invisible to it."""

    Omittable: TypeAlias = T | None
    """A field that may be omitted but is never null: `note: Omittable[str] = None`. In code, None stands for "omitted"."""
else:
    _Frozen = ModelMetaclass

    class Omittable:
        def __class_getitem__(cls, item: object) -> object:
            # The validator sees the type alone: it refuses null, and an omitted field takes its default unvalidated.
            return item


class Part(BaseModel, metaclass=_Frozen):
    """Base of the objects within an event."""

    __slots__ = ()

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        validate_by_alias=True,
        validate_by_name=True,
        ser_json_inf_nan="constants",
        protected_namespaces=(),
    )


class Event(Part):
    """Base of events. One that was decoded keeps the bytes that it came as."""

    __slots__ = ("__kept__",)


KEPT: Final = Event.__dict__["__kept__"]
