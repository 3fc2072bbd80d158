"""The panel sheet: everything on it leads to who said so, and nothing people wrote gets out of its place."""

from __future__ import annotations

import re

import msgspec
import pytest

from tests.panel.bodies import body
from vivavoce.errors import InputError
from vivavoce.findings.panel_sheet import FACES, render_panel
from vivavoce.panel.ballots import Answer, Ballot, Question, Reason, Variant
from vivavoce.panel.building import build
from vivavoce.panel.personas import Panel, PanelSpec

BODY = body()
SAID = {insight.id: insight for insight in BODY.insights}
QUESTION = Question(ask="Would you?", variants=(Variant(id="a", text="It reminds.", price=9.0),), currency="EUR")


def panel(size: int = 5) -> Panel:
    return build(BODY, PanelSpec(size=size), 1)


def ballot(persona: str, appeal: float, *reasons: Reason) -> Ballot:
    answer = Answer(variant="a", appeal=appeal, would="might", reasons=reasons)
    return Ballot(persona=persona, respondent="reasoner/1", order=("a",), answers=(answer,))


def test_every_reason_leads_to_what_somebody_said() -> None:
    page = render_panel(panel(), SAID, corpus="invoicing")
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    cited = {id_ for id_ in targets if id_.startswith("i-")}
    assert len(cited) > 20
    for id_ in cited:
        assert SAID[id_.removeprefix("i-")].text.replace("'", "&#39;") in page


def test_who_differs_from_whom_is_shown_and_what_all_share_is_not() -> None:
    found = panel()
    page = render_panel(found, SAID, corpus="invoicing")
    table = page.partition('<table class="differ">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table, re.DOTALL)
    assert rows
    for row in rows:
        assert 1 <= row.count('<a href="#p') < len(found.personas)


def test_what_was_asked_stands_with_each_answer_and_its_reasons() -> None:
    found = panel(3)
    one, other, third = (persona.id for persona in found.personas)
    heard = found.personas[0].quotes[0].insight
    for_it = Reason(sign="pro", text="Speaks to what hurts", evidence=(heard,))
    silent = Ballot(persona=third, respondent="reasoner/1", order=("a",), answers=(), abstains="no-evidence")
    ballots = [ballot(one, 7.5, for_it), ballot(other, 2.0), silent]
    page = render_panel(found, SAID, corpus="c", question=QUESTION, ballots=ballots)
    assert "7.5 of 10" in page
    assert "2.0 of 10" in page
    assert "does not answer: nothing that was said bears on it" in page
    assert "9 EUR" in page
    assert "Not validated" in page
    said = page.partition("Speaks to what hurts")[2][:200]
    assert f'href="#i-{heard}"' in said


def test_several_respondents_stand_side_by_side_and_their_differences_first() -> None:
    found = panel(3)
    one, other, third = (persona.id for persona in found.personas)
    model = "openai/<b>m"
    said = Answer(variant="a", appeal=9.0, would="would", text="I <i>need</i> it.")
    theirs = [
        Ballot(persona=persona, respondent=model, order=("a",), answers=(said,), prefers={}) for persona in (one, other)
    ]
    refused = Ballot(persona=third, respondent=model, order=("a",), answers=(), abstains="refused")
    ours = [ballot(persona, 5.0) for persona in (one, other, third)]
    page = render_panel(found, SAID, corpus="c", question=QUESTION, ballots=[*ours, *theirs, refused])
    assert "Answered by reasoner/1, openai/&lt;b&gt;m." in page
    assert "a language model made up: nobody said it" in page
    assert page.count('<article class="says') == 3, "one card a member"
    assert page.count("<h5>reasoner/1") == page.count("<h5>openai/&lt;b&gt;m") == 3
    assert "I &lt;i&gt;need&lt;/i&gt; it." in page
    assert "does not answer: the model will not" in page
    parted = page.partition('<table class="parted">')[2].partition("</table>")[0]
    assert parted.count("<tr class") == 2, "who abstains differs from nobody"
    assert "might" in parted
    assert "would buy" in parted
    agreeing = [msgspec.structs.replace(each, respondent=model) for each in ours]
    page = render_panel(found, SAID, corpus="c", question=QUESTION, ballots=[*ours, *agreeing])
    assert "Nowhere that words tell" in page
    assert '<table class="parted">' not in page


def test_who_would_rather_have_what_stands_before_the_cards() -> None:
    found = panel(3)
    two = msgspec.structs.replace(QUESTION, variants=(*QUESTION.variants, Variant(id="b", text="It <b>waits.")))
    chosen: tuple[dict[str, float], ...] = ({"a": 0.8, "b": 0.2}, {"a": 0.5, "b": 0.5}, {"a": 0.9, "b": 0.1})
    ballots = [
        msgspec.structs.replace(ballot(persona.id, 9.0), prefers=prefers)
        for persona, prefers in zip(found.personas, chosen, strict=True)
    ]
    page = render_panel(found, SAID, corpus="c", question=two, ballots=ballots)
    lines = re.sub(r"<[^>]+>", "", page.partition('leanings">')[2].partition("</ul>")[0].replace("</li>", "\n"))
    first, second, third = (persona.name for persona in found.personas)
    assert lines.splitlines() == [
        f"It reminds. (9 EUR): {first}, {third}", "It &lt;b&gt;waits.: nobody", f"None more than another: {second}"
    ]  # fmt: skip
    assert page.index("Who would rather have what") < page.index('<article class="says')
    assert "whether they would leave what they do today" in page
    one = render_panel(found, SAID, corpus="c", question=QUESTION, ballots=ballots)
    lines = re.sub(r"<[^>]+>", "", one.partition('leanings">')[2].partition("</ul>")[0].replace("</li>", "\n"))
    assert lines.splitlines() == ["Would buy: nobody", f"Might: {first}, {second}, {third}", "Would not: nobody"]


def test_what_nearly_all_say_is_told_once_unless_somebody_said_it() -> None:
    found = panel(5)
    habit, own = Reason(sign="con", text="Goes on as now"), Reason(sign="con", text="Dislikes questions")
    heard = Reason(sign="pro", text="Speaks to what hurts", evidence=(found.personas[0].quotes[0].insight,))
    ballots = [ballot(each.id, 5.0, heard, habit) for each in found.personas[:4]]
    ballots.append(ballot(found.personas[4].id, 5.0, heard, own))
    page = render_panel(found, SAID, corpus="c", question=QUESTION, ballots=ballots)
    assert page.count("Goes on as now") == 1
    assert "4 of 5" in page.partition("Goes on as now")[2][:60]
    assert page.index("Goes on as now") < page.index('<article class="says')
    assert page.count("Speaks to what hurts") == 5, "it leads to somebody: it stays with each"
    assert page.index("Dislikes questions") > page.index('<article class="says')
    few = render_panel(found, SAID, corpus="c", question=QUESTION, ballots=ballots[:2])
    assert few.count("Goes on as now") == 2


def test_what_people_wrote_stays_text() -> None:
    found = panel()
    heard = found.personas[0].quotes[0].insight
    evil = msgspec.structs.replace(
        SAID[heard], text="<script>alert(1)</script>", url="javascript:alert(1)", source='"><img src=x>'
    )
    page = render_panel(found, {**SAID, heard: evil}, corpus="</title><b>")
    assert "<script" not in page
    assert "javascript:" not in page
    assert "<img" not in page
    assert "<b>·" not in page.partition("</head>")[0]


def test_what_was_deleted_since_is_counted_and_led_to_by_nothing() -> None:
    found = panel()
    gone = found.personas[0].quotes[0].insight
    page = render_panel(found, {id_: each for id_, each in SAID.items() if id_ != gone}, corpus="c")
    assert "1 more was deleted since" in page
    assert f"#i-{gone}" not in page


def test_of_many_the_first_are_shown() -> None:
    page = render_panel(panel(40), SAID, corpus="c")
    assert page.count('<article class="member') == FACES
    assert f"The first {FACES} of 40" in page


def test_nobody_and_strangers_are_refused() -> None:
    nobody = msgspec.structs.replace(panel(3), personas=())
    with pytest.raises(InputError, match="at least one member"):
        render_panel(nobody, SAID, corpus="c")
    with pytest.raises(InputError, match="'p99'"):
        render_panel(panel(3), SAID, corpus="c", question=QUESTION, ballots=[ballot("p99", 3.0)])


def test_it_runs_and_asks_for_nothing() -> None:
    page = render_panel(panel(), SAID, corpus="c")
    assert "default-src &#39;none&#39;" in page
    assert "style=" not in page.replace("<style>", "").replace("style-src", "")
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")
