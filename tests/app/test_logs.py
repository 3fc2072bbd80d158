"""What reaches the log, and what must not, whoever writes it."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import structlog

from tests.app.conftest import Logged
from vivavoce.app import logs

SECRET = "my husband's surgery"


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_an_object(logged: Logged) -> None:
    out = logged()
    with structlog.contextvars.bound_contextvars(call="c1", request="r1"):
        structlog.get_logger().info("call ended", reason="idle")
    (line,) = lines(out)
    assert (line["event"], line["reason"], line["call"], line["request"]) == ("call ended", "idle", "c1", "r1")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_the_level_is_ours_and_libraries_are_heard_from_warning_on(logged: Logged) -> None:
    out = logged("warning")
    structlog.get_logger().info("too quiet")
    structlog.get_logger().warning("loud enough")
    assert [line["event"] for line in lines(out)] == ["loud enough"]
    out = logged("debug")
    library = logging.getLogger("somebody.else")
    library.setLevel(logging.DEBUG)
    library.debug("< TEXT %s", SECRET)
    library.warning("something is odd")
    assert [(line["event"], line["logger"]) for line in lines(out)] == [("something is odd", "somebody.else")]
    out = logged("error")
    library.warning("something is odd")
    assert out.getvalue() == ""


def test_a_library_that_was_there_before_goes_our_way(logged: Logged) -> None:
    library, own = logging.getLogger("early.bird"), io.StringIO()
    library.addHandler(logging.StreamHandler(own))
    library.propagate = False
    out = logged()
    library.error("it broke")
    assert own.getvalue() == ""
    assert lines(out)[0]["event"] == "it broke"


def test_a_library_that_was_made_quiet_stays_so() -> None:
    """What it writes below that level may hold keys."""
    quiet, loud = logging.getLogger("made.quiet"), logging.getLogger("made.loud")
    quiet.setLevel(logging.CRITICAL)
    loud.setLevel(logging.DEBUG)
    for logger in (quiet, loud):
        logs.adopt(logger)
    assert (quiet.level, loud.level) == (logging.CRITICAL, logging.NOTSET)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_library_tells_a_terminal_nothing_to_do(logged: Logged, form: logs.Form) -> None:
    out = logged(form=form)
    logging.getLogger("lib").warning("got %s", "\x1b[2J\x9b31m\u202e and\nforged: line")
    assert not {"\x1b", "\x9b", "\u202e"}.intersection(out.getvalue())
    assert "forged" not in out.getvalue()
    assert len(out.getvalue().splitlines()) == 1


@pytest.mark.parametrize("by", ["ours", "library"])
def test_of_an_exception_only_its_type_and_place_are_told(logged: Logged, by: str) -> None:
    out = logged()
    try:
        raise ValueError(f"want a number, got {SECRET!r}")
    except ValueError:
        if by == "ours":
            structlog.get_logger().exception("a step failed")
        else:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n%s", SECRET)
    (line,) = lines(out)
    assert line["fault"] == "ValueError"
    assert "test_of_an_exception" in line["where"][-1]
    assert SECRET not in out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "ticket.aG9sYS1zZWNyZXQtdGlja2V0",
        "Bearer abcdefgh12345678",
        "wss://host/path?key=AIzaSecretSecret",
        "postgresql://viva:hunter2hunter2@db/viva",
        "vv_3fJkq81nfuzzyfuzzy",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)
@pytest.mark.parametrize("form", ["json", "text"])
def test_what_looks_like_a_secret_is_blacked_out(logged: Logged, text: str, form: logs.Form) -> None:
    out = logged(form=form)
    structlog.get_logger().warning("odd", inner={"list": [text]}, plain=text)
    logging.getLogger("lib").warning("got %s", text)
    for secret in ("aG9sYS1zZWNy", "abcdefgh1234", "SecretSecret", "hunter2", "3fJkq81n", "MfKQ9r8G"):
        assert secret not in out.getvalue()
    assert "odd" in out.getvalue()


def test_a_flood_of_one_line_is_counted() -> None:
    now = 0.0
    repeats = logs.Repeats(lambda: now)
    admitted = [repeats.admit("link dropped") for _ in range(150)]
    assert admitted.count(0) == logs.MOST_A_MINUTE
    assert admitted.count(None) == 50
    assert repeats.admit("another") == 0
    assert [repeats.admit("request") for _ in range(500)] == [0] * 500
    now = 61.0
    assert repeats.admit("link dropped") == 50
    assert repeats.admit("link dropped") == 0


def test_a_flood_is_left_out_of_both_ways(logged: Logged) -> None:
    out = logged()
    for _ in range(120):
        structlog.get_logger().warning("again")
        logging.getLogger("lib").warning("and again")
    assert len(lines(out)) == 2 * logs.MOST_A_MINUTE


def test_many_different_lines_take_bounded_room() -> None:
    repeats = logs.Repeats(lambda: 0.0)
    for number in range(3 * logs.MOST_EVENTS):
        repeats.admit(f"line {number}")
    assert len(repeats._seen) <= logs.MOST_EVENTS


def test_people_read_text(logged: Logged) -> None:
    out = logged("info", "text")
    structlog.get_logger().info("call ended", reason="idle")
    assert "call ended" in out.getvalue()
    assert not out.getvalue().startswith("{")
    assert logged("info", "auto").isatty() is False
