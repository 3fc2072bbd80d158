from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.samples import SAMPLES, SMALL
from vivavoce.agents import AgentFile, AgentFileError, load
from vivavoce.agents.nodes import Node, Scalar, Series, Table, compose, locate, plain
from vivavoce.errors import InputError

FILES = {name: load(source) for name, source in SAMPLES.items()}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_load_and_stay_byte_for_byte(name: str) -> None:
    file = load(SAMPLES[name], name=f"{name}.yaml")
    assert file.dump() == file.source == SAMPLES[name]
    assert file.name == f"{name}.yaml"


def test_the_founder_sample() -> None:
    spec = FILES["founder"].spec
    assert list(spec.speakers) == ["alex", "sam", "maya"]
    assert list(spec.objectives) == ["problem", "demand", "market", "economics"]
    assert spec.first_speaker == "alex"
    assert [field.id for field in spec.fields().values() if field.required] == [
        "customer",
        "last_event",
        "severity",
        "segment",
        "buyers",
        "price",
    ]
    assert spec.fields()["rivals"].type.noun == "company"
    assert spec.fields()["severity"].objective == "problem"
    done = spec.objectives["problem"].done
    assert done is not None
    assert done.names == ("last_event", "severity")
    assert spec.objectives["market"].show[0].sources == "required"
    assert (spec.limits.minutes, spec.limits.idle_s, spec.limits.turns) == (35, 45, 140)
    assert (spec.consent.disclose, spec.consent.record, spec.consent.keep.facts_days) == (("spoken",), "ask", 30)
    assert spec.result.floor == {"customer_evidence": 3}
    assert spec.tools_of("sam") == ("market_size", "competitor_scan", "page_reader", "report")
    assert spec.tools_of("alex") == ("report",)


def test_the_ambassador_sample() -> None:
    spec = FILES["ambassador"].spec
    assert spec.objectives["contact"].confirm == ("spell", "screen")
    assert [show.ref for show in spec.objectives["prove"].show] == ["overview", "versus"]
    assert spec.stage["versus"].options == {"key": "product"}
    assert spec.offers["trial"].kind == "tap"
    assert spec.offers["trial"].prefill == ("email",)
    assert spec.guardrails.escalate is not None
    assert spec.guardrails.escalate.when == ("asks for a person", "complaint", "legal")
    assert list(spec.measure.named) == ["qualified"]
    assert spec.experiment is not None
    assert spec.experiment.change == {"b": {"objectives.need.ask": "What are you replacing?"}}
    assert spec.kiosk is not None
    assert spec.kiosk.idle_reset_s == 20


def test_the_board_sample() -> None:
    spec = FILES["board"].spec
    assert spec.speakers["cfo"].from_ == "roles/skeptical-cfo"
    assert spec.speakers["cfo"].role == "skeptical cfo"
    assert spec.speakers["chair"].moderates
    assert spec.first_speaker == "chair"
    assert spec.frustration is not None
    assert spec.frustration.moves["vague_claim"] == 9
    assert spec.frustration.decay == 0.9
    assert spec.materials is not None
    assert spec.materials.max_bytes == 25_000_000
    assert spec.floor is not None
    assert spec.floor.max_in_a_row == 2


def changed(old: AgentFile, path: str, new: AgentFile) -> tuple[str, str, str]:
    """Head and tail that stayed, and what stands between them now."""
    node = locate(compose(old.source), path)
    assert node is not None
    head, tail = old.source[: node.start], old.source[node.start + len(old.source[node.start : node.end].rstrip()) :]
    assert new.source.startswith(head)
    assert new.source.endswith(tail)
    return head, new.source[len(head) : len(new.source) - len(tail)], tail


@pytest.mark.parametrize(
    ("name", "path", "value", "text"),
    [
        ("founder", "title", "Another title", "Another title"),
        ("founder", "title", "Really: yes? #1", "'Really: yes? #1'"),
        ("founder", "title", "it's: 'so'", "\"it's: 'so'\""),
        ("founder", "title", "true", "'true'"),
        ("founder", "title", "two\nlines\tand ☃\x85", '"two\\nlines\\tand ☃\\u0085"'),
        ("founder", "limits.minutes", 20, "20"),
        ("founder", "limits.minutes", 12.5, "12.5"),
        ("founder", "style.one_question", False, "false"),
        ("founder", "languages", ["de", "no"], '[de, "no"]'),
        ("founder", "languages.1", "de", "de"),
        ("founder", "objectives.problem.collect.severity", "0..5!", "0..5!"),
        (
            "founder",
            "objectives.problem.collect",
            {"last_event": "story!", "severity": "0..10"},
            '{last_event: story!, severity: "0..10"}',
        ),
        ("founder", "objectives.demand.collect.commitments", "list<text>", '"list<text>"'),
        ("ambassador", "objectives.need.ask", "Why?", '"Why?"'),
        ("ambassador", "objectives.prove.show", "overview", "overview"),
        ("board", "frustration.moves.over_time", 7, "7"),
    ],
)
def test_an_edit_patches_one_span(name: str, path: str, value: Any, text: str) -> None:
    old = FILES[name]
    new = old.set(path, value)
    assert changed(old, path, new)[1] == text
    assert new.get(path) == value
    assert old.source == SAMPLES[name], "a file does not change"
    assert load(new.source).spec == new.spec


def test_comments_outside_of_the_value_stay() -> None:
    new = FILES["founder"].set("objectives.problem.collect.last_event", "text!")
    assert "last_event: text!             # a dated episode, not an opinion" in new.source


def test_a_comment_behind_a_block_stays() -> None:
    block = "    collect:\n      thing: text!\n      size: 0..10\n\n    # what ends it\n"
    source = SMALL.replace("    collect: {thing: text!, size: 0..10, when_due: date, kind: small|big}\n", block)
    new = load(source).set("objectives.first.collect", {"thing": "text", "size": "number"})
    assert "    collect:\n      {thing: text, size: number}\n\n    # what ends it\n    done:" in new.source


def test_a_block_text_and_windows_line_ends() -> None:
    source = SMALL.replace('ask: "What is it?"', "ask: >-\n      What\n      is it?").replace("\n", "\r\n")
    file = load(source)
    assert file.spec.objectives["first"].ask == "What is it?"
    new = file.set("objectives.first.ask", "Why?")
    assert "    ask: Why?\r\n    collect:" in new.source
    assert new.source.count("\r\n") == new.source.count("\n")


def test_a_value_that_was_left_out_can_be_set() -> None:
    source = SMALL.replace(
        "    done: thing and size\n", "    done: thing and size\n    probe:\n      - one\n      - two\n"
    )
    new = load(source).set("objectives.first.probe.1", "three")
    assert "      - one\n      - three\n" in new.source
    whole = load(source).set("objectives.first.probe", ["x"])
    assert whole.spec.objectives["first"].probe == ("x",)


def test_an_edit_is_checked_like_a_file() -> None:
    with pytest.raises(AgentFileError, match="did you mean alex"):
        FILES["founder"].set("objectives.problem.by", "alxe")
    with pytest.raises(InputError, match=r"want a path that is in the file, got limits\.hours"):
        FILES["founder"].set("limits.hours", 2)
    with pytest.raises(InputError):
        FILES["founder"].set("title", object())
    with pytest.raises(InputError):
        FILES["founder"].set("title", float("inf"))
    with pytest.raises(InputError):
        FILES["founder"].set("title", "half \ud800")


def paths(node: Node, prefix: str = "") -> list[str]:
    found = [prefix] if prefix else []
    if isinstance(node, Table):
        for key, value in node.entries:
            assert isinstance(key, Scalar)
            found += paths(value, f"{prefix}.{key.value}" if prefix else key.value)
    if isinstance(node, Series):
        for at, item in enumerate(node.items):
            found += paths(item, f"{prefix}.{at}")
    return found


PLACES = [(name, path) for name, source in SAMPLES.items() for path in paths(compose(source))]
scalars = (
    st.text(max_size=30)
    | st.integers(-(10**6), 10**6)
    | st.booleans()
    | st.floats(-1e6, 1e6)
    | st.text("a: #'\"?,{}[]\n", max_size=12)
)
values = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(st.text("abc xyz:?", min_size=1, max_size=6), scalars, max_size=3)
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), values)
def test_any_edit_changes_its_span_alone(place: tuple[str, str], value: Any) -> None:
    name, path = place
    old = FILES[name]
    try:
        new = old.set(path, value)
    except InputError:
        return
    changed(old, path, new)
    assert new.get(path) == value
    back = new.set(path, old.get(path))
    assert plain(compose(back.source)) == plain(compose(old.source)), "nothing but that value had changed"


@settings(deadline=None)
@given(st.text(max_size=120), st.integers(0, 3000), st.integers(0, 40), st.sampled_from(sorted(SAMPLES)))
def test_any_text_is_a_file_or_refused(text: str, at: int, cut: int, name: str) -> None:
    source = SAMPLES[name]
    for bent in (text, source[:at] + text + source[at + cut :]):
        try:
            file = load(bent)
        except AgentFileError:
            continue
        assert file.dump() == bent
