"""Event sets that others wrote: which files of which commit are schemas, and which are examples of what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath
from typing import Final, TypeAlias

from ruamel.yaml.error import YAMLError

from tests.public_sets.formats import READERS, read_yaml, referring_to_json, written

Files: TypeAlias = Mapping[str, bytes]
"""Of a repository, by their paths."""


@dataclass(frozen=True)
class Example:
    """A value of the event whose schema is the file `of`, a path below schemas/events/; valid: as those who wrote it mean it."""

    name: str
    of: str
    data: bytes
    valid: bool = True


@dataclass(frozen=True)
class PublicSet:
    """folders: what is read of the repository. schemas: the files below schemas/events/. examples: of these. left_out: files that can't be
    taken, and why: what each of them refers to is not there, or it is no schema of the draft that it is in."""

    repository: str
    commit: str
    folders: tuple[str, ...]
    schemas: Callable[[Files], Files]
    examples: Callable[[Files], Iterator[Example]]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.repository.rpartition("/")[2]


def below(folder: str, suffix: str = ".json") -> Callable[[Files], Files]:
    """The files of a folder, as they are."""

    def schemas(files: Files) -> Files:
        start = f"{folder}/"
        return {
            path.removeprefix(start): data
            for path, data in files.items()
            if path.startswith(start) and path.endswith(suffix)
        }

    return schemas


# OpenLineage: every version that was published of each facet; the examples are of the newest.


def _openlineage_examples(files: Files) -> Iterator[Example]:
    published = sorted(below("website/static/spec")(files), key=_version)
    newest = {PurePosixPath(path).stem: path for path in published}
    for path, data in _of(files, "spec/tests"):
        facet = PurePosixPath(path).parent.name
        yield Example(path, newest["OpenLineage" if facet == "tests" else facet], data)


def _version(path: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", PurePosixPath(path).parent.name)]


# google-cloudevents: `<Event>-<what of it>.json` beside the place of the schema.


def _google_schemas(files: Files) -> Files:
    return {path: data for path, data in below("jsonschema")(files).items() if path != "catalog.json"}


def _google_examples(files: Files) -> Iterator[Example]:
    for path, data in _of(files, "testdata"):
        yield Example(path, path.removeprefix("testdata/").partition("-")[0] + ".json", data)


# jsm.go: the server's advisories and requests. It has no examples.


def _no_examples(_files: Files) -> Iterator[Example]:
    yield from ()


# matrix-spec: YAML, written as JSON here, references to it too.


def _matrix_schemas(files: Files) -> Files:
    named = below("data", ".yaml")({path: data for path, data in files.items() if "/examples/" not in path})
    return {_as_json(path): written(referring_to_json(read_yaml(data))) for path, data in named.items()}


def _matrix_examples(files: Files) -> Iterator[Example]:
    for path, data in _of(files, "data/event-schemas/examples", ".yaml"):
        of = _as_json(PurePosixPath(path).name.partition("$")[0].removesuffix(".yaml") + ".yaml")
        yield Example(path, f"event-schemas/schema/{of}", written(_assembled(path, read_yaml(data), files)))


def _assembled(path: str, value: object, files: Files) -> object:
    """An example with what its `$ref`s bring in: what stands beside one goes before it."""
    if isinstance(value, list):
        return [_assembled(path, each, files) for each in value]
    if not isinstance(value, dict):
        return value
    own = {name: _assembled(path, each, files) for name, each in value.items() if name != "$ref"}
    if "$ref" not in value:
        return own
    target = normpath(join(dirname(path), value["$ref"]))
    brought = _assembled(target, read_yaml(files[target]), files)
    return {**brought, **own} if isinstance(brought, dict) else brought


def _as_json(path: str) -> str:
    return path.removesuffix(".yaml") + ".json"


# xdm: `<name>.example.<number>.json` beside `<name>.schema.json`.


def _xdm_schemas(files: Files) -> Files:
    return {path: data for path, data in files.items() if path.endswith(".schema.json")}


def _xdm_examples(files: Files) -> Iterator[Example]:
    for path, data in files.items():
        if found := re.fullmatch(r"(.*)\.example\.\d+\.json", path):
            of = f"{found[1]}.schema.json"
            if of in files:
                yield Example(path, of, data)


# quicktype: `<name>.<number>.json` beside `<name>.schema`; where `fail` stands in it, the schema refuses it.


_OF_ITS_OWN: Final = (".bool-string", ".out.bool-string", ".integer-string", ".out.integer-string")
"""Of formats that are none of JSON Schema's: `boolean`, `integer`."""


def _quicktype_schemas(files: Files) -> Files:
    named = below("test/inputs/schema", ".schema")(files)
    return {path.removesuffix(".schema") + ".json": data for path, data in named.items()}


def _quicktype_examples(files: Files) -> Iterator[Example]:
    schemas = _quicktype_schemas(files)
    for path, data in _of(files, "test/inputs/schema"):
        found = re.fullmatch(r"(.*?)\.\d+(\.fail)?(\..*)?\.json", path.removeprefix("test/inputs/schema/"))
        if found and f"{found[1]}.json" in schemas and found[3] not in _OF_ITS_OWN:
            yield Example(path, f"{found[1]}.json", data, valid=found[2] is None)


# schemastore: configuration files, not events, but nine hundred schemas of every draft; tests that pass and tests that fail lie in a folder
# for each.

_ON_THE_WEB: Final = """
    block circleciconfig databricks-asset-bundles declarative-automation-bundles geojson gitversion
    golangci-lint haxelib ksp-avc ksp-ckan lazygit markdownlint neoload ogen openapi-3.X
    openapi-arazzo-1.X openapi-overlay-1.X problem_package_generators renovate-global-schema
    renovate-inherited-schema renovate semgrep taskfile theme-v1 xunit-2.2 xunit-2.3
    xunit.runner.schema
"""


def _store_examples(files: Files) -> Iterator[Example]:
    for path, data in files.items():
        _, kind, name, *_ = path.split("/")
        reader = READERS.get(PurePosixPath(path).suffix)
        if kind in ("test", "negative_test") and reader and path != _NOT_REFUSED:
            with suppress(ValueError, TypeError, YAMLError):  # broken on purpose, or no JSON
                yield Example(path, f"{name}.json", reader(data), kind == "test")


_NOT_REFUSED: Final = "src/negative_test/pre-commit-config/local-missing-entry.json"
"""Its schema accepts it."""


def _of(files: Files, folder: str, suffix: str = ".json") -> list[tuple[str, bytes]]:
    return sorted(
        (path, data) for path, data in files.items() if path.startswith(f"{folder}/") and path.endswith(suffix)
    )


SETS: Final = (
    PublicSet(
        "OpenLineage/OpenLineage",
        "8f02abfb7a252783b95df79f443edb13959bf52c",
        ("website/static/spec", "spec/tests"),
        below("website/static/spec"),
        _openlineage_examples,
        {
            f"{version}/OpenLineage.json": "refers to `facets/…`, which was not published there"
            for version in ("1-0-4", "1-0-5", "2-0-0", "2-0-1")
        },
    ),
    PublicSet(
        "googleapis/google-cloudevents",
        "6fda292a458d2d1a534e6faaf8bd766cf9e32eb6",
        ("jsonschema", "testdata"),
        _google_schemas,
        _google_examples,
    ),
    PublicSet(
        "nats-io/jsm.go",
        "caea3c5246c7b5cb5a4fff0c7288046b2a6bae87",
        ("schema_source",),
        below("schema_source"),
        _no_examples,
    ),
    PublicSet(
        "matrix-org/matrix-spec",
        "d0ba2aaef801e0134a4e5c6054a2c2f41bb55531",
        (
            "data/event-schemas",
            *(f"data/api/{each}/definitions" for each in ("client-server", "application-service", "identity")),
        ),
        _matrix_schemas,
        _matrix_examples,
    ),
    PublicSet(
        "adobe/xdm",
        "4a4fc5f8dd175cd81f2419b85130a6fc25053890",
        ("components", "schemas", "extensions"),
        _xdm_schemas,
        _xdm_examples,
    ),
    PublicSet(
        "glideapps/quicktype",
        "41950205609abd8c18a8e315ea87d8904f625012",
        ("test/inputs/schema",),
        _quicktype_schemas,
        _quicktype_examples,
        {
            "id-no-address.json": "names no draft, and is none of 2020-12: `$id` is an anchor",
            "ref-id-files.json": 'refers to `a/test2.json#/`, a pointer to the key ""',
            "ref-remote.json": "refers to a schema on the web",
            "required-draft3.json": "names no draft, and is one of draft 3: `required` is a boolean",
            "simple-ref.json": "refers to `simple-ref.1.ref`, which is no JSON file by its name",
            "tuple.json": "names no draft, and is none of 2020-12: `items` is a list",
            "union.json": "its `$schema` is `http://json-schema.org/schema#`, which is no draft",
        },
    ),
    PublicSet(
        "SchemaStore/schemastore",
        "3b6446ad8a077bac56f4a4796c0b7fd88927fc8e",
        ("src/schemas/json", "src/test", "src/negative_test"),
        below("src/schemas/json"),
        _store_examples,
        {
            **{f"{name}.json": "refers to a schema on the web" for name in _ON_THE_WEB.split()},
            "base-04.json": "refers to `osi-license` by an `$id` that nothing has",
            "clasp.json": "refers to `base-04.json`",
            "cloudify.json": "its references lead in a circle",
        },
    ),
)
