"""The base classes of generated models: frozen, by keyword, with JSON names on the wire and snake_case names in code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self, TypeAlias, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema

from streamworker.contract.json_values import Json
from streamworker.contract.names import TAKES_UNKNOWN, json_name, refuse_attribute_names

T = TypeVar("T")
_OMITTED: Final = object()

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass

    @dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
    class _Frozen(ModelMetaclass):
        """What a type checker is told: `frozen` in a ConfigDict is invisible to it."""

    Omittable: TypeAlias = T | None
    """A field that may be omitted but is never null: `note: Omittable[str] = None`. In code, None stands for "omitted"."""
else:
    _Frozen = type(BaseModel)

    class Omittable:
        def __class_getitem__(cls, item: object) -> object:
            # The validator sees the type alone: it refuses null, and an omitted field takes its default unvalidated.
            return Annotated[item, _OMITTED]


class Unchecked:
    """Whether this process has made an event, or a part of one, past its validator. From then on `encode` trusts none that was
    made in code: a part may sit anywhere in one."""

    made: ClassVar[bool] = False


class Part(BaseModel, metaclass=_Frozen):
    """Base of the objects within an event. Other fields than the schema names are kept, where it allows them.

    One that is called like an attribute, where the attribute has another JSON name, is given in code beside that name:
    `Message(**{"sentAt": moment, "sent_at": "unknown"})`, or `"sentAt": None` where that is left out.

    A class whose schema says what they may be (`additionalProperties: {type: integer}`) gives them that type:
    `__pydantic_extra__: dict[str, int]`, hidden from type checkers, which would take it for an argument.
    """

    __slots__ = ()

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        ser_json_inf_nan="constants",
        protected_namespaces=(),
        defer_build=True,  # a process uses few of a project's events: each class is built on its first use, in a millisecond
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        if cls.model_config.get("extra") == "allow":
            refuse_attribute_names(handler.resolve_ref_schema(schema))
        return schema

    # What follows is hidden from type checkers, which know the signatures of BaseModel's methods and each model's own __init__.
    if not TYPE_CHECKING:
        __pydantic_extra__: dict[str, Json]

        def __init__(self, /, **fields: object) -> None:
            _make(self, fields)

        __init__.__pydantic_base_init__ = True  # else pydantic would call it for every decoded part, too

        def model_dump(self, *, exclude_unset: bool = True, **options: object) -> dict[str, object]:
            return super().model_dump(exclude_unset=exclude_unset, **options)

        def model_dump_json(self, *, exclude_unset: bool = True, **options: object) -> str:
            return super().model_dump_json(exclude_unset=exclude_unset, **options)

        def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
            copied = super().model_copy(deep=deep)
            return _changed(copied, update) if update else copied

        @classmethod
        def model_construct(cls, _fields_set: set[str] | None = None, **values: object) -> Self:
            Unchecked.made = True
            return super().model_construct(_fields_set, **values)


class Event(Part):
    """Base of events. One that was decoded keeps the bytes that it came as, which are what it leaves as."""

    __slots__ = ("__kept__",)

    if not TYPE_CHECKING:

        def __init__(self, /, **fields: object) -> None:
            _make(self, fields)  # not `super()`, which would copy them once more
            keep(self, None)

        __init__.__pydantic_base_init__ = True


keep: Final[Callable[[Any, bytes | None], None]] = Event.__dict__["__kept__"].__set__
"""Sets the bytes that an event came as."""
kept: Final[Callable[[Any], bytes | None]] = Event.__dict__["__kept__"].__get__
"""The bytes that an event came as; None for one made in code. Raises AttributeError for a copy, which has none either."""


@cache
def omittable_fields(model: type[BaseModel]) -> frozenset[str]:
    """The fields for which None means "omitted"."""
    return frozenset(name for name, field in model.model_fields.items() if _OMITTED in field.metadata)


def set_fields(part: BaseModel, names: Iterable[str]) -> None:
    """Say which fields of a part were given; the others are left out of its JSON."""
    object.__setattr__(part, "__pydantic_fields_set__", set(names))


def _make(part: Part, fields: dict[str, object]) -> None:
    """Make a part of what it is given in code. Raises ValidationError."""
    omitted: tuple[str, ...] = ()
    for name in omittable_fields(type(part)):
        if fields.get(name, ...) is None:
            del fields[name]
            omitted += (name,)
    try:
        part.__pydantic_validator__.validate_python(fields, self_instance=part)
    except ValidationError:
        fields |= dict.fromkeys(omitted)
        if not (namesakes := _namesakes(type(part), fields)):
            raise
        _fill(part, fields, namesakes)


def _namesakes(model: type[BaseModel], fields: Mapping[str, object]) -> frozenset[str]:
    """The unknown fields that are called like attributes: those attributes are given by their JSON names."""
    names = ((name, json_name(name, field)) for name, field in model.model_fields.items())
    return frozenset(name for name, written in names if name != written and {name, written} <= fields.keys())


def _fill(part: Part, fields: Mapping[str, object], namesakes: frozenset[str]) -> None:
    """Validates a part that has unknown fields which are called like attributes. Raises ValidationError."""
    model = type(part)
    names = {name: json_name(name, field) for name, field in model.model_fields.items()}
    omitted = {names[name] for name in omittable_fields(model) if fields.get(names[name], ...) is None}
    named = {name if name in namesakes else names.get(name, name): value for name, value in fields.items()}
    given = {name: value for name, value in named.items() if name not in omitted}
    validate = model.__pydantic_validator__.validate_python
    validate(given, self_instance=part, by_alias=True, by_name=False, context=TAKES_UNKNOWN)
    set_fields(part, (name for name, written in names.items() if written in given))


def _changed(part: Part, update: Mapping[str, object]) -> Part:
    """A copy with other values, as strictly validated as one made anew."""
    model = type(part)
    fields, omittable = model.model_fields, omittable_fields(model)
    given = {name: getattr(part, name) for name in part.model_fields_set if name in fields} | dict(update)
    given = {name: value for name, value in given.items() if value is not None or name not in omittable}
    named = {json_name(name, fields[name]) if name in fields else name: value for name, value in given.items()}
    values = {**(part.model_extra or {}), **named}
    changed = model.model_validate(values, by_alias=True, by_name=False, context=TAKES_UNKNOWN)
    set_fields(changed, given)
    return changed
