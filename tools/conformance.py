"""The conformance list and the tests that show it: reads tests/conformance.yaml and the `conformance` markers of the
tests, without importing them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
MOST_LINKS = 4
"""Tests named beside an item; more would hide the table."""
CLIENTS = {
    "client": "`google-genai`, `@google/genai`",
    "sdk": "`google-genai`, `@google/genai`",
    "openai_client": "`openai`",
}
"""What the fixtures of tests/sdk stand for."""

State = Literal["held", "partly", "not held", "not ours"]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One requirement. `note` says what is missing of one that is not held."""

    need: Literal["must", "should"]
    says: str
    state: State
    note: str = ""


Side = dict[str, dict[str, Item]]
"""Items by group and id."""


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client: Side
    server: Side

    def items(self) -> dict[str, Item]:
        """Every item by its id."""
        return {
            name: item for side in (self.client, self.server) for group in side.values() for name, item in group.items()
        }


def registry() -> Registry:
    return msgspec.yaml.decode((TESTS / "conformance.yaml").read_bytes(), type=Registry)


@cache
def shown() -> dict[str, list[str]]:
    """The tests that carry each id, as `path::name` from the repository's root, in the order of the files."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "conformance" not in text:  # parsing all of them takes seconds
            continue
        for name, ids in _marked(ast.parse(text)):
            for id_ in ids:
                found.setdefault(id_, []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def _marked(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Tests and the ids that they, their parameters, or their whole module carry."""
    everywhere = [id_ for node in module.body if isinstance(node, ast.Assign) for id_ in _ids(node)]
    for test in ast.walk(module):
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_"):
            own = [id_ for decorator in test.decorator_list for id_ in _ids(decorator)]
            if ids := dict.fromkeys(everywhere + own):
                yield test.name, list(ids)


def _ids(tree: ast.AST) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "conformance":
            for argument in call.args:
                assert isinstance(argument, ast.Constant), f"line {call.lineno}: ids are written out"
                yield str(argument.value)


def page(heading: str) -> str:
    """The page that lists every item with its state and its tests. `heading`: what stands below the title."""
    listed, tests = registry(), shown()
    states = [item.state for item in listed.items().values()]
    summary = ", ".join(f"{states.count(state)} {state}" for state in get_args(State))
    return (
        "# Conformance with the Gemini Live protocol\n\n"
        + heading
        + f"Of {len(states)} items: {summary}.\n"
        + "\n## Our client\n"
        + _side(listed.client, tests)
        + "\n## Our server\n"
        + _side(listed.server, tests)
        + "\n## Official SDKs against our server\n\n"
        + _matrix()
    )


def _side(side: Side, tests: dict[str, list[str]]) -> str:
    parts = []
    for group, items in side.items():
        title = group[0].upper() + group[1:]
        parts.append(f"\n### {title}\n\n| id | need | requirement | state | tests |\n|---|---|---|---|---|\n")
        for name, item in items.items():
            state = f"{item.state}: {item.note}" if item.note else item.state
            parts.append(f"| {name} | {item.need} | {item.says} | {state} | {_links(tests.get(name, []))} |\n")
    return "".join(parts)


def _links(tests: list[str]) -> str:
    links = [f"[{name}](../../{path})" for path, _, name in (test.partition("::") for test in tests)]
    more = f" and {len(links) - MOST_LINKS} more" if len(links) > MOST_LINKS else ""
    return ", ".join(links[:MOST_LINKS]) + more


def _matrix() -> str:
    """Which versions hold which scenarios."""
    rows = []
    for path in sorted((TESTS / "sdk").glob("test_*.py")):
        for test in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(test, ast.AsyncFunctionDef):
                name = test.name.removeprefix("test_").replace("_", " ")
                rows.append(f"| [{name}](../../{path.relative_to(ROOT)}) | {_clients(test)} |\n")
    locks = (TESTS / "sdk" / "locks").glob("google-genai-*.txt")
    versions = sorted((lock.stem.removeprefix("google-genai-") for lock in locks), key=_by_number)
    package = msgspec.json.decode((TESTS / "sdk/clients/js/package.json").read_bytes())
    javascript = " and ".join(sorted(version.rpartition("@")[2] for version in package["dependencies"].values()))
    return (
        f"Python `google-genai`: {', '.join(versions)} and {_tested('google-genai')}; "
        + f"JavaScript `@google/genai`: {javascript}; "
        + f"Python `openai`: {_tested('openai')}. `make sdks` installs them.\n\n"
        + "| scenario | clients |\n|---|---|\n"
        + "".join(rows)
    )


def _clients(test: ast.AsyncFunctionDef) -> str:
    """Who holds a scenario; `if not client.has(...)` leaves out who does not know what it is about."""
    fixtures = {argument.arg for argument in test.args.args}
    clients = next((name for fixture, name in CLIENTS.items() if fixture in fixtures), CLIENTS["openai_client"])
    for node in test.body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.UnaryOp) and isinstance(node.test.operand, ast.Call):
            (feature,) = node.test.operand.args
            assert isinstance(feature, ast.Constant), f"line {node.lineno}: features are written out"
            return f"{clients}, where they know `{feature.value!s}`"
    return clients


def _by_number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _tested(package: str) -> str:
    """The version in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{package}=="))
