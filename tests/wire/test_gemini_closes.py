"""What a close means, row by row, and that our server's wordings are the ones our client understands."""

from __future__ import annotations

import pytest

from vivavoce.wire.gemini import wording
from vivavoce.wire.gemini.closes import CLOSES, CloseClass, classify, explain, remedy

FATAL, QUOTA, DEAD, AGAIN = CloseClass.FATAL, CloseClass.QUOTA, CloseClass.DEAD_HANDLE, CloseClass.TRANSIENT
ROWS = [
    (1000, "", AGAIN),
    (1000, wording.CANCELLED, AGAIN),
    (1005, "", AGAIN),
    (1006, "", AGAIN),
    (1007, wording.BAD_KEY, FATAL),
    (1007, wording.unknown_name("setup.proactivity"), FATAL),
    (1007, wording.BAD_JSON, FATAL),
    (1007, wording.INVALID, FATAL),
    (1007, wording.PRECONDITION, FATAL),
    (1007, wording.NO_VOICE_IN_TEXT, FATAL),
    (1007, wording.NOT_LIVE.format(model="gemini-x"), FATAL),
    (1007, wording.NO_MODALITIES.format(modalities="TEXT", model="m"), FATAL),
    (1007, wording.NO_TEXT, FATAL),
    (1007, wording.NO_THINKING_LEVEL, FATAL),
    (1007, wording.NEED_THINKING_LEVEL, FATAL),
    (1007, wording.NO_BLOCKING, FATAL),
    (1007, wording.NO_SCHEDULING, FATAL),
    (1007, wording.NO_VOICE.format(voice="X"), FATAL),
    (1007, wording.BAD_SAMPLE, FATAL),
    (1007, wording.NO_AUDIO, FATAL),
    (1007, wording.NO_LOCATION, FATAL),
    (1008, wording.NO_MODEL.format(model="models/x", version="v1beta"), FATAL),
    (1008, wording.NO_PUBLISHER_MODEL.format(model="x"), FATAL),
    (1008, wording.UNREGISTERED, FATAL),
    (1008, wording.BAD_CREDENTIALS, FATAL),
    (1008, wording.PROJECT_DENIED, FATAL),
    (1008, wording.NOT_ENABLED, FATAL),
    (1008, "something new", FATAL),
    (1008, wording.NOT_IMPLEMENTED, AGAIN),
    (1008, wording.NOT_FOUND, DEAD),
    (1008, wording.ABORTED, AGAIN),
    (1008, wording.LINGERED, AGAIN),
    (1009, "", FATAL),
    (1011, wording.INTERNAL, AGAIN),
    (1011, wording.INTERNAL_OCCURRED, AGAIN),
    (1011, wording.NO_INFERENCE.format(model="m"), AGAIN),
    (1011, wording.UNAVAILABLE, AGAIN),
    (1011, wording.DEADLINE, AGAIN),
    (1011, wording.THREAD_CANCELLED, AGAIN),
    (1011, wording.EXHAUSTED, QUOTA),
    (1011, wording.OVER_QUOTA, QUOTA),
    (1011, wording.NO_CREDITS, FATAL),
    (401, "", FATAL),
    (403, "", FATAL),
    (404, "", FATAL),
    (429, "", QUOTA),
    (502, "", AGAIN),
    (4321, "whatever", AGAIN),
]


@pytest.mark.conformance("C54")
@pytest.mark.parametrize(("code", "reason", "kind"), ROWS)
def test_closes_are_sorted_by_what_to_do(code: int, reason: str, kind: CloseClass) -> None:
    assert classify(code, reason) is kind
    assert classify(code, reason.encode()[:123].decode()) is kind, "reasons are cut at 123 bytes"


@pytest.mark.parametrize("row", CLOSES, ids=lambda row: f"{row.code} {row.words}")
def test_every_row_can_be_reached_and_says_what_to_do_where_dialling_again_does_not_help(row: object) -> None:
    assert row in {explain(code, reason) for code, reason, _ in ROWS}
    for each in CLOSES:
        assert (each.remedy == "") == (each.kind in (AGAIN, DEAD)), each
        assert each.remedy == "" or each.remedy.endswith("."), each


def test_a_wrong_key_and_a_wrong_model_have_different_remedies() -> None:
    assert "VIVA_BACKEND_KEY" in remedy(1007, wording.BAD_KEY)
    assert "VIVA_BACKEND_MODEL" in remedy(1008, wording.NO_MODEL.format(model="models/x", version="v1"))
    assert remedy(1006, "") == ""


@pytest.mark.conformance("S13")
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("bogus", 'Unknown name "bogus": Cannot find field.'),
        ("setup.x", "Unknown name \"x\" at 'setup': Cannot find field."),
        ("setup.tools[0].f", "Unknown name \"f\" at 'setup.tools[0]': Cannot find field."),
        ('setup."a.b"', "Unknown name \"a.b\" at 'setup': Cannot find field."),
        ('setup.""', "Unknown name \"\" at 'setup': Cannot find field."),
    ],
)
def test_an_unknown_name_is_told_as_the_service_tells_it(path: str, sentence: str) -> None:
    assert wording.unknown_name(path) == f"Invalid JSON payload received. {sentence}"
