"""The plan of the house as a test: who may import whom, and which rooms touch nothing outside themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "vivavoce"
# In the order of the architecture page: a room imports only rooms that stand before it.
ROOMS = (
    "audio", "wire", "agents", "conversation", "panel", "store", "jobs", "live", "local", "tools", "studies",
    "findings", "guests", "gateway", "storm", "app",
)  # fmt: skip
PURE = ROOMS[:5]
# What a pure room must not know: loops, clocks, sockets, files, chance, other processes.
FORBIDDEN = frozenset(
    [
        "asyncio",
        "anyio",
        "trio",
        "threading",
        "multiprocessing",
        "concurrent",
        "queue",
        "sched",
        "signal",
        "select",
        "selectors",
        "socket",
        "ssl",
        "http",
        "urllib",
        "websockets",
        "picows",
        "httpx",
        "requests",
        "uvicorn",
        "fastapi",
        "starlette",
        "sqlalchemy",
        "subprocess",
        "os",
        "sys",
        "pathlib",
        "shutil",
        "tempfile",
        "io",
        "glob",
        "time",
        "datetime",
        "random",
        "secrets",
        "uuid",
        "logging",
        "structlog",
    ]
)
# Loading packaged data at import is the one exception; parsing dates and numbers needs no clock.
ALLOWED_IN = {"agents": frozenset({"datetime"}), "panel": frozenset({"random"})}
FORBIDDEN_CALLS = frozenset({"open", "input", "print", "exec", "eval"})
CLOCK_CALLS = frozenset({"now", "today", "utcnow"})
# Two worlds that meet only on the wire.
STRANGERS = {("local", "conversation"), ("local", "live"), ("live", "local")}
# Who may know how a live model speaks, or plays one; everybody else knows events and effects.
FLUENT = frozenset({"wire", "live", "local", "storm"})
LIVE_PROTOCOLS = ("vivavoce.wire.gemini", "vivavoce.wire.openai")


def modules(room: str) -> list[Path]:
    folder = SOURCE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else []


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute, so that a reader sees the room"
            yield node.module or "", node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "vivavoce" and len(parts) > 1 and parts[1] in ROOMS else None


def problems(source: str, room: str) -> list[str]:
    found = []
    tree = ast.parse(source)
    for module, line in imports(tree):
        other = room_of(module)
        if other is not None and other != room and ROOMS.index(other) > ROOMS.index(room):
            found.append(f"line {line}: {room} imports {other}, which stands below it")
        if (room, other) in STRANGERS:
            found.append(f"line {line}: {room} and {other} meet only on the wire")
        if room not in FLUENT and module.startswith(LIVE_PROTOCOLS):
            found.append(f"line {line}: {room} need not know the protocol of a live model")
        if room in PURE and module.split(".")[0] in FORBIDDEN - ALLOWED_IN.get(room, frozenset()):
            found.append(f"line {line}: {room} is pure and imports {module}")
    if room in PURE:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else None
            attribute = node.func.attr if isinstance(node.func, ast.Attribute) else None
            if name in FORBIDDEN_CALLS:
                found.append(f"line {node.lineno}: {room} is pure and calls {name}()")
            if attribute in CLOCK_CALLS:
                found.append(f"line {node.lineno}: {room} is pure and asks for the time")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_keeps_to_its_place(room: str) -> None:
    found = {str(path.relative_to(SOURCE)): problems(path.read_text(), room) for path in modules(room)}
    assert {path: list_ for path, list_ in found.items() if list_} == {}


def test_every_folder_is_a_room() -> None:
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(ROOMS)


def test_no_file_of_the_machine_holds_another_machine() -> None:
    """Machines of a conversation answer with effects and signals; only conversation.py knows them all. What one of them
    is made of is its own: no other machine knows it.
    """
    known = {path.stem: neighbours(path) for path in modules("conversation")}
    shared = {"events", "effects", "signals", "machine", "settings"}
    machines = known.pop("conversation") - shared
    assert "floor" in machines
    for name, others in known.items():
        assert others & machines == set(), f"{name} imports {others & machines}"
    for part in known.keys() - machines - shared:
        owners = {name for name in machines if part in known[name]}
        assert len(owners) <= 1, f"{part} is known to {owners}"


def neighbours(path: Path) -> set[str]:
    """Modules of its own room that a module imports."""
    names = {name for name, _ in imports(ast.parse(path.read_text()))}
    room = f"vivavoce.{path.parent.name}."
    return {name.removeprefix(room).split(".")[0] for name in names if name.startswith(room)} & {
        other.stem for other in path.parent.glob("*.py")
    }


def test_the_conversation_only_orders_machines() -> None:
    assert len((SOURCE / "conversation" / "conversation.py").read_text().splitlines()) <= 150


@pytest.mark.parametrize(
    ("source", "room", "expected"),
    [
        ("import asyncio", "conversation", "is pure and imports asyncio"),
        ("from vivavoce.gateway import call", "conversation", "stands below it"),
        ("from vivavoce import gateway", "audio", "stands below it"),
        ("from vivavoce.conversation import floor", "local", "only on the wire"),
        ("from vivavoce.wire.gemini import codec", "gateway", "need not know"),
        ("open('x')", "wire", "calls open()"),
        ("import datetime\ndatetime.datetime.now()", "agents", "asks for the time"),
        ("import random", "conversation", "imports random"),
    ],
)
def test_the_linter_sees(source: str, room: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(source, room))
