from __future__ import annotations

from vivavoce.findings.captions import plain_text, web_vtt
from vivavoce.findings.record import TurnRecord

TURNS = (
    TurnRecord("0", "alex", 0, 1_500, "Hello -->\n\nthere"),
    TurnRecord("1", "caller", 61_000, 61_000, "a < b & c"),
    TurnRecord("2", "ghost", 3_600_250, 3_601_000, "late"),
    TurnRecord("3", "alex", 3_700_000, 3_700_500, "  "),
)
NAMES = {"alex": "Alex <A>"}


def test_text_for_people() -> None:
    assert plain_text(TURNS, NAMES) == (
        "[00:00] Alex <A>: Hello --> there\n[01:01] Caller: a < b & c\n[60:00] ghost: late\n"
    )


def test_captions_hold_no_markup_of_a_speaker() -> None:
    assert web_vtt(TURNS, NAMES) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.500\n<v Alex &lt;A&gt;>Hello --&gt; there\n\n"
        "00:01:01.000 --> 00:01:01.500\n<v Caller>a &lt; b &amp; c\n\n"
        "01:00:00.250 --> 01:00:01.000\n<v ghost>late\n"
    )


def test_of_nothing() -> None:
    assert plain_text((), {}) == ""
    assert web_vtt((), {}) == "WEBVTT\n"
