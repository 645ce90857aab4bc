"""One call of datamodel-code-generator for all definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from streamworker_codegen.models.fields import camel
from streamworker_codegen.models.schema import RUNTIME, Document, field_name
from streamworker_codegen.models.source import Piece, Source
from streamworker_codegen.models.text import docstring
from streamworker_codegen.shapes.types import Definition, Key, ObjectShape

_TEMPLATES = Path(__file__).parent.parent / "templates" / "models"


def pieces(
    definitions: Mapping[Key, Definition], names: Mapping[Key, str], templates: Path | None = None
) -> dict[str, Piece]:
    """The source of each definition, by its name."""
    if not names:
        return {}
    document = Document(definitions, names)
    shapes = {name: each for name, key in document.keys.items() if isinstance(each := definitions[key], ObjectShape)}
    with _template_folder(templates) as folder:
        text = _generate(document, shapes, folder)
    return Source(text, document.stand_ins, {document.stand_ins[name]: shape for name, shape in shapes.items()}).pieces


def _generate(document: Document, shapes: Mapping[str, ObjectShape], templates: Path) -> str:
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
        base_class_map={name: f"{RUNTIME}.Event" for name, shape in shapes.items() if shape.event},
        extra_template_data=_template_data(document, shapes),
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
    text = generate(document.schema, config=config)
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


def _template_data(document: Document, shapes: Mapping[str, ObjectShape]) -> defaultdict[str, dict[str, Any]]:
    """What our class template is told beside what the generator knows."""
    data: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for name, shape in shapes.items():
        keywords = ', extra="forbid"' * shape.closed + ", alias_generator=to_camel" * camel(shape)
        documented = {field_name(at): docstring(field.description) for at, field in enumerate(shape.fields)}
        data[name] = {
            "name": document.stand_ins[name],
            "keywords": keywords,
            "docstring": docstring(shape.description),
            "documented": documented,
            "rest": document.text(shape.rest) if shape.rest else "",
        }
    return data
