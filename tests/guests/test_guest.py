from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.errors import InputError
from vivavoce.guests.guest import Filler, Interrupt, Topic, load, read

DANA = Path(__file__).parents[2] / "examples/guests/dana.yaml"

SMALL = """\
guest: 1
name: Kim
voice: awb
seed: 3
talks: {thinking_s: [0.2, 0.4], filler: {every: 2, say: [well, so]}}
knows:
  price:
    when: [price, how much]
    say: [a lot, nine dollars]
  margin: {when: margin, refuse: i would rather not say}
interrupts:
  - {when: [market], after_s: 1.5, say: wait}
fallback: [no idea]
"""


def test_load_gives_structs() -> None:
    guest = load(SMALL)
    assert (guest.name, guest.voice, guest.seed) == ("Kim", "awb", 3)
    assert guest.thinking_s == (0.2, 0.4)
    assert guest.filler == Filler(2, ("well", "so"))
    assert guest.topics[0] == Topic("price", ("price", "how much"), ("a lot", "nine dollars"))
    assert guest.topics[1].answers == ("i would rather not say",)
    assert guest.interrupts == (Interrupt(("market",), "wait", 1.5),)
    assert guest.fallback == ("no idea",)
    assert "wait" in set(guest.lines())


def test_dana_holds() -> None:
    dana = read(DANA)
    sorts = {topic.id: topic for topic in dana.topics}
    wanted = (
        "customer last_event severity per_month workaround commitments spend_today segment buyers rivals price churn"
    )
    assert set(wanted.split()) <= set(sorts)
    assert any(topic.refuse for topic in dana.topics)
    assert len(sorts["last_event"].say) == 2
    assert len(dana.interrupts) == 1
    assert all(len(line.split()) <= 12 for line in dana.lines())


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("", "g.yaml:1:1: want a guest file"),
        ("- a", "g.yaml:1:1: guest file: want keys and values, got a list"),
        ("guest: [", "g.yaml:1:9: want YAML"),
        ("guest: 1\nname: Kim\nknows: {a: {when: [b], say: c}}\nvioce: slt\n", "g.yaml:4:1: guest file: want one of"),
        ("guest: 1\nname: Kim\nknows: {a: {when: [b], say: c}}\nvioce: slt\n", "did you mean voice"),
        ("guest: 1\nname: Kim\nknows: {a: {when: [b], say: c}}\nvoice: slr\n", "got slr; did you mean slt"),
        ("guest: 2\nname: Kim\nknows: {a: {when: [b], say: c}}\n", "g.yaml:1:8: guest: want 1"),
        ("guest: 1\nname: Kim\n", "want the key knows, got none"),
        ("guest: 1\nname: Kim\nknows: {a: {when: [b]}}\n", "knows.a: want say or refuse, got neither"),
        ("guest: 1\nname: Kim\nknows: {a: {say: [b]}}\n", "knows.a: want the key when"),
        ("guest: 1\nname: Kim\nname: Lee\nknows: {a: {when: b, say: c}}\n", "g.yaml:3:1: guest file: want each key"),
        ("guest: 1\nname: Kim\nknows: {a: {when: [], say: c}}\n", "want at least one entry"),
        ("guest: 1\nname: {}\nknows: {a: {when: b, say: c}}\n", "name: want text, got keys and values"),
        ("guest: 1\nname: Kim\nseed: .nan\nknows: {a: {when: b, say: c}}\n", "seed: want a number from"),
        ("guest: 1\nname: Kim\ntalks: {thinking_s: [2, 1]}\nknows: {a: {when: b, say: c}}\n", "the shorter pause"),
        ("guest: 1\nname: Kim\ntalks: {filler: {every: 2}}\nknows: {a: {when: b, say: c}}\n", "want the key say"),
        ("guest: 1\nname: K\nknows: {a: {when: b, say: c}}\ninterrupts: [{when: x}]\n", "[0]: want the key say"),
        ("guest: 1\nname: Kim\nknows: {? [a] : {when: b, say: c}}\n", "want a word as key, got a list"),
        ("[" * 1_000, "g.yaml: want YAML"),
        ("a: \x07", "g.yaml: want YAML"),
        ("#" * 100_001, "want at most 100000 characters"),
    ],
)  # fmt: skip
def test_problems_have_a_place(source: str, wanted: str) -> None:
    with pytest.raises(InputError) as caught:
        load(source, name="g.yaml")
    assert wanted in str(caught.value)


def test_all_problems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        load("guest: 1\nname: ''\nvoice: x\nknows: {a: {when: b}}\n")
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"FileNotFoundError at nobody\.yaml"):
        read(tmp_path / "nobody.yaml")
