"""What the grammar refuses, and how it says so. Covers `grammar`, `sections`, `reading` and `crosschecks`."""

from __future__ import annotations

import msgspec
import pytest

from tests.agents.samples import SMALL
from vivavoce.agents import AgentFileError, Problem, load
from vivavoce.agents.units import Pace, Rate, Spend


def problems(source: str) -> tuple[Problem, ...]:
    with pytest.raises(AgentFileError) as caught:
        load(source)
    return caught.value.problems


def the_problem(old: str, new: str) -> Problem:
    assert SMALL.count(old) == 1, "the test changes one place"
    (problem,) = problems(SMALL.replace(old, new))
    return problem


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("spec: 1", "spec: 2", "1:7: spec: want 1, the version of this grammar, got 2"),
        (
            "name: small-talk",
            "name: Small Talk",
            "2:7: name: want a name of small letters, digits and -, got Small Talk",
        ),
        ("title: A small talk", "title:", "3:7: title: want text, got nothing"),
        ("title: A", "titel: A", "1:1: title: want text, got nothing"),
        ("  bob: {", "  bob: [", "expected ',' or ']', but got '}'"),
        ("voice: calm-mezzo", "voice: 7", "5:16: speakers.ann.voice: want a voice such as warm-baritone, got 7"),
        (
            "  ann: {voice: calm-mezzo, ",
            "  ann: {",
            "5:8: speakers.ann.voice: want a voice such as warm-baritone, got nothing",
        ),
        ("role: Sums up}", "rolle: Sums up}", "want text, got nothing"),
        (
            "  bob: {voice",
            "  B ob: {voice",
            "speakers.B ob: want a name of small letters, digits and _, got B ob; did you mean b_ob",
        ),
        ("size: 0..10", "size: 0...10", "11:35: objectives.first.collect.size: want a field type"),
        ("when_due: date", "when_due: dat", "got dat; did you mean date"),
        ("done: thing and size", "done: thing and", "12:20: objectives.first.done: want a name, got the end"),
        ("done: thing and size", "done: thing and sice", "12:21: objectives.first.done: want a field, an objective"),
        ("done: thing and size", "done: kind == bog", "want one of small or big for kind, got bog; did you mean big"),
        ("done: thing and size", "done: kind > small", "want == or != for kind"),
        ("done: thing and size", "done: size > big", "want a number, for size is a number from 0 to 10, got big"),
        ("done: thing and size", "done: thing == 3", "want a word or quoted text, for thing is text, got 3"),
        (
            "done: thing and size",
            "done: thing.refussed",
            "want state or one of its states, got refussed; did you mean refused",
        ),
        ("done: thing and size", "done: thing.state == refussed", "got refussed; did you mean refused"),
        ("when: first.done", "when: frist.done", "got frist.done; did you mean first.done"),
        ("when: first.done", "when: first.dune", "want done behind an objective, got dune; did you mean done"),
        ("{by: bob", "{by: bobb", "13:16: objectives.second.by: want a speaker (ann, bob), got bobb; did you mean bob"),
        ("{by: bob", "{tools: [x], by: bob", "want a tool from `tools` (none is declared), got x"),
        ("{by: bob", "{show: x, by: bob", "want an exhibit of `stage` (none is declared), got x"),
        (
            "{by: bob",
            "{confirm: spell+scream, by: bob",
            "or several joined by +, got spell+scream; did you mean screen",
        ),
        (
            "{price: money}",
            "{thing: money}",
            "13:49: objectives.second.collect.thing: want each field name once in the file, got it again; first",
        ),
        ("limits: {minutes: 5}", "", "1:1: limits: want a section `limits`, got none"),
        ("consent: {disclose: spoken, record: ask, keep: 1d}", "", "1:1: consent: want a section `consent`, got none"),
        ("minutes: 5", "minutes: 500", "limits.minutes: want a number from 0.5 to 240, got 500"),
        ("minutes: 5", "minutes: 5, idle: 45", "want a duration such as 45s, 20min, 2h or 30d, got 45"),
        ("minutes: 5", "minutes: 5, turns: 1.5", "want a whole number from 1 to 10000, got 1.5"),
        ("minutes: 5", "minutes: 5, minutes: 6", "want each key once, got it again; first on line 14"),
        ("record: ask", "record: aks", "want ask, always or never, got aks; did you mean ask"),
        ("record: ask, ", "", "consent.record: want ask, always or never, got nothing"),
        ("keep: 1d", "keep: 1", "consent.keep: want a duration such as 30d, of 100 years at most, got 1"),
        ("keep: 1d", "keep: 36501d", "consent.keep: want a duration such as 30d, of 100 years at most, got 36501d"),
        ("keep: 1d", "keep: {}", "consent.keep: want at least one of audio, transcript or facts, got a mapping"),
        ("keep: 1d", "keep: {sound: 1d, facts: 1d}", "want one of audio, transcript, facts, got sound"),
        ("keep: 1d", "keep: {audio: long}", "consent.keep.audio: want a duration such as 30d"),
        ("keep: 1d", "keep: [1d]", "consent.keep: want a duration such as 30d"),
        ("keep: 1d", "keep: 1d, yes: 1", "want a word as a key, got yes; YAML reads it as yes or no"),
        ("keep: 1d", "keep: 1d, 7: 1", "want a word as a key, got 7"),
        ("keep: 1d", "keep: 1d, [a]: 1", "want a word as a key, got a list"),
        ("limits:", "style: {one_question: yes}\nlimits:", "want true or false, got yes; did you mean true"),
        ("limits:", "tools: x\nlimits:", "want a list of texts, got x; write it in [brackets]"),
        ("limits:", "tools: [a, a]\nlimits:", "want each entry once, got a"),
        ("limits:", "tools: [a: b]\nlimits:", 'want text, got a mapping; a text with a colon needs "quotes"'),
        ("limits:", "tools: [note]\nlimits:", "want a tool of your own, got note; every agent has note already"),
        ("limits:", "languages: [english]\nlimits:", "want auto or a language tag such as en or pt-BR, got english"),
        ("limits:", "stage: {a: {slides: x, table: y}}\nlimits:", "want exactly one of slides, table"),
        (
            "limits:",
            "offers: {a: {label: x}}\nlimits:",
            "want exactly one of tap, calendar, send, tool, got none of them",
        ),
        ("limits:", "measure: {q: [a b]}\nlimits:", "sentences for a model to judge go under `judged`"),
        ("limits:", "embed: {modes: [bubbel]}\nlimits:", "want one of bubble, inline, fullscreen, kiosk, got bubbel"),
        ("limits:", "frustration: {range: [5, 1]}\nlimits:", "want two numbers from -100 to 100, the lower first"),
        ("limits:", "frustration: {start: {eve: 1}}\nlimits:", "want a speaker (ann, bob), got eve"),
        ("limits:", "frustration: {range: [0, 9], start: {ann: 10}}\nlimits:", "want a number from 0 to 9, got 10"),
        ("limits:", "materials: {used_by: [eve]}\nlimits:", "want a speaker (ann, bob), got eve"),
        ("limits:", "experiment: {split: {a: 50, b: 40}}\nlimits:", "want shares that add up to 100"),
        ("limits:", "experiment: {split: {a: 100}, metric: q}\nlimits:", "want a condition from `measure`"),
        (
            "limits:",
            "experiment: {split: {a: 100}, change: {c: {title: x}}}\nlimits:",
            "want a variant from `split` (a), got c",
        ),
        (
            "limits:",
            "experiment: {split: {a: 100}, change: {a: {titel: x}}}\nlimits:",
            "want the path of one value in this file, got titel",
        ),
        ("limits:", "limit: {}\nlimits:", "got limit; did you mean limits"),
        ("limits:", "hello: {}\nlimits:", "14:1: hello: want one of spec, name"),
    ],
)
def test_one_slip_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert SMALL.count(old) == 1, "the test changes one place"
    found = [str(problem) for problem in problems(SMALL.replace(old, new))]
    assert any(said in line for line in found), found
    assert len(found) <= 2, found


def test_all_problems_come_at_once_and_in_order() -> None:
    source = SMALL.replace("by: ann", "by: anna").replace("minutes: 5", "minute: 5").replace("spec: 1", "spec: one")
    found = problems(source)
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert {problem.path for problem in found} == {"spec", "limits.minutes", "limits.minute"}


def test_a_comma_in_a_question_is_explained() -> None:
    found = problems(
        SMALL.replace('ask: "What is it?"\n', "ask: x\n").replace("{by: bob,", "{by: bob, ask: Who paid, or promised,")
    )
    assert any('put it in "quotes"' in problem.hint for problem in found)


@pytest.mark.parametrize("source", ["", "just text", "[a, b]", "# nothing"])
def test_what_is_no_mapping(source: str) -> None:
    (problem,) = problems(source)
    assert problem.wanted == "an agent file, a mapping"


@pytest.mark.parametrize("section", ["speakers", "objectives"])
def test_an_empty_section(section: str) -> None:
    start = SMALL.index(section)
    end = SMALL.index("objectives" if section == "speakers" else "limits")
    found = problems(SMALL[:start] + f"{section}: {{}}\n" + SMALL[end:])
    assert any(problem.path == section and "at least one" in problem.wanted for problem in found)


def test_words_such_as_no_stay_words() -> None:
    source = SMALL.replace("kind: small|big", "kind: small|big, no_way: text").replace(
        "limits:", "languages: [no, en]\nlimits:"
    )
    assert load(source).spec.languages == ("no", "en")


def test_a_quoted_key_may_be_any_word() -> None:
    assert "on" in load(SMALL.replace("{price: money}", '{"on": money}')).spec.fields()


@pytest.mark.parametrize(
    ("written", "keep"),
    [
        ("36h", (1.5, 1.5, 1.5)),
        ("0d", (0, 0, 0)),
        ("{audio: 1d, transcript: 2w, facts: 0d}", (1, 14, 0)),
        ("{audio: 1d}", (1, None, None)),
    ],
)
def test_what_of_a_call_is_kept(written: str, keep: tuple[float | None, ...]) -> None:
    source = SMALL.replace("keep: 1d", f"keep: {written}")
    found = load(source)
    assert msgspec.structs.astuple(found.spec.consent.keep) == keep
    assert found.source == source


def test_defaults() -> None:
    spec = load(SMALL).spec
    assert spec.languages == ("auto",)
    assert (spec.style.max_words, spec.style.one_question, spec.style.depth) == (45, True, "standard")
    assert (spec.handoff.carry, spec.handoff.announce) == ("facts", "brief")
    assert spec.consent.train == "never"
    assert spec.objectives["second"].ask == ""
    assert spec.speakers["ann"].name == "Ann"
    assert spec.limits.idle_s is None
    no_by = load(SMALL.replace("    by: ann\n", ""))
    assert no_by.spec.objectives["first"].by == "ann"


def test_the_units_of_limits_and_coach() -> None:
    more = "limits: {minutes: 5, idle: 1min, per_visitor: 3/day, spend: 40 USD/day}\ncoach: {hints: {max: 1 per 20s}}\n"
    spec = load(SMALL.replace("limits: {minutes: 5}\n", more)).spec
    assert (spec.limits.idle_s, spec.limits.per_visitor, spec.limits.spend) == (
        60,
        Rate(3, "day"),
        Spend(40, "USD", "day"),
    )
    assert spec.coach is not None
    assert spec.coach.hints is not None
    assert spec.coach.hints.max == Pace(1, 20)
