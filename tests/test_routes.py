"""Applications of the tests share compiled routes, and none takes an address from another."""

from __future__ import annotations

from collections.abc import Callable

from flask_openapi3 import OpenAPI
from werkzeug.routing import Map, Rule

from tests.routes import compiled


def test_a_second_application_compiles_no_route(make_app: Callable[..., OpenAPI]) -> None:
    first = make_app()
    rules = list(first.url_map.iter_rules())
    before = len(compiled)
    assert before >= len(rules)
    second = make_app()
    assert len(compiled) == before
    assert len(list(second.url_map.iter_rules())) == len(rules)


def test_routes_that_look_alike_keep_their_converters_and_defaults() -> None:
    def built(rule: Rule, **values: object) -> str:
        return Map([rule]).bind("x.example").build("a", values)

    assert built(Rule("/p/<int(fixed_digits=3):number>", endpoint="a"), number=7) == "/p/007"
    assert built(Rule("/p/<int:number>", endpoint="a"), number=7, more=1) == "/p/7?more=1"
    assert built(Rule("/p/<name>", endpoint="a"), name="b c") == "/p/b%20c"
    same = "/p/<name>/<kind>"
    assert built(Rule(same, endpoint="a", defaults={"kind": "k"}), name="n") == "/p/n/k"
    assert built(Rule(same, endpoint="a", defaults={"kind": "l"}), name="n") == "/p/n/l"
