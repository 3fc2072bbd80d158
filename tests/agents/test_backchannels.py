"""What a listener says, in twenty-one languages, and what only looks like it."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.conversation.talk import ROOT
from vivavoce.agents.backchannels import LANGUAGES, MAX_CHARS, flatten, kind_of

DATA = yaml.safe_load((ROOT / "src/vivavoce/agents/data/backchannels.yaml").read_text("utf-8"))
SAID = "Let me explain everything, from the very beginning."


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_phrase_is_one_and_so_are_two(language: str) -> None:
    for phrase in DATA["languages"][language] + DATA["everywhere"]:
        assert kind_of(f" {phrase}.", SAID, [language]) == "backchannel", phrase
        assert kind_of(f"{phrase}, {phrase}!".upper(), SAID, [language]) == "backchannel", phrase


def test_every_language_of_the_interface_has_phrases() -> None:
    tags = {path.stem for path in (ROOT / "web/widget/src/words/languages").glob("*.json")} | {"en"}
    assert tags == LANGUAGES


@pytest.mark.parametrize(
    ("words", "languages", "kind"),
    [
        ("Mm-hm.", ["fr"], "backchannel"),
        ("MMMM hmmm", [], "backchannel"),
        ("Uh-huh, okaaay", ["cs"], "backchannel"),
        ("O.K.", ["en"], "backchannel"),
        ("yeah, I see", ["en-GB"], "backchannel"),
        ("Ja, genau.", ["de"], "backchannel"),
        ("Ja, genau.", ["en"], "words"),
        ("Ja, aber", ["de"], "words"),
        ("D’accord !", ["fr"], "backchannel"),
        ("İyi, tamam", ["tr"], "backchannel"),
        ("そうですね、なるほど。", ["ja"], "backchannel"),
        ("そうですね、でも", ["ja"], "words"),
        ("对对对，嗯", ["zh", "en"], "backchannel"),
        ("okay 对", ["zh"], "backchannel"),
        ("نَعَمْ", ["ar"], "backchannel"),
        ("हाँ जी", ["hi"], "backchannel"),
        ("네, 그렇군요.", ["ko"], "backchannel"),
        ("no", ["pl"], "words"),
        ("No właśnie!", ["pl"], "backchannel"),
        ("no", ["en", "pl"], "words"),
        ("okay but wait", ["en"], "words"),
        ("sure thing, stop", ["en"], "words"),
        ("okayed", ["en"], "words"),
        ("", ["en"], "nothing"),
        (" … ", ["en"], "nothing"),
        ("<noise>", ["en"], "nothing"),
        ("[laughter] (coughs)", ["en"], "nothing"),
        ("<noise> stop", ["en"], "words"),
        ("explain everything", ["en"], "echo"),
        ("Explain everything from the", ["en"], "echo"),
        ("everything", ["en"], "words"),
        ("explain nothing", ["en"], "words"),
        ("mm-hm", ["tlh"], "backchannel"),
    ],
)
def test_what_it_is(words: str, languages: list[str], kind: str) -> None:
    assert kind_of(words, SAID, languages) == kind


def test_an_echo_without_spaces() -> None:
    said = "最初からすべて説明させてください。"
    assert kind_of("すべて説明", said, ["ja"]) == "echo"
    assert kind_of("すべ", said, ["ja"]) == "words", "too little to tell"


def test_who_says_okay_for_long_talks() -> None:
    assert kind_of("okay " * (MAX_CHARS // 5), SAID, ["en"]) == "backchannel"
    assert kind_of("okay " * (MAX_CHARS // 5 + 1), SAID, ["en"]) == "words"


@given(st.text(max_size=200), st.text(max_size=200), st.lists(st.sampled_from([*sorted(LANGUAGES), "x", "de-AT"])))
def test_any_text_is_something(words: str, said: str, languages: list[str]) -> None:
    assert kind_of(words, said, languages) in ("nothing", "backchannel", "echo", "words")
    assert flatten(flatten(words)) == flatten(words)


def test_no_text_takes_long() -> None:
    began = time.perf_counter()
    for language in LANGUAGES:
        phrase = DATA["languages"][language][0]
        kind_of((f"{phrase} " * 40)[: MAX_CHARS - 1] + "x", SAID, [language])
    assert time.perf_counter() - began < 1.0, "the patterns never go back"
