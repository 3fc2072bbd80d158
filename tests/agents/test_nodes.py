from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agents.samples import SAMPLES
from vivavoce.agents.nodes import MAX_BYTES, Scalar, Table, compose, locate, plain, resolve
from vivavoce.agents.problems import AgentFileError, Problem


def problem_of(source: str) -> Problem:
    with pytest.raises(AgentFileError) as caught:
        compose(source)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("source", "line", "column", "came"),
    [
        ("a: 1\n\tb: 2", 2, 1, "a tab"),
        ("a: &x 1", 1, 4, "&x"),
        ("a: 1\nb: *x", 2, 4, "an alias, *x"),
        ("a: !!python/object 1", 1, 4, "tag:yaml.org,2002:python/object"),
        ("a: !x [1]", 1, 4, "!x"),
        ("a: 1\n---\nb: 2", 2, 1, "a second one"),
        ("[" * 40 + "]" * 40, 1, 17, "a deeper one"),
        ("a: \x07", 1, 4, "U+0007"),
        ("a: \ud800", 1, 4, "U+D800"),
        ('a: "\\ud800"', 1, 4, "half of a surrogate pair"),
        ("a: [1", 1, 6, "expected ',' or ']', but got '<stream end>'"),
    ],
)
def test_what_is_refused(source: str, line: int, column: int, came: str) -> None:
    problem = problem_of(source)
    assert (problem.line, problem.column) == (line, column)
    assert came in problem.came


@pytest.mark.parametrize("source", ['a: "\\UFFFFFFFF"', 'a: "\\U00110000"', "%YAML 1." + "1" * 5000 + "\n---\na: 1"])
def test_what_the_parser_itself_stumbles_over(source: str) -> None:
    assert problem_of(source).wanted == "valid YAML"


def test_a_file_has_a_limit() -> None:
    assert problem_of("a: " + "x" * MAX_BYTES).wanted == "at most 256 KiB"


def test_a_flood_of_values_ends_early() -> None:
    assert problem_of("a: [" + "x, " * 6000 + "]").wanted == "at most 5000 keys and values"


def test_a_question_in_a_flow_mapping_gets_a_hint() -> None:
    assert "quotes" in problem_of("a: {ask: Who pays?, b: [}").hint


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("", None),
        ("12", 12),
        ("+9", 9),
        ("-8", -8),
        ("0.9", 0.9),
        ("1e3", 1000.0),
        ("12:30", "12:30"),
        ("1e999", "1e999"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("2026-03-05", "2026-03-05"),
        ("'12'", "12"),
        ('"true"', "true"),
    ],
)
def test_scalars_by_the_core_schema(text: str, value: object) -> None:
    root = compose(f"a: {text}\n")
    assert isinstance(root, Table)
    node = root.entries[0][1]
    assert isinstance(node, Scalar)
    assert resolve(node) == value
    assert type(resolve(node)) is type(value)


def test_nodes_know_their_span() -> None:
    source = SAMPLES["founder"]
    root = compose(source)
    for path, text in (
        ("title", "Startup idea interview"),
        ("objectives.problem.collect.severity", "0..10!"),
        ("objectives.demand.collect.commitments", '"list<opinion|time|intro|deposit|payment>"'),
        ("limits", "{minutes: 35, idle: 45s, turns: 140}"),
        ("tests.0", "tests/founder-evasive.yaml"),
    ):
        node = locate(root, path)
        assert node is not None
        assert source[node.start : node.end] == text
        line = source.splitlines()[node.line - 1]
        assert line[node.column - 1 :].startswith(text)


def test_a_path_may_go_through_a_key_with_dots() -> None:
    root = compose(SAMPLES["ambassador"])
    node = locate(root, "experiment.change.b.objectives.need.ask")
    assert isinstance(node, Scalar)
    assert node.value == "What are you replacing?"
    assert locate(root, "experiment.nothing") is None
    assert locate(root, "languages.9") is None
    assert locate(root, "name.x") is None


def test_a_tree_as_plain_data() -> None:
    assert plain(compose("a: [1, x, null]\n? [k]\n: 2\nb: {c: true}")) == {"a": [1, "x", None], "b": {"c": True}}
    assert plain(compose("")) is None


@given(st.text(max_size=200) | st.text("ab:-?#&*!|>%@{}[],'\" \n", max_size=80))
def test_any_text_is_a_tree_or_refused(source: str) -> None:
    try:
        root = compose(source)
    except AgentFileError:
        return
    assert 0 <= root.start <= root.end <= len(source)
    plain(root)
