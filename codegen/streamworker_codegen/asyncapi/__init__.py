"""The pipeline as an AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0): for who is no part of it."""

from streamworker_codegen.asyncapi.document import asyncapi_document

__all__ = ["asyncapi_document"]
