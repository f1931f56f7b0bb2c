"""Accounts over HTTP, one file a resource."""

from __future__ import annotations

from flask_openapi3 import APIBlueprint, Tag
from flask_openapi3.utils import get_operation_id_for_path


def students_blueprint(name: str, module: str) -> APIBlueprint:
    """A blueprint for what students call about themselves.

    It stands in several wings; in paths and in the API's description it is one resource.
    """
    return APIBlueprint(
        name,
        module,
        url_prefix="/student",
        abp_tags=[Tag(name="student", description="")],
        operation_id_callback=_operation_id,
    )


def _operation_id(*, name: str, path: str, method: str) -> str:
    return get_operation_id_for_path(bp_name="student", name=name, path=path, method=method)
