"""Parse the forms that programs send, and describe the form of every kind for OpenAPI."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar.exceptions import ValidationException

from trustmed.semd.fields.field import Form
from trustmed.semd.kind import Kind
from trustmed.semd.kinds import KINDS

PATH: Final = re.compile(r"`\$(.*?)`")


def parse_form(kind: Kind, form: Mapping[str, Any]) -> Form:
    """Return the form of a request. Raises ValidationException with the wrong place, as Litestar does for its own."""
    try:
        return msgspec.convert(form, kind.form)
    except msgspec.ValidationError as error:
        place = PATH.search(str(error))
        key = f"form{place[1]}" if place else "form"
        raise ValidationException(extra=[{"key": key, "message": str(error)}]) from error


def form_schemas() -> list[dict[str, Any]]:
    """Return a JSON Schema of each kind's form.

    The schemas refer to no component: Litestar drops components that it did not write itself.
    """
    forms = [kind.form for kind in KINDS.values()]
    references, parts = msgspec.json.schema_components(forms, ref_template="{name}")
    return [_without_references(reference, parts) for reference in references]


def _without_references(schema: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_without_references(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _without_references(parts[schema["$ref"]], parts)
    return {key: _without_references(value, parts) for key, value in schema.items()}
