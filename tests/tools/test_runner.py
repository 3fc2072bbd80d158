"""Whatever a tool does, one answer comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from vivavoce.errors import InputError
from vivavoce.tools import Tool, ToolRunner, builtins
from vivavoce.tools.runner import MAX_OUTPUT_BYTES

NOTHING = {"type": "OBJECT", "properties": {"n": {"type": "NUMBER"}}, "required": []}


def runner(fn: Any, *, timeout_s: float = 20.0) -> ToolRunner:
    return ToolRunner({"it": Tool({"name": "it", "parameters": NOTHING}, fn, timeout_s)})


async def error_of(fn: Any, args: Mapping[str, Any] | None = None, timeout_s: float = 5) -> dict[str, Any]:
    answer = await runner(fn).run("it", args or {}, timeout_s)
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"kind", "message", "hint"}
    return dict(answer["error"])


async def test_an_output_is_handed_back() -> None:
    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        return {"say": "Done.", "n": args["n"], "endless": float("inf")}

    assert await runner(fn).run("it", {"n": "79"}, 5) == {"output": {"say": "Done.", "n": 79.0, "endless": None}}


@pytest.mark.parametrize(
    "fault", [ValueError("a caller's words"), InputError("want x"), SystemExit(3), RecursionError()]
)
@pytest.mark.conformance("C41")
async def test_a_fault_is_an_answer(fault: BaseException) -> None:
    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        raise fault

    error = await error_of(fn)
    assert error["kind"] == ("arguments" if isinstance(fault, InputError) else "failed")
    assert "caller's words" not in str(error)


@pytest.mark.conformance("C41")
async def test_too_slow_is_an_answer_even_if_the_tool_ignores_its_end() -> None:
    released = asyncio.Event()

    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await released.wait()
        return {}

    tools = runner(fn, timeout_s=0.01)
    answer = await tools.run("it", {}, 60)
    assert answer["error"]["kind"] == "timeout"
    released.set()
    await tools.close()


async def test_the_run_may_allow_less_than_the_tool() -> None:
    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    assert (await error_of(fn, timeout_s=0.01))["kind"] == "timeout"


@pytest.mark.conformance("C42")
async def test_cancelling_the_run_cancels_the_tool() -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return {}

    run = asyncio.create_task(runner(fn).run("it", {}, 60))
    await started.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await asyncio.wait_for(stopped.wait(), 5)


async def test_a_tool_that_cancels_itself_is_an_answer() -> None:
    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        raise asyncio.CancelledError

    assert (await error_of(fn))["kind"] == "cancelled"


async def test_results_are_bounded_and_json() -> None:
    async def big(args: dict[str, Any]) -> dict[str, Any]:
        return {"text": "x" * MAX_OUTPUT_BYTES}

    async def odd(args: dict[str, Any]) -> dict[str, Any]:
        return {"it": object()}

    assert (await error_of(big))["kind"] == "too-large"
    assert (await error_of(odd))["kind"] == "failed"


@pytest.mark.parametrize(
    "args", [{"m": 1}, {"n": "soon"}, {"n": [1]}, {"n": True}, {"n": float("nan")}, [], "x", None, {3: 1}]
)
@pytest.mark.conformance("C41")
async def test_arguments_are_checked_before_the_tool_runs(args: Any) -> None:
    async def fn(args: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("must not run")

    answer = await runner(fn).run("it", args, 5)
    assert answer["error"]["kind"] == "arguments"


async def test_what_is_not_here_is_said_plainly() -> None:
    tools = ToolRunner(builtins())
    assert tools.unavailable(["market_size", "competitor_scan", "page_reader"]) == ["competitor_scan", "page_reader"]
    assert set(tools.declarations()) == {"unit_economics", "sensitivity", "market_size"}
    answer = await tools.run("competitor_scan", {}, 5)
    assert answer["error"]["kind"] == "unavailable"
    assert answer["error"]["message"] == "not available on this server"
    assert (await tools.run("unit_economic", {}, 5))["error"]["hint"] == "Did you mean unit_economics?"


def test_declarations_are_whole() -> None:
    for name, declaration in ToolRunner(builtins()).declarations().items():
        assert declaration["name"] == name
        assert declaration["description"]
        assert declaration["behavior"] in ("BLOCKING", "NON_BLOCKING")
        assert declaration["parameters"]["type"] == "OBJECT"
        assert set(declaration["parameters"]["required"]) <= set(declaration["parameters"]["properties"])
