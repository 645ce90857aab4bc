"""Which buckets, object stores and subjects a handler's code uses: found through every way in which code names things."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamworker.app.reach import Reach, reach_of
from streamworker.spec import BoundWorker, WorkerSpec

DECLARED = """
from pydantic import BaseModel
from streamworker.resources import Bucket, ObjectStore
from streamworker.subject import Subject

class Thing(BaseModel):
    id: str

A, B, C, D, E = (Bucket(name, "{id}", Thing) for name in "abcde")
PHOTOS = ObjectStore(name="photos")
THINGS = Subject("things.{id}", Thing)
OTHERS = Subject("others.{id}", Thing)
"""
STORES = """
from . import declared
from .declared import A, B, C

class Store:
    def __init__(self, resources, second=B):
        self.one = resources.bucket(A)

    @property
    def three(self):
        return C

    @staticmethod
    def photos(resources):
        return resources.objects(declared.PHOTOS)

class Special(Store):
    pass

def unused(resources):
    return resources.bucket(declared.E)
"""
HANDLERS = """
from contextlib import asynccontextmanager
from functools import partial, wraps
from . import stores
from .declared import D, THINGS, Thing

def logged(function):
    @wraps(function)
    async def wrapper(*arguments):
        return await function(*arguments)
    return wrapper

async def nothing(event: Thing) -> None:
    pass

async def by_class(event):
    stores.Special(None)

async def by_function_in_a_function(event):
    def inner():
        return D
    return inner()

async def by_late_import(event):
    from reached.declared import THINGS as things
    from .declared import PHOTOS
    return things, PHOTOS

@logged
async def by_decorator(event):
    return D

@asynccontextmanager
async def by_lifespan(resources):
    yield partial(keep, THINGS)

def keep(subject, event):
    return TABLE["d"][0]

TABLE = {"d": [D]}

class Service:
    def __init__(self):
        self.bucket = D

    async def handle(self, event):
        return self.bucket

SERVICE = Service()

async def by_object(event):
    return await SERVICE.handle(event)
"""
ALL_OF_STORES = Reach(buckets=frozenset({"a", "b", "c"}), objects=frozenset({"photos"}))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "reached"
    folder.mkdir()
    for name, text in (("__init__", ""), ("declared", DECLARED), ("stores", STORES), ("handlers", HANDLERS)):
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for module in [name for name in sys.modules if name.split(".")[0] == "reached"]:
        del sys.modules[module]


def reach(project: Path, name: str) -> Reach:
    target = getattr(importlib.import_module("reached.handlers"), name)
    return reach_of(BoundWorker(WorkerSpec[object, object](name="w", source=()), target, None), project)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nothing", Reach()),
        ("by_class", ALL_OF_STORES),
        ("by_function_in_a_function", Reach(buckets=frozenset({"d"}))),
        ("by_late_import", Reach(objects=frozenset({"photos"}), subjects=frozenset({"things.*"}))),
        ("by_decorator", Reach(buckets=frozenset({"d"}))),
        ("by_lifespan", Reach(buckets=frozenset({"d"}), subjects=frozenset({"things.*"}))),
        ("by_object", Reach(buckets=frozenset({"d"}))),
    ],
)
def test_what_a_handler_names_is_found(package: Path, name: str, found: Reach) -> None:
    assert reach(package, name) == found


def test_modules_outside_the_project_are_not_looked_into(package: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert reach(other, "by_class") == Reach()
