"""Scripts: what a rule does, what a file must be, and that a talk goes on where it was."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.local.minds.acts import Act, Call, Mind, Pause, Say, Think
from vivavoce.local.minds.script import ScriptMinds, load_script
from vivavoce.local.minds.scriptfile import ScriptError, read_rules
from vivavoce.wire.gemini.messages import FunctionDeclaration

SKY = FunctionDeclaration(name="get_sky")
TIME = FunctionDeclaration(name="get_time", behavior="NON_BLOCKING")

WEATHER = """
script: Weather desk
turns:
  - when: (weather|sky) in (?P<place>[a-z]+)
    do:
      - think: They want the sky over {place}.
      - say: One moment.
      - call: get_sky
        with: {place: "{place}", days: 2, exact: true, note: "turn {turn}: {text}", more: [{where: "{place}"}]}
        then:
          - say: In {place} it is {result.sky}.
        failed:
          - say: "No luck: {result}."
"""


def mind(source: str, *tools: FunctionDeclaration, saved: bytes | None = None) -> Mind:
    return ScriptMinds(read_rules(source))("", tools or (SKY, TIME), saved=saved, seed=0)


def script(*rules: str) -> str:
    return "script: Test\nturns:\n" + "".join(f"  - {rule}\n" for rule in rules)


def said(acts: Sequence[Act]) -> list[str]:
    return [act.text for act in acts if isinstance(act, Say)]


# ---------------------------------------------------------------------------------------------------- what is done


def test_a_turn_says_thinks_and_calls() -> None:
    desk = mind(WEATHER)
    thought, waiting, call = desk.hear("What is the WEATHER in Rome?")
    assert (thought, waiting) == (Think("They want the sky over Rome."), Say("One moment."))
    assert isinstance(call, Call)
    assert call == Call(
        "get_sky",
        {
            "place": "Rome",
            "days": 2,
            "exact": True,
            "note": "turn 1: What is the WEATHER in Rome?",
            "more": [{"where": "Rome"}],
        },
    )
    assert said(desk.returned(call, {"output": {"sky": "blue"}})) == ["In Rome it is blue."]
    assert said(desk.returned(call, {"result": {"sky": "grey"}})) == ["In Rome it is grey."], "it may answer again"
    assert said(desk.returned(call, {"sky": "red"})) == ["In Rome it is red."]
    assert said(desk.returned(call, {"error": "no satellite"})) == ["No luck: no satellite."]
    assert desk.returned(call, {"output": {}}, silent=True) == []
    assert said(desk.returned(call, {"output": []})) == ["In Rome it is ."]


def test_calls_that_stand_together_are_made_together() -> None:
    desk = mind(script("do: [call: get_sky, call: get_time, silence: 1.5, say: Done.]"))
    assert desk.read("go") == [Call("get_sky"), Call("get_time"), Pause(1.5), Say("Done.")]


def test_equal_calls_are_told_apart() -> None:
    desk = mind(script("{do: [{call: get_sky, then: [say: One.]}, {call: get_sky, then: [say: Two.]}]}"))
    first, second = (act for act in desk.read("go") if isinstance(act, Call))
    assert first == second
    assert said(desk.returned(second, {})) == ["Two."]
    assert said(desk.returned(first, {})) == ["One."]


def test_calls_may_follow_from_calls() -> None:
    desk = mind(
        script(
            "{do: [{call: get_time, then: [{call: get_sky, with: {at: '{result.hour}', list: '{result}'}, then: "
            "[say: 'Then {result}, turn {turn}.']}]}]}"
        )
    )
    (first,) = desk.hear("go")
    assert isinstance(first, Call)
    (second,) = desk.returned(first, {"output": {"hour": 9, "days": [1, 2]}})
    assert second == Call("get_sky", {"at": 9, "list": {"hour": 9, "days": [1, 2]}})
    assert isinstance(second, Call)
    assert said(desk.returned(second, {"output": 3.5})) == ["Then 3.5, turn 1."]


def test_a_tool_the_client_has_not_declared_is_not_called() -> None:
    desk = mind(WEATHER, TIME)
    assert said(desk.hear("sky in Rome")) == ["One moment.", "No luck: the client has not declared get_sky."]
    frank = mind(script("do: [call: get_sky]"), TIME)
    assert said(frank.hear("x")) == ["The tool get_sky did not work: the client has not declared get_sky."]


def test_answers_nobody_waits_for_change_nothing() -> None:
    assert mind(WEATHER).returned(Call("get_sky"), {"output": "x"}) == []


# ---------------------------------------------------------------------------------------------------- which rule


def test_the_first_rule_that_holds_is_carried_out() -> None:
    desk = mind(
        script(
            "{turn: 2, do: [say: Second.]}",
            "{heard: hello, do: [say: You said it.]}",
            "{typed: hello, do: [say: You wrote it.]}",
            "{when: '^bye', do: [say: Bye., end: true]}",
            "{heard: '^$', do: [say: I did not hear that.]}",
        )
    )
    turns = [desk.hear("Hello"), desk.hear("Hello"), desk.hear("Hello"), desk.read("hello"), desk.hear("goodbye")]
    assert [said(acts) for acts in turns] == [["You said it."], ["Second."], ["You said it."], ["You wrote it."], []]
    assert said(desk.hear("  ")) == ["I did not hear that."]
    assert said(desk.hear("Bye!")) == ["Bye."]
    assert desk.hear("Hello") == []
    assert desk.read("Hello") == []


def test_a_rule_may_have_one_turn_only() -> None:
    desk = mind(script("{once: true, do: [say: First.]}", "do: [say: Later.]"))
    assert [said(desk.hear("x")) for _ in range(3)] == [["First."], ["Later."], ["Later."]]


def test_a_rule_may_ask_whether_the_reply_was_cut() -> None:
    desk = mind(script("{cut: true, do: [say: You cut me off.]}", "{cut: false, do: [say: Go on.]}"))
    assert said(desk.hear("x")) == ["Go on."]
    desk.cut(500)
    assert said(desk.hear("x")) == ["You cut me off."]
    assert said(desk.hear("x")) == ["Go on."]


def test_names_are_remembered_and_braces_can_be_written() -> None:
    desk = mind(
        script(
            "{when: 'i am (?P<name>\\w+)( from (?P<town>\\w+))?', do: [say: 'Hi {name}{town}.']}",
            "do: [say: '{{{name}}} {turn}']",
        )
    )
    assert said(desk.hear("I am Ada")) == ["Hi Ada."]
    assert said(desk.hear("And?")) == ["{Ada} 2"]


def test_what_is_filled_in_is_not_filled_again() -> None:
    desk = mind(script("do: [say: 'You said {text}']"))
    assert said(desk.hear("{turn} {text}")) == ["You said {turn} {text}"]


def test_a_talk_goes_on_where_it_was() -> None:
    source = script("{once: true, when: 'i am (?P<name>\\w+)', do: [say: Hi.]}", "do: [say: '{name} {turn}']")
    first = mind(source)
    first.hear("I am Ada")
    first.cut(100)
    second = mind(source, saved=first.save())
    assert said(second.hear("I am Ada")) == ["Ada 2"]


def test_a_flood_of_words_is_looked_at_in_part() -> None:
    assert len(said(mind(script("do: [say: '{text}']")).read("x" * 1_000_000))[0]) == 1_500


# ---------------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "1:1: want a mapping with `script` and `turns`, got nothing"),
        ("script: x\n", "1:1: turns: want a list of turns, got nothing"),
        ("turns: []\nscript: x", "1:8: turns: want a list of turns, got a list"),
        ("script: x\nturns: [hello]", "2:9: turns.0: want a mapping, got hello"),
        ("script: x\nturns:\n  - when: hi", "3:5: turns.0.do: want a list of steps, got nothing"),
        ("script: x\nturns:\n  - do: [hello]", "3:10: turns.0.do.0: want a mapping, got hello"),
        (script("do: [say: a, 'n': 1]"), "want"),
        (script("{do: [{say: a, think: b}]}"), "turns.0.do.0: want one of say, think, silence, call, end, got say and"),
        (script("{do: [{}]}"), "want one of say, think, silence, call, end, got none"),
        (script("{do: [{say: a, then: [end: true]}]}"), "turns.0.do.0.then: want one of say"),
        (script("{do: [silence: -1]}"), "want a number from 0 to 600, got -1"),
        (script("{do: [call: 'get sky']}"), "want the name of a tool, got get sky"),
        (script("{do: [{call: x, with: 3}]}"), "with: want a mapping of arguments, got 3"),
        (script("{do: [{call: x, failed: []}]}"), "failed: want a list of steps"),
        (script("{when: '(hi', do: [say: x]}"), "when: want a regular expression, got (hi; missing )"),
        (script("{wen: hi, do: [say: x]}"), "got wen; did you mean when"),
        (script("{turn: 0, do: [say: x]}"), "turn: want a whole number from 1"),
        (script("{do: [say: 'Hi {nmae}'], when: '(?P<name>x)'}"), "want one of name, text, turn, got {nmae}"),
        (script("{do: [say: 'It is {result}']}"), "want one of text, turn, got {result}"),
        (script("{do: [{call: x, with: {a: ['{b}']}}]}"), "turns.0.do.0.with.a.0: want one of text, turn, got {b}"),
        ("script: [\n", "want valid YAML"),
        ("script: &x y\nturns: [{do: [say: *x]}]", "want a value without an anchor"),
        ("script: x\nscript: y\nturns: [{do: [say: x]}]", "want each key once"),
    ],
)
def test_what_does_not_hold_is_told_with_its_line(source: str, problem: str) -> None:
    with pytest.raises(ScriptError) as raised:
        read_rules(source)
    assert problem in str(raised.value)
    assert str(raised.value).startswith("script.yaml:")
    assert raised.value.problems[0].line >= 1


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ScriptError) as raised:
        read_rules(script("{when: '(', do: []}", "{turn: x, do: [say: ]}"))
    assert [problem.line for problem in raised.value.problems] == [3, 3, 4, 4]


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(WEATHER)
    assert load_script(path)("", [SKY], saved=None, seed=1).hear("sky in Rome")
    for missing, why in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(InputError, match=why):
            load_script(missing)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        load_script(path)
    path.write_bytes(b"script: x" + b" " * 300_000)
    with pytest.raises(ScriptError, match="at most 256 KiB"):
        load_script(path)


FRAGMENTS = [
    "script: x",
    "turns:",
    "  - when: (",
    "  - do:",
    "      - say: '{text}'",
    "        then:",
    "   - call: a",
    "    do: [",
    "{",
    "]",
    ": ",
    "  turn: 1e9",
    "'",
    "  once: maybe",
    "      - end: no",
    "!x",
    "?",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_any_file_holds_or_is_refused(lines: list[str]) -> None:
    with contextlib.suppress(ScriptError):
        read_rules("\n".join(lines))


@given(st.lists(st.tuples(st.sampled_from(["hear", "read", "cut"]), st.text(max_size=30)), max_size=12))
def test_any_talk_goes_on(turns: list[tuple[str, str]]) -> None:
    source = WEATHER + "  - {cut: true, do: [call: get_time]}\n  - {when: '(?P<a>.)(?P<b>.)?', do: [say: '{b}{a}']}\n"
    desk = mind(source)
    for verb, text in turns:
        if verb == "cut":
            desk.cut(0)
            continue
        acts = desk.hear(text) if verb == "hear" else desk.read(text)
        for act in acts:
            if isinstance(act, Call):
                desk.returned(act, {"output": text})
        desk = mind(source, saved=desk.save())
