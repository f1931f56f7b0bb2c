"""The page of the API says what the application says."""

from __future__ import annotations

from flask_openapi3 import OpenAPI

from tools import gen_api_docs


def test_the_page_of_the_api_is_up_to_date(app: OpenAPI) -> None:
    assert gen_api_docs.PAGE.read_text("utf-8") == gen_api_docs.page(app), (
        "run `python -m tools.gen_api_docs`"
    )
