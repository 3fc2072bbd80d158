"""The report of a study: the verdict first, each reason leads to who said it, and nothing gets out of its place."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest

from tests.findings.reported import MODEL, OURS, SAID, STUDY, asked_of_people, bare, record
from vivavoce.errors import MissingError
from vivavoce.findings import drawing
from vivavoce.findings.charts import REMEDY
from vivavoce.findings.study_record import StudyRecord
from vivavoce.findings.study_report import figures, render_study
from vivavoce.findings.study_report.listening import HEARD
from vivavoce.findings.study_report.standing import MAPPED, mapped
from vivavoce.panel.ballots import Ballot, Variant
from vivavoce.panel.outcome import Claim, Decision, Share, Vote

EVIL = '</style><script>alert(1)</script><img src=x onerror="alert(1)">{{ 7*7 }}'


DRAW = drawing.draw


class Tags(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.fixture(autouse=True)
def no_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a second; one test looks at it."""

    def missing(_: object) -> dict[str, str]:
        raise MissingError("charts want vl-convert", remedy=REMEDY)

    monkeypatch.setattr(figures, "draw", missing)


def part(page: str, id_: str) -> str:
    """A section of the page, without tags, in one line."""
    found = page.partition(f'<section id="{id_}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def decided(found: StudyRecord, **more: object) -> StudyRecord:
    """With another verdict of the first respondent."""
    first, *rest = found.result.comparisons
    validated = more.pop("validated", False)
    first = msgspec.structs.replace(first, decision=Decision(**more), validated=validated)  # type: ignore[arg-type]
    result = msgspec.structs.replace(found.result, comparisons=(first, *rest))
    return msgspec.structs.replace(found, result=result)


def test_a_member_without_an_answer_is_counted_at_the_head() -> None:
    """Two of three prefer it: a reader wants to know what the third did."""
    found = record()
    first, *rest = found.result.comparisons
    votes = (*first.votes[:-1], Vote(persona=first.votes[-1].persona, asked=1, abstained=1))
    first = msgspec.structs.replace(first, votes=votes, abstained={"no-evidence": 1})
    result = msgspec.structs.replace(found.result, comparisons=(first, *rest))
    said = part(render_study(msgspec.structs.replace(found, result=result)), "verdict")
    assert "2 of 3 members prefer “reminds”" in said
    assert "1 of 3 gives no answer: nothing that was said bears on it." in said
    assert "gives no answer" not in part(render_study(found), "verdict")


def test_where_nobody_answers_there_are_no_marks() -> None:
    found = record()
    first, *rest = found.result.comparisons
    votes = tuple(Vote(persona=each.persona, asked=1, abstained=1) for each in first.votes)
    first = msgspec.structs.replace(first, votes=votes, abstained={"not-english": 3}, effective_size=0.0)
    assert found.result.discussion is not None
    talk = msgspec.structs.replace(found.result.discussion, moves=())
    result = msgspec.structs.replace(found.result, comparisons=(first, *rest), discussion=talk)
    page = render_study(msgspec.structs.replace(found, result=result, ballots=()))
    assert "None of 3 members gives an answer: a variant is not in English" in part(page, "verdict")
    assert "independent people" not in part(page, "verdict")
    assert "No member gave an answer." in part(page, "standings")
    assert "<td" not in page.partition('id="standings"')[2].partition("</section>")[0]
    assert "so there was nothing to discuss" in part(page, "discussion")


def test_a_claim_without_evidence_leads_to_what_comes_nearest() -> None:
    found = record()
    near = sorted(found.insights)[:2]
    claim = Claim(text="They fear it.", verdict="no-evidence", score=5.5, people=2, nearest=tuple(near))
    result = msgspec.structs.replace(found.result, claims=(claim,))
    page = render_study(msgspec.structs.replace(found, result=result))
    said = part(page, "claims")
    assert (
        "no evidence · 2 people say something of it, too few to count · nearest to it, and counted on neither" in said
    )
    claims = page.partition('id="claims"')[2].partition("</section>")[0]
    assert all(f'href="#i-{id_}"' in claims and f'id="i-{id_}"' in page for id_ in near)


def test_what_is_written_from_right_to_left_turns_nothing_round() -> None:
    """A name in a sentence of ours is isolated, or the bracket behind it would stand before it."""
    variants = (Variant(id="a", text="تقترح مطابقة لكل سطر في البنك"), STUDY.variants[1])
    study = msgspec.structs.replace(STUDY, variants=variants, currency="ريال")
    page = render_study(record(study=study))
    assert "“\u2068تقترح مطابقة لكل سطر في …\u2069”" in part(page, "verdict")
    assert "\u20689 ريال\u2069" in page
    assert "\u2068" not in render_study(record()), "and what is written as ours is left alone"


def test_the_words_of_the_verdict_are_explained_beside_it() -> None:
    said = part(render_study(record()), "verdict")
    assert "It is settled when one is more than 95 % sure" in said
    both = part(render_study(record(models=True)), "verdict")
    assert "“worth” is how many people who have nothing to do with each other would tell as much" in both


def test_the_verdict_comes_first_and_says_what_would_settle_it() -> None:
    page = render_study(record())
    said = part(page, "verdict")
    assert said.startswith('class="verdict judged" aria-labelledby="verdict-h"> Verdict Undecided: this panel cannot')
    assert "which of the two people would choose" in said
    assert "All 3 members prefer “reminds”; together they are worth 1.5 independent people." in said
    assert "the members are worth too few independent ones to be sure" in said
    assert "would settle it" in said
    assert (
        page.index('id="verdict"') < page.index('id="doubts"') < page.index('id="standings"') < page.index('id="why"')
    )
    assert "Nobody has checked this respondent" in part(page, "doubts")
    assert "All insights come from one source" in part(page, "doubts")


def test_who_is_sure_is_believed_as_far_as_somebody_has_checked() -> None:
    leans = part(render_study(decided(record(), word="leans", variant="reminds", sure=0.97)), "verdict")
    assert "The panel leans to “reminds”." in leans
    assert "97 % sure of itself" in leans
    assert "nobody has checked" in leans
    held = Share(0.68, 0.64, 0.72)
    likely = decided(record(), word="likely", variant="waits", sure=0.96, held_out=held, validated=True)
    said = part(render_study(likely), "verdict")
    assert "People like these would likely choose “waits”." in said
    assert "were right 68 % of the time (64 to 72 %)" in said
    assert "Nobody has checked" not in part(render_study(likely), "doubts")


def test_one_variant_wins_nothing() -> None:
    alone = msgspec.structs.replace(STUDY, variants=STUDY.variants[:1])
    page = render_study(record(study=alone))
    assert "No verdict: there was one variant" in part(page, "verdict")
    assert "Prefer one" not in part(page, "verdict")
    assert re.search(r"A reminds – \d+\.\d [^–]* –", part(page, "standings")), "no member could prefer it"
    assert 'id="map"' not in page
    assert "prefers" not in part(page, "transcript")


def test_where_nobody_answers_the_report_says_so() -> None:
    found = record()
    silent = tuple(
        Ballot(persona=each.persona, respondent=OURS, order=each.order, answers=(), abstains="refused")
        for each in found.ballots
    )
    first = found.result.comparisons[0]
    votes = tuple(Vote(persona=each.persona, asked=1, abstained=1) for each in first.votes)
    decision = Decision(word="undecided", why=("abstained",))
    first = msgspec.structs.replace(first, votes=votes, decision=decision, leader="", abstained={"refused": 3})
    result = msgspec.structs.replace(found.result, comparisons=(first,))
    page = render_study(msgspec.structs.replace(found, ballots=silent, result=result))
    assert "No verdict: nobody on the panel gave an answer." in part(page, "verdict")
    assert "3 of 3 ballots have no answer: the model will not." in part(page, "doubts")
    assert part(page, "transcript").count("Gives no answer: the model will not.") == 3


def test_whom_the_standings_are_of_where_most_give_no_answer() -> None:
    found = record(size=12)
    first = found.result.comparisons[0]
    votes = (*first.votes[:2], *(Vote(persona=each.persona, asked=1, abstained=1) for each in first.votes[2:]))

    def told(count: int) -> str:
        heard = msgspec.structs.replace(first, votes=(*first.votes[:count], *votes[count:]))
        result = msgspec.structs.replace(found.result, comparisons=(heard,))
        return part(render_study(msgspec.structs.replace(found, result=result)), "standings")

    assert "Of the 17 % who answered, 2 of 12 members:" in told(2)
    assert "who answered" not in told(6), "half of them are no few"


def test_whom_an_undecided_panel_puts_first_is_told_and_how_far_that_is() -> None:
    far = decided(record(), word="undecided", posterior=0.9499, why=("few",))
    assert "“reminds” leads with 0.94; 0.95 is wanted." in part(render_study(far), "verdict")
    doubted = decided(record(), word="undecided", posterior=0.97, why=("flips",))
    assert "“reminds” leads with 0.97. That is not enough" in part(render_study(doubted), "verdict")
    nobody = msgspec.structs.replace(far.result.comparisons[0], leader="")
    page = render_study(msgspec.structs.replace(far, result=msgspec.structs.replace(far.result, comparisons=(nobody,))))
    assert "leads with" not in page


def test_respondents_of_whom_none_decided_and_each_puts_another_first() -> None:
    found = record(models=True)
    ours, theirs = (
        msgspec.structs.replace(each, decision=Decision(word="undecided", why=("few",)), leader=name)
        for each, name in zip(found.result.comparisons, ("reminds", "waits"), strict=True)
    )
    for second, told in ((theirs, True), (msgspec.structs.replace(theirs, leader="reminds"), False)):
        result = msgspec.structs.replace(found.result, comparisons=(ours, second))
        verdict = part(render_study(msgspec.structs.replace(found, result=result)), "verdict")
        assert (f"They differ: {OURS} puts “reminds” first, {MODEL} puts “waits” first." in verdict) is told


def test_every_reason_leads_to_what_somebody_said() -> None:
    found = record()
    page = render_study(found)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    cited = {id_.removeprefix("i-") for id_ in targets if id_.startswith("i-")}
    assert cited == set(sorted(found.panel.evidence())[:2])
    for id_ in cited:
        assert SAID[id_].text.replace("'", "&#39;") in page
    card = page.partition('<article class="because')[2].partition("</article>")[0]
    assert card.count('href="#i-') == 2
    assert "Nobody pays." in card
    assert "3 of 3" in card
    assert "All 3 prefer it." in card
    assert "Nobody prefers it." in part(page, "why")


def test_who_was_interviewed_is_taken_for_no_customer() -> None:
    found = record()
    told = {id_: msgspec.structs.replace(each, source="calls", url="") for id_, each in found.insights.items()}
    page = render_study(msgspec.structs.replace(found, insights=told))
    assert "Nobody pays. in a call of yours: the one who was interviewed" in part(page, "why")
    assert "somebody in a call of yours: the one who was interviewed" in part(page, "evidence")
    assert "interviewed" not in render_study(found)


def test_what_was_deleted_since_is_counted_and_led_to_by_nothing() -> None:
    found = record()
    page = render_study(msgspec.structs.replace(found, insights={}))
    gone = len(found.panel.evidence())
    assert f"{gone} more were deleted since" in page
    assert 'href="#i-' not in page
    assert "Nobody pays." not in page, "a quote goes with what it was said in"
    assert "Nothing that was said stands behind any of it" in page


def test_respondents_stand_side_by_side_and_their_difference_first() -> None:
    found = record(models=True, rho=0.0, size=12)
    page = render_study(found)
    verdict = part(page, "verdict")
    assert f"Not settled: {OURS} names “reminds”, {MODEL} cannot tell." in verdict, "it found a winner between twins"
    assert f"{MODEL} undecided – 12 of 12 12.0" in verdict
    standings = part(page, "standings")
    assert standings.index("Where the respondents part") < standings.index(f"{OURS}: ")
    assert "For 12 of 12 members they would rather have different variants." in standings
    assert "which they would rather have" in standings
    assert "found a winner between two identical variants (openai/gpt-x)" in part(page, "doubts")
    assert "a language model made up: nobody said it" in part(page, "why")
    assert part(page, "transcript").count("I need it.") == 2 * 12
    assert "3 answers, 1200 tokens in" in part(page, "again")


def test_respondents_that_name_different_variants_give_no_common_verdict() -> None:
    found = record(models=True)
    ours, theirs = (
        msgspec.structs.replace(each, decision=Decision(word="leans", variant=name, sure=0.96))
        for each, name in zip(found.result.comparisons, ("reminds", "waits"), strict=True)
    )
    result = msgspec.structs.replace(found.result, comparisons=(ours, theirs), differ=True)
    page = render_study(msgspec.structs.replace(found, result=result))
    assert f"No common verdict: {OURS} names “reminds”, {MODEL} names “waits”." in part(page, "verdict")
    assert "Respondents put different variants first." in part(page, "doubts")


def test_what_is_not_there_leaves_no_empty_heading() -> None:
    page = render_study(bare(record()))
    for id_ in ("prices", "claims", "hypotheses", "segments", "discussion", "leads", "people"):
        assert f'id="{id_}"' not in page
        assert f'href="#{id_}"' not in page
    full = render_study(record())
    for id_ in ("prices", "claims", "hypotheses", "segments", "discussion", "leads"):
        assert f'id="{id_}"' in full
    assert "<h1" in page
    assert "Would you?" in page.partition("<h1")[2].partition("</h1>")[0], "no name: the question stands for it"


def test_no_evidence_has_no_mark_and_no_verdict_counts_the_discussion() -> None:
    page = render_study(record())
    claims = part(page, "claims")
    assert "supported · 8.2 of 10 · 3 people" in claims
    assert "no evidence" in claims
    assert "5.5" not in claims
    assert "No verdict counts this. 0 of 2 members changed their favourite" in part(page, "discussion")
    assert "reminds 9.0 → 7.5" in part(page, "discussion")
    assert "I stay." not in part(page, "discussion")
    prices = part(page, "prices")
    assert "cannot be told" in prices
    assert "The best price is at the end of the tested range" in prices
    assert "too expensive above unknown" in prices


def test_what_people_said_stands_beside_what_was_predicted() -> None:
    page = render_study(asked_of_people(record(), "w" * 30 + "r" * 4))
    verdict = part(page, "verdict")
    assert "34 people answered the same: most like them would choose “waits”" in verdict
    people = part(page, "people")
    assert page.index('id="doubts"') < page.index('id="people"') < page.index('id="standings"')
    assert "88 %" in people
    assert f"{OURS} named “reminds”, as people do not" in people
    assert "As many other people, asked instead, would name the same one" in people
    assert "Reason 1 of my own" not in page, "their words are not ours to show"
    nobody = render_study(asked_of_people(record(), ""))
    assert "nobody's answers count yet" in part(nobody, "verdict").replace("&#39;", "'")


def test_what_anybody_wrote_stays_text() -> None:
    variants = (Variant(id=EVIL[:60], text=EVIL, price=9.0), Variant(id="waits", text=f"It waits. {EVIL}"))
    study = msgspec.structs.replace(
        STUDY, name=EVIL, ask=EVIL, today=EVIL, context=EVIL, currency=EVIL, variants=variants, claims=(EVIL,)
    )
    found = asked_of_people(record(study=study, models=True), "w")
    heard = sorted(found.panel.evidence())[0]
    evil = msgspec.structs.replace(SAID[heard], text=EVIL, url="javascript:alert(1)", source=EVIL)
    lead = msgspec.structs.replace(found.result.leads[0], url="javascript:alert(1)", about=EVIL)
    persona = msgspec.structs.replace(found.panel.personas[0], name=EVIL)
    found = msgspec.structs.replace(
        found,
        corpus=EVIL,
        insights={**found.insights, heard: evil},
        result=msgspec.structs.replace(found.result, leads=(lead,)),
        panel=msgspec.structs.replace(found.panel, personas=(persona, *found.panel.personas[1:])),
    )
    page = render_study(found)
    assert page.count("</style>") == 1
    tags = Tags()
    tags.feed(page)
    assert not tags.names & {"script", "img"}
    assert not [name for name in tags.attributes if name.startswith("on")]
    assert all(each.startswith(("#", "https://")) for each in tags.links)
    assert "&lt;script&gt;" in page


def test_of_many_members_some_are_shown_and_it_says_how_many() -> None:
    page = render_study(record(HEARD + 5))
    assert page.count('<details class="member"') == HEARD
    assert f"The first {HEARD} of {HEARD + 5}" in page
    assert f"{MAPPED} of {HEARD + 5} members, taken evenly" in part(page, "map")


def test_a_map_of_many_has_both_ends() -> None:
    votes = [
        Vote(persona=f"p{at}", asked=1, prefers="ab"[at % 3 == 0], appeal={"a": 1 + at / 10, "b": 5.0})
        for at in range(80)
    ]
    votes.append(Vote(persona="silent", asked=1))
    shown = mapped(votes)
    assert len(shown) == MAPPED
    assert [vote.prefers for vote in shown] == sorted(vote.prefers for vote in shown)
    assert {vote.prefers for vote in shown} == {"a", "b"}
    assert "silent" not in {vote.persona for vote in shown}


def test_two_members_and_two_variants_of_one_name_are_told_apart() -> None:
    found = record()
    personas = tuple(msgspec.structs.replace(each, name="Kim") for each in found.panel.personas)
    twins = tuple(Variant(id=id_, text="The same words.") for id_ in "ab")
    study = msgspec.structs.replace(STUDY, variants=twins)
    found = record(study=study)
    found = msgspec.structs.replace(found, panel=msgspec.structs.replace(found.panel, personas=personas))
    page = render_study(found)
    assert "Kim (p01)" in page
    assert "The same words. (A)" in page
    assert "The same words. (B)" in page


def test_without_the_renderer_there_are_tables_and_what_helps() -> None:
    page = render_study(record())
    assert "vivavoce[report]" in page
    assert "<svg" not in page
    assert "<details open><summary>The marks as a table" in page


def test_with_the_renderer_there_are_charts_and_nothing_that_a_policy_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.setattr(figures, "draw", DRAW)
    page = render_study(record())
    assert page.count("<svg") == 4
    assert "vivavoce[report]" not in page
    assert not re.search(r"\sstyle=|<script|\son[a-z]+=", page.partition("<body>")[2])
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "two charts share an id"


def test_the_same_study_is_the_same_page() -> None:
    assert render_study(record(models=True)) == render_study(record(models=True))
