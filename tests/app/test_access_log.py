"""One line a request, which names nobody."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request

from vivavoce.app.access_log import AccessLog
from vivavoce.app.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def http(metrics: Metrics) -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/people/{ref}")
    async def person(ref: str, request: Request) -> str:
        request.state.principal = SimpleNamespace(id="key1")
        structlog.get_logger().info("inside")
        return ref

    @app.get("/health")
    async def health() -> str:
        return "ok"

    @app.get("/breaks")
    async def breaks() -> str:
        raise RuntimeError("secret")

    app.add_middleware(AccessLog, metrics=metrics)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_the_route_is_told_and_neither_path_nor_query(http: httpx.AsyncClient, metrics: Metrics) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as seen:
        answer = await http.get("/people/jane@example.org?token=abc", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    inside, line = seen
    assert inside["request"] == "from-the-proxy-1"
    assert (line["event"], line["method"], line["route"], line["status"]) == ("request", "GET", "/people/{ref}", 200)
    assert line["key"] == "key1"
    assert "jane" not in str(seen)
    assert "abc" not in str(seen)
    labels = {"method": "GET", "route": "/people/{ref}", "status": "200"}
    assert metrics.registry.get_sample_value("viva_http_requests_total", labels) == 1


async def test_unknown_routes_and_methods_share_one_series(http: httpx.AsyncClient, metrics: Metrics) -> None:
    for number in range(5):
        await http.request(f"METHOD{number}", f"/nowhere/{number}")
    labels = {"method": "OTHER", "route": "unknown", "status": "404"}
    assert metrics.registry.get_sample_value("viva_http_requests_total", labels) == 5


async def test_a_request_id_that_is_none_is_replaced(http: httpx.AsyncClient) -> None:
    for given in ("short", "with space in it", "x" * 65, "<script>alert"):
        answer = await http.get("/health", headers={"X-Request-ID": given})
        assert answer.headers["X-Request-ID"] != given
        assert len(answer.headers["X-Request-ID"]) == 16


async def test_a_route_that_breaks_is_told_as_such(http: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as seen:
        assert (await http.get("/breaks")).status_code == 500
    assert seen[-1]["status"] == 500
    assert "secret" not in str(seen)


async def test_machines_that_ask_often_are_told_quietly(http: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as seen:
        await http.get("/health")
    assert [line["log_level"] for line in seen] == ["debug"]
