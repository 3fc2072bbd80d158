from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from tests.panel.bodies import body
from vivavoce.errors import InputError
from vivavoce.panel.building import MOST_MEMBERS, build
from vivavoce.panel.evidence import Theme
from vivavoce.panel.insights import NO_NICHE
from vivavoce.panel.personas import PanelSpec, Persona
from vivavoce.panel.quotes import is_verbatim

BODY = body()
TEXTS = {insight.id: insight for insight in BODY.insights}


def themes_of(persona: Persona) -> set[str]:
    return {point.text for point in (*persona.frustrations, *persona.goals)}


def test_the_same_evidence_spec_and_seed_give_the_same_bytes() -> None:
    one, again = (msgspec.json.encode(build(body(), PanelSpec(size=20), 5)) for _ in range(2))
    assert one == again
    assert one == msgspec.json.encode(msgspec.json.decode(one, type=type(build(BODY, PanelSpec(), 5))))
    other = build(BODY, PanelSpec(size=20), 6)
    assert msgspec.json.encode(other) != one
    assert other.id != msgspec.json.decode(one)["id"]


def test_the_first_of_many_are_the_few() -> None:
    few, many = (build(BODY, PanelSpec(size=size), 5).personas for size in (5, 60))
    assert many[:5] == few


def test_a_panel_of_five_disagrees() -> None:
    for seed in range(6):
        personas = build(BODY, PanelSpec(size=5), seed).personas
        assert len({persona.archetype for persona in personas}) == 5
        assert len({persona.frustrations[0].text for persona in personas}) == 5
        assert len({persona.goals[0].text for persona in personas}) == 5
        assert all(themes_of(one) != themes_of(other) for one, other in itertools.combinations(personas, 2)), (
            "nobody is somebody else"
        )


def test_members_rather_have_what_others_have_not() -> None:
    shares = [
        len(one & other) / len(one | other)
        for seed in range(8)
        for one, other in itertools.combinations(map(themes_of, build(BODY, PanelSpec(size=5), seed).personas), 2)
    ]
    # .34; were all themes drawn by weight alone, .41
    assert sum(shares) / len(shares) < 0.37


def test_who_is_read_cites_two_and_who_votes_cites_one() -> None:
    cites = [
        {len(point.evidence) for point in (*persona.frustrations, *persona.goals)}
        for persona in build(BODY, PanelSpec(size=8), 1).personas
    ]
    assert cites == [{2}] * 5 + [{1}] * 3


def test_whose_sentence_a_theme_is_called_by_is_cited_and_quoted_first() -> None:
    called = [
        msgspec.structs.replace(theme, label=BODY.insights[theme.rows[-1]].text.rstrip(".")) for theme in BODY.themes
    ]
    few = [msgspec.structs.replace(theme, rows=theme.rows[-2:]) for theme in called]
    for persona in build(replace(BODY, themes=tuple(few)), PanelSpec(size=5, forced=True), 1).personas:
        for point in (*persona.frustrations, *persona.goals):
            assert len(point.evidence) == 2
            assert TEXTS[point.evidence[0]].text.startswith(point.text)


def test_nobody_is_cited_twice_before_all_others_are_once() -> None:
    evidence = body(300, people=300)
    personas = build(evidence, PanelSpec(size=200), 1).personas
    points = [point for persona in personas for point in (*persona.frustrations, *persona.goals)]
    cited = Counter(id_ for point in points for id_ in point.evidence)
    for theme in evidence.themes:
        times = [cited[evidence.insights[row].id] for row in theme.rows]
        assert max(times) - min(times) <= 1, theme.label


def test_who_votes_has_no_less_behind_them_than_who_is_read() -> None:
    hurts, wants = ([theme for theme in BODY.themes if theme.side == side] for side in ("frustration", "goal"))
    three = replace(BODY, themes=(*hurts[:3], *wants[:3]))
    assert len({persona.richness for persona in build(three, PanelSpec(size=8), 1).personas}) == 1


def test_what_was_left_out_is_part_of_what_a_panel_is() -> None:
    plain, copied, poisoned = (
        build(replace(BODY, left_out=left_out), PanelSpec(), 1)
        for left_out in ({}, {"advert": 1, "copy": 2}, {"instructions": 1})
    )
    assert plain.personas == copied.personas == poisoned.personas
    assert len({plain.id, copied.id, poisoned.id}) == 3
    assert build(replace(BODY, left_out={"copy": 2, "advert": 1}), PanelSpec(), 1) == copied


def test_reach_counts_people_and_not_what_they_said() -> None:
    theme = next(theme for theme in BODY.themes if theme.label == "late payments")
    people = {BODY.insights[row].person for row in theme.rows}
    assert len(people) < len(theme.rows)
    points = [point for persona in build(BODY, PanelSpec(), 1).personas for point in persona.frustrations]
    assert {point.reach for point in points if point.text == theme.label} == {len(people) / 120}


def test_many_members_follow_what_people_speak_of() -> None:
    personas = build(BODY, PanelSpec(size=200), 1).personas
    leads = Counter(persona.frustrations[0].text for persona in personas)
    sizes = {theme.label: len(theme.rows) for theme in BODY.themes if theme.side == "frustration"}
    whole = sum(sizes.values())
    for label, size in sizes.items():
        # people count, not what they said: a few in a hundred apart
        assert leads[label] / 200 == pytest.approx(size / whole, abs=0.06)


def test_who_speaks_of_prices_sits_there_for_those_who_do() -> None:
    personas = build(BODY, PanelSpec(size=200), 1).personas
    having = {
        archetype: [
            "one price" in themes_of(persona) or "price rises" in themes_of(persona)
            for persona in personas
            if persona.archetype == archetype
        ]
        for archetype in ("budget-conscious", "cto")
    }
    share = {archetype: sum(has) / len(has) for archetype, has in having.items()}
    assert share["budget-conscious"] > share["cto"]


def test_each_member_keeps_the_rules() -> None:
    panel = build(BODY, PanelSpec(size=60), 2)
    assert [persona.id for persona in panel.personas[:2]] == ["p01", "p02"]
    assert len({persona.name for persona in panel.personas}) == 60
    for persona in panel.personas:
        assert 3 <= len(persona.frustrations) <= 8
        assert 3 <= len(persona.goals) <= 8
        points = (*persona.frustrations, *persona.goals)
        assert sum(point.weight for point in points) == pytest.approx(1)
        assert len(themes_of(persona)) == len(points)
        assert 1 <= len(persona.quotes) <= 5
        quoted = {quote.insight for quote in persona.quotes}
        for side in (persona.frustrations, persona.goals):
            of_side = {id_ for point in side for id_ in point.evidence}
            assert len(quoted & of_side) >= 2, "some of what hurts, some of what is wanted"
        people = [TEXTS[quote.insight].person for quote in persona.quotes]
        assert len(set(people)) == len(people), "five quotes are five people"
        assert all(is_verbatim(quote.text, TEXTS[quote.insight].text) for quote in persona.quotes)
        assert all(quote.url == TEXTS[quote.insight].url for quote in persona.quotes)
        assert persona.niche == "invoicing"


@pytest.mark.parametrize("real_weight", [1.0, 3.0, 10.0])
def test_what_is_real_weighs_as_asked(real_weight: float) -> None:
    wishes = tuple(theme for theme in BODY.themes if theme.side == "frustration")
    panel = build(replace(BODY, themes=wishes), PanelSpec(real_weight=real_weight, forced=True), 1)
    for persona in panel.personas:
        assert {point.origin for point in persona.frustrations} == {"real"}
        assert {point.origin for point in persona.goals} == {"inferred"}
        assert all(not point.evidence for point in persona.goals)
        assert persona.frustrations[0].weight == pytest.approx(real_weight * persona.goals[0].weight)
        assert "(inferred)" in persona.summary


def test_what_is_concluded_from_what_people_said_only_fills_up() -> None:
    wants = [theme for theme in BODY.themes if theme.side == "goal"]
    hurts = [theme for theme in BODY.themes if theme.side == "frustration"]
    praised = [msgspec.structs.replace(theme, origin="inferred") for theme in wants]
    for personas in (
        build(replace(BODY, themes=(*hurts, wants[0], *praised[1:])), PanelSpec(size=30), 1).personas,
        build(replace(BODY, themes=(*hurts, wants[0], praised[1])), PanelSpec(size=30), 1).personas,
    ):
        for persona in personas:
            said, *rest = persona.goals
            assert (said.text, said.origin) == (wants[0].label, "real")
            assert len(rest) == 2, "what nobody said outright fills up to three, and no further"
            assert {point.origin for point in rest} == {"inferred"}
            assert rest[0].evidence, "rather from what people praise"
            assert said.weight == pytest.approx(3 * rest[0].weight)
    assert all(not persona.goals[2].evidence for persona in personas), "and from our own ideas where that is too little"
    enough = build(replace(BODY, themes=(*hurts, *wants[:3], *praised[3:])), PanelSpec(size=30), 1)
    assert {point.origin for persona in enough.personas for point in persona.goals} == {"real"}


def test_nobody_is_told_the_same_twice() -> None:
    wants = [theme for theme in BODY.themes if theme.side == "goal"][:1]
    praised = [msgspec.structs.replace(theme, origin="inferred") for theme in wants]
    hurts = [theme for theme in BODY.themes if theme.side == "frustration"]
    for persona in build(replace(BODY, themes=(*hurts, *wants, *praised)), PanelSpec(), 1).personas:
        texts = [point.text for point in persona.goals]
        assert len(set(texts)) == len(texts) == 3


def test_one_voice_is_no_theme_where_others_have_many() -> None:
    alone = Theme(side="frustration", origin="real", label="only mine", rows=(0,))
    many = build(replace(BODY, themes=(*BODY.themes, alone)), PanelSpec(size=60), 1)
    assert not any("only mine" in themes_of(persona) for persona in many.personas)
    few = build(replace(BODY, themes=(*BODY.themes[-3:], alone)), PanelSpec(size=60, forced=True), 1)
    assert any("only mine" in themes_of(persona) for persona in few.personas)


def test_who_is_near_to_the_audience_counts_more() -> None:
    rare = next(theme for theme in BODY.themes if theme.label == "shared logins")
    nearness = [1.0 if row in rare.rows else 0.0 for row in range(len(BODY.insights))]
    leads = {
        audience: Counter(
            persona.frustrations[0].text
            for persona in build(
                replace(BODY, audience=audience, nearness=tuple(near)), PanelSpec(size=100, audience=audience), 1
            ).personas
        )["shared logins"]
        for audience, near in (("", []), ("teams", nearness))
    }
    assert leads["teams"] > 1.5 * leads[""]


def test_archetypes_can_be_asked_for() -> None:
    panel = build(BODY, PanelSpec(size=4, archetypes=("cfo", "carer")), 1)
    assert {persona.archetype for persona in panel.personas} == {"cfo", "carer"}
    assert "assumed-archetypes" in panel.warnings, "nobody there sounds like a carer"
    assert "assumed-archetypes" not in build(BODY, PanelSpec(size=4, archetypes=("cfo",)), 1).warnings


def test_evidence_that_sounds_like_nobody_seats_the_plainest() -> None:
    mute = replace(
        BODY, insights=tuple(msgspec.structs.replace(each, text="Das dauert zu lange.") for each in BODY.insights)
    )
    panel = build(mute, PanelSpec(size=5), 1)
    assert "assumed-archetypes" in panel.warnings
    assert {persona.archetype for persona in panel.personas} == {
        "mainstream", "pragmatist", "skeptic", "early-adopter", "budget-conscious",
    }  # fmt: skip


def test_no_niche_is_made_up() -> None:
    readings = tuple(msgspec.structs.replace(reading, niche=NO_NICHE) for reading in BODY.readings)
    assert {persona.niche for persona in build(replace(BODY, readings=readings), PanelSpec(), 1).personas} == {NO_NICHE}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (PanelSpec(size=0), "want a panel of 1 to 200 members, got 0"),
        (PanelSpec(size=MOST_MEMBERS + 1), "got 201"),
        (PanelSpec(real_weight=0.5), "want what is real to count 1 to 100"),
        (PanelSpec(real_weight=float("nan")), "got nan"),
        (PanelSpec(archetypes=("wizard",)), "'wizard'"),
        (PanelSpec(niche="pets"), "gathered for another niche or audience"),
        (PanelSpec(audience="dentists"), "gathered for another niche or audience"),
    ],
)
def test_a_spec_that_does_not_hold_is_refused(spec: PanelSpec, said: str) -> None:
    with pytest.raises(InputError, match=said):
        build(BODY, spec, 1)
