"""One call of datamodel-code-generator for all definitions that it was not asked for before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from streamworker_codegen.manifest import digest, tool
from streamworker_codegen.models.kept import Kept, Piece
from streamworker_codegen.models.requests import Request, requests
from streamworker_codegen.models.schema import DIALECT, RUNTIME, Schemas
from streamworker_codegen.models.source import Source
from streamworker_codegen.shapes.types import Definition, Key

_TEMPLATES = Path(__file__).parent.parent / "templates" / "models"


def pieces(
    definitions: Mapping[Key, Definition], names: Mapping[Key, str], kept: Kept, templates: Path | None = None
) -> dict[str, Piece]:
    """The source of each definition, by its name. What is kept of an earlier run is not made again."""
    schemas = Schemas(names)
    salt = _salt(templates)
    asked = {each.key(salt): each for each in requests(definitions, names, schemas)}
    made = _made([each for key, each in asked.items() if key not in kept.before], schemas, templates)
    kept.now = {key: kept.before.get(key) or made[each.name] for key, each in asked.items()}
    return {each.name: kept.now[key] for key, each in asked.items()}


def _salt(templates: Path | None) -> str:
    """What the text depends on, beside what is asked for: the tool, and the project's own templates for it."""
    own = sorted((templates / "models").rglob("*.jinja2")) if templates else []
    return tool() + "".join(digest(each.read_bytes()) for each in own)


def _made(asked: Sequence[Request], schemas: Schemas, templates: Path | None) -> dict[str, Piece]:
    if not asked:
        return {}
    defined = {f"Definition{at}": each for at, each in enumerate(asked)}  # names that mean nothing to the generator
    with _template_folder(templates) as folder:
        text = _generate(defined, folder)
    classes = {each.name: each for each in asked if each.told}
    return Source(text, schemas.stand_ins, {**defined, **classes}).pieces


def _generate(defined: Mapping[str, Request], templates: Path) -> str:
    from datamodel_code_generator import generate
    from datamodel_code_generator.config import GenerateConfig
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    config = GenerateConfig(
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        schema_version="2020-12",
        base_class=f"{RUNTIME}.Part",
        base_class_map={name: each.base for name, each in defined.items() if each.base},
        extra_template_data=defaultdict(dict, {name: dict(each.told) for name, each in defined.items() if each.told}),
        custom_template_dir=templates,
        formatters=[],
        snake_case_field=False,
        use_double_quotes=True,
        use_annotated=True,
        field_constraints=True,
        use_standard_collections=True,
        use_union_operator=True,
        strict_nullable=True,
        disable_timestamp=True,
        enum_field_as_literal=LiteralType.All,
        collapse_root_models=False,
        use_type_alias=True,
        skip_root_model=True,
        strict_refs=True,
        allow_remote_refs=False,
        use_tuple_for_closed_arrays=True,
        use_exact_imports=True,
        settings_path=Path("/nonexistent"),
    )
    document = {"$schema": DIALECT, "$defs": {name: each.schema for name, each in defined.items()}}
    text = generate(document, config=config)
    assert isinstance(text, str), "one document makes one module"
    return text


@contextmanager
def _template_folder(own: Path | None) -> Iterator[Path]:
    """Our templates, or a copy with a project's own over them: the generator looks in one folder alone."""
    if own is None or not (own / "models").is_dir():
        yield _TEMPLATES
        return
    with TemporaryDirectory() as folder:
        copytree(_TEMPLATES, folder, dirs_exist_ok=True)
        copytree(own / "models", folder, dirs_exist_ok=True)
        yield Path(folder)
