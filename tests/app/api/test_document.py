from __future__ import annotations

import json
import re

import pytest

from tests.app.api.conftest import Home
from tools import docs_api
from vivavoce.app.api import make_routes
from vivavoce.app.api.answers import as_whole
from vivavoce.app.api.document import SCHEMES, TAGS
from vivavoce.app.keyring import SCOPES

DOCUMENT = make_routes().openapi()
OPERATIONS = [
    (method, path, operation) for path, each in DOCUMENT["paths"].items() for method, operation in each.items()
]
OPEN = {
    "health_health", "health_live", "health_ready", "tickets_refresh",
    "sessions_show", "sessions_begin", "sessions_end", "calls_erase",
}  # fmt: skip
"""Operations that see for themselves who asks."""


async def test_it_is_served_to_everybody(home: Home) -> None:
    answer = await home.ask("GET", "/api/v1/openapi.json", key="")
    assert answer.status_code == 200
    assert answer.json() == json.loads(docs_api.openapi())
    assert answer.json()["openapi"].startswith("3.1")


def test_applications_of_a_process_share_their_routes_and_nothing_else() -> None:
    one, other = make_routes(), make_routes()
    assert [route for route in one.routes if route in other.routes]
    before = len(other.routes)
    one.add_api_route("/here-alone", lambda: None)
    assert (len(one.routes), len(other.routes), len(make_routes().routes)) == (before + 1, before, before)
    assert "/here-alone" in one.openapi()["paths"]
    assert other.openapi() == DOCUMENT
    assert other.openapi() is not DOCUMENT
    assert other.methods_of("/api/v1/calls") == ["GET", "POST"]


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=lambda each: each if type(each) is str else ""
)
def test_every_operation_is_described(method: str, path: str, operation: dict[str, object]) -> None:
    assert operation["description"]
    assert operation["tags"][0] in TAGS  # type: ignore[index]
    assert ("security" in operation) != (operation["operationId"] in OPEN)
    responses = operation["responses"]
    assert isinstance(responses, dict)
    for status, answer in responses.items():
        if status >= "400" and operation["operationId"] != "health_ready":
            assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Refusal"}


def test_operation_ids_and_scopes() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z_]+", each) for each in ids)
    named = {each for _, _, operation in OPERATIONS for each in operation.get("security", [{}])[0].get("key", [])}
    assert named == SCOPES
    assert DOCUMENT["components"]["securitySchemes"] == SCHEMES


async def test_methods_that_are_not_there(home: Home) -> None:
    call = home.names["call_id"]
    for path, allowed in (
        (f"/api/v1/calls/{call}", "DELETE, GET"),
        ("/api/v1/calls", "GET, POST"),
        ("/api/v1/agents/ada", "DELETE, GET, PUT"),
    ):
        answer = await home.ask("PATCH", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert allowed in answer.json()["error"]


def test_whole_numbers() -> None:
    assert (as_whole(2.0), as_whole(2.5), as_whole("2"), as_whole(True)) == (2, 2.5, "2", True)
