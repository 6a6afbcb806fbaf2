"""Examples of everything: a body may be sent as shown; answers are looked at in tests/conformance/test_openapi.py."""

import pytest
from pydantic import BaseModel

from api.examples import example
from api.main import operations
from api.openapi import describe

DESCRIPTION = describe(operations(), "http://studio.test")
MODELS = DESCRIPTION["components"]["schemas"]
BODIES = sorted({each.body for each in operations() if each.body}, key=lambda model: model.__name__)


@pytest.mark.parametrize("model", BODIES)
def test_the_example_of_a_body_may_be_sent(model: type[BaseModel]) -> None:
    model.model_validate(example({"$ref": f"#/components/schemas/{model.__name__}"}, MODELS, whole=False))


def test_every_body_and_every_answer_of_json_has_one() -> None:
    for path, methods in DESCRIPTION["paths"].items():
        for method, described in methods.items():
            contents = [described.get("requestBody", {}).get("content", {})]
            contents += [each.get("content", {}) for each in described["responses"].values()]
            for content in contents:
                json = content.get("application/json", {})
                assert "schema" not in json or json["example"] is not None, (method, path)


def test_ids_say_what_they_are_of() -> None:
    run = DESCRIPTION["paths"]["/v1/runs/{run}"]["get"]
    assert run["parameters"][0]["example"].startswith("run_")
    shown = run["responses"]["200"]["content"]["application/json"]["example"]["run"]
    assert [shown[name][:4] for name in ("id", "project", "scene", "take")] == ["run_", "prj_", "scn_", "tak_"]
