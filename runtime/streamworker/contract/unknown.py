"""Fields of an event that its schema does not name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from inspect import get_annotations
from typing import Any, get_args

from pydantic import BaseModel

from streamworker.contract.model import Event, Part
from streamworker.contract.names import json_name
from streamworker.contract.violations import pointer


def may_hold_unknown(model: type[BaseModel]) -> bool:
    """Whether an event of this model may hold fields that its schema does not name, at any depth."""
    return any(map(_takes_more, _models_in(model)))


def may_hold_unknown_within(model: type[BaseModel]) -> bool:
    """Whether a part of it may: where none may, and it has no other fields itself, nobody has to look."""
    return bool(_places(model))


def holds_unknown(part: BaseModel) -> bool:
    """Whether it does. On the hot path: looks only where there may be some."""
    model = type(part)
    if (more := part.__pydantic_extra__) and (_takes_unknown(model) or any(map(_any_holds, more.values()))):
        return True
    fields = part.__dict__
    for name in _places(model):
        value = fields.get(name)
        if value is not None and (holds_unknown(value) if isinstance(value, BaseModel) else _any_holds(value)):
            return True
    return False


def unknown_fields(value: object, path: tuple[str | int, ...] = ()) -> Iterator[str]:
    """All of them, as JSON pointers."""
    if isinstance(value, BaseModel):
        for key, item in (value.__pydantic_extra__ or {}).items():
            if _takes_unknown(type(value)):
                yield pointer((*path, key))
            else:
                yield from unknown_fields(item, (*path, key))
        for name, field in type(value).model_fields.items():
            yield from unknown_fields(getattr(value, name, None), (*path, json_name(name, field)))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from unknown_fields(item, (*path, key))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from unknown_fields(item, (*path, index))


def _any_holds(value: object) -> bool:
    if isinstance(value, BaseModel):
        return holds_unknown(value)
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return isinstance(value, tuple | list) and any(map(_any_holds, value))


@cache
def _places(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields whose values may take more than is named."""
    fields = model.model_fields.items()
    return tuple(name for name, field in fields if any(map(_takes_more, _models_in(field.annotation))))


@cache
def _takes_unknown(model: type[BaseModel]) -> bool:
    """Whether the schema says nothing of the other fields: where it does, the class gives them a type."""
    own = model.__mro__[: model.__mro__.index(Part)] if issubclass(model, Part) else ()
    return bool(own) and not any("__pydantic_extra__" in get_annotations(each) for each in own if each is not Event)


def _takes_more(model: type[BaseModel]) -> bool:
    return issubclass(model, Part) and model.model_config.get("extra") == "allow"


def _models_in(annotation: Any, found: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """All models that a value of a type may hold, at any depth."""
    found = set() if found is None else found
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in found:
            found.add(annotation)
            for field in annotation.model_fields.values():
                _models_in(field.annotation, found)
    else:
        for argument in get_args(getattr(annotation, "__value__", annotation)):
            _models_in(argument, found)
    return found
