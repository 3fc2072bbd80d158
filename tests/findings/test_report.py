"""The page: hostile words stay words, it asks for nothing, and its buttons point at the very second."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.findings.record import (
    CallRecord,
    Engines,
    Evidence,
    FactRecord,
    ResultRule,
    ShownRecord,
    SpeakerRecord,
    TurnRecord,
)
from vivavoce.findings.report import part, render_report

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)//",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]>",
    "\u202eright to left override",
    "\x00\x08\x1b[31m",
    "\ud800",
]
VOID = {"meta", "br", "img", "col", "path", "rect"}


class Seen(HTMLParser):
    """Tags with their attributes, and whether every element that was opened was closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and tag not in ("p", "li"):
            while self.stack and self.stack[-1] in ("p", "li") and self.stack[-1] != tag:
                self.stack.pop()
        if tag not in VOID and self.stack and self.stack[-1] == tag:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    assert not parser.stack, parser.stack
    return parser


def call(word: str = "word", **changes: Any) -> CallRecord:
    """A call in which every text is `word`."""
    fields: dict[str, Any] = {
        "id": word,
        "agent_title": word,
        "agent_name": word,
        "started_at": word,
        "duration_ms": 60_000,
        "speakers": (SpeakerRecord("alex", word, word),),
        "turns": (
            TurnRecord(word, "alex", 0, 900, word),
            TurnRecord("t2", "caller", 1000, 2500, word, False),
            TurnRecord("t3", word, 2600, 4000, word),
        ),
        "facts": (
            FactRecord(word, word, word, True, "answered", word, (Evidence("t2", 1234, 2345, word),)),
            FactRecord("customer", "problem", value=word, state="answered", source="sourced", reference=word),
            FactRecord("price", "money", "money", state="answered", value={"amount": 79, "currency": word}),
            FactRecord("revenue", "money", "money", state="refused"),
        ),
        "shown": (
            ShownRecord(3000, "table", word, {"columns": [word], "rows": [[word], [3]]}),
            ShownRecord(3100, word, word, {word: [{word: word}]}),
            ShownRecord(3200, "calculator", word, {"rows": [{"label": word, "value": None, "source": word}]}),
        ),
        "tokens": {word: 3},
        "engines": Engines(word, word, word, word, word),
        "notes": (word,),
        "result": ResultRule("scorecards/startup-v1", {"customer_evidence": 3}),
    }
    return CallRecord(**{**fields, **changes})


WAVE: dict[str, Any] = {"caller": [0.1, 0.9], "agent": [("alex", 0, 900)]}


def strip(html: str) -> str:
    """The page without what depends on no input."""
    return re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.S)


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_stay_words(word: str) -> None:
    waveform = {"caller": [0.5], "agent": [(word, 0, 900), ("alex", 900, 1800)]}
    page = seen(render_report(call(word), audio="call.wav", waveform=waveform))
    calm = seen(render_report(call(), audio="call.wav", waveform=waveform))
    assert len(page.of("script")) == len(page.of("style")) == 1
    assert sorted({tag for tag, _ in page.tags}) == sorted({tag for tag, _ in calm.tags} - {"x"})
    for _, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
    assert not page.of("img")


@given(st.text(max_size=40))
@settings(max_examples=30)
def test_any_text_can_be_carried_and_written(word: str) -> None:
    html = render_report(call(word), audio=None, waveform=WAVE)
    html.encode("utf-8")
    assert len(seen(html).of("script")) == 1


def test_the_policy_admits_this_style_and_this_script_and_nothing_else() -> None:
    html = render_report(call(), audio="call.wav", waveform=WAVE)
    policy = next(m["content"] for m in seen(html).of("meta") if m.get("http-equiv") == "Content-Security-Policy") or ""
    for tag, text in (("style", part("palette.css") + part("report.css")), ("script", part("report.js"))):
        assert f"<{tag}>{text}</{tag}>" in html
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_asks_for_nothing_but_the_recording() -> None:
    html = render_report(call(), audio="call.wav", waveform=WAVE)
    page = seen(html)
    assert [a["src"] for _, a in page.tags if "src" in a] == ["call.wav"]
    for attrs in page.of("a"):
        assert (attrs["href"] or "").startswith("#")
    assert not page.of("link")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|WebSocket", html)


@pytest.mark.parametrize(
    "audio", ["https://x.example/a.wav", "//x/a.wav", "/etc/passwd", "../a.wav", "a/../../b", "", "a b"]
)
def test_a_recording_elsewhere_is_refused(audio: str) -> None:
    with pytest.raises(InputError):
        render_report(call(), audio=audio, waveform=WAVE)


def test_evidence_buttons_carry_the_very_second() -> None:
    page = seen(render_report(call(), audio="call.wav", waveform=WAVE))
    button = next(attrs for attrs in page.of("button") if attrs.get("class") == "play")
    assert (button["data-start"], button["data-end"]) == ("1234", "2345")
    assert "disabled" not in button
    jump = next(attrs for attrs in page.of("a") if attrs.get("class") == "jump")
    assert jump["href"] == "#t2"
    assert any(attrs.get("id") == "t2" for attrs in page.of("li"))


def test_without_a_recording_buttons_are_off_and_say_why() -> None:
    html = render_report(call(), audio=None, waveform=WAVE)
    page = seen(html)
    buttons = [attrs for attrs in page.of("button") if attrs.get("class") == "play"]
    assert buttons
    for attrs in buttons:
        assert "disabled" in attrs
        assert attrs["title"] == "No recording was kept of this call"
    assert not page.of("audio")
    assert "nothing here can be played" in html


def test_only_web_addresses_become_links() -> None:
    for reference, linked in (("https://register.example/2025", True), ("javascript:alert(1)", False)):
        fact = FactRecord("buyers", state="answered", value=3, source="sourced", reference=reference)
        links = [a["href"] for a in seen(render_report(call(facts=(fact,)), audio=None, waveform={})).of("a")]
        assert (reference in links) is linked


def test_every_id_is_given_once_and_every_jump_has_a_target() -> None:
    page = seen(render_report(call(), audio="call.wav", waveform=WAVE))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for a in page.of("a")} <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_callers_words_keep_their_own_direction() -> None:
    html = render_report(call("السؤال 漢字"), audio=None, waveform=WAVE)
    for match in re.finditer(r"<([a-z0-9]+)[^<>]*>[^<>]*السؤال", strip(html)):
        tag = match[0].split(">")[0]
        assert 'dir="auto"' in tag or match[1] in ("title", "caption", "time"), tag


def test_a_call_of_nothing_still_has_a_page() -> None:
    empty = CallRecord(id="", agent_title="", agent_name="", started_at="", duration_ms=0)
    html = render_report(empty, audio=None, waveform={"caller": [float("nan"), 9, -1], "agent": []})
    assert "Nobody spoke" in html
    assert "passes no verdict" in html


def test_an_unknown_scorecard_is_said_and_does_not_cost_the_report() -> None:
    assert "nothing was judged" in render_report(call(result=ResultRule("scorecards/x")), audio=None, waveform={})


def test_the_verdict_prints_its_thresholds_and_the_floor() -> None:
    html = render_report(call(), audio=None, waveform={})
    assert "Not enough evidence" in html
    assert "the agent file asks for customer evidence 3" in html
    assert "Min severity" in html


@pytest.mark.parametrize("scheme", [0, -1])
def test_text_and_voices_stand_out_from_the_paper(scheme: int) -> None:
    """WCAG AA, 4.5:1, in the light and in the dark palette."""
    css = part("palette.css")
    palette: dict[str, str] = {}
    blocks = [dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", block)) for block in re.findall(r"\{[^{}]*\}", css)]
    whole = [block for block in blocks if "paper" in block and "v6" in block]
    palette = whole[scheme]
    assert len(whole) == 3
    assert whole[1] == whole[2]
    for ground in ("paper", "card", "wash"):
        for name in ("ink", "soft", "accent", "good", "warn", "bad", *(f"v{n}" for n in range(7))):
            assert contrast(palette[name], palette[ground]) >= 4.5, (name, ground)


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
