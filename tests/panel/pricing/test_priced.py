from __future__ import annotations

import math

import msgspec
import pytest

from tests.panel.reasoner.samples import CHASES, OWNER, THEME, question, vector
from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question, Sheet, Variant
from vivavoce.panel.outcome import Pricing
from vivavoce.panel.personas import Panel, PanelSpec, Persona
from vivavoce.panel.pricing import mixed_currencies, priced
from vivavoce.panel.reasoner import Judgement, Reasoner, Reservation
from vivavoce.panel.sense import SENSES
from vivavoce.panel.study import PriceTest, Study

POINTS = (10.0, 20.0, 40.0)


def panel(size: int = 20) -> Panel:
    """As many members, all like the owner, who mind the price more or less."""
    members = tuple(
        msgspec.structs.replace(
            OWNER, id=f"p{at + 1:02d}", priors=msgspec.structs.replace(OWNER.priors, price=1.0 + at / size)
        )
        for at in range(size)
    )
    return Panel(
        id="a" * 16,
        seed=1,
        evidence_hash="b" * 16,
        spec=PanelSpec(size=size),
        personas=members,
        insights=200,
        people=90,
        effective_size=float(size),
        overlap=0.0,
    )


def study(*texts: str, points: tuple[float, ...] = POINTS, variant: str = "", **more: object) -> Study:
    asked = msgspec.structs.asdict(question(*(texts or (CHASES,)), reference_price=20.0, currency="EUR"))
    return Study(**{**asked, "prices": PriceTest(points=points, variant=variant), **more})


def judge(persona: Persona, asked: Question, variant: Variant) -> Judgement:
    sheet = Sheet(question=asked, order=tuple(each.id for each in asked.variants), seed=1)
    reasoner = Reasoner(SENSES["hashing/1"])
    return reasoner.judge(persona, asked, variant, {text: vector(text) for text in reasoner.texts(persona, sheet)})


def pays(price: float, spread: float = 0.2) -> Judgement:
    return Judgement(terms=(), reservation=Reservation(math.log(price), spread))


def found(asked: Study, size: int = 20, rho: float = 0.0) -> Pricing:
    pricing = priced(asked, panel(size), judge, rho)
    assert pricing is not None
    return pricing


def test_nobody_asks_for_prices() -> None:
    assert priced(study(prices=None), panel(), judge, 0.0) is None


def test_a_price_test_of_a_panel() -> None:
    pricing = found(study(CHASES, THEME))
    assert (pricing.variant, pricing.currency) == ("a", "EUR")
    shares = [point.would.value for point in pricing.points]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]
    assert pricing.demand[0][0] == 5.0
    assert pricing.demand[-1][0] == 80.0
    assert pricing.elasticity is not None
    assert pricing.elasticity < 0
    assert pricing.westendorp is not None
    assert pricing.westendorp.left_out == 0
    assert pricing.why[0] == "not-validated"
    assert "four-concluded" in pricing.why


def test_what_is_wanted_is_worth_more() -> None:
    asked = study(CHASES, THEME)
    wanted, other = found(asked), found(msgspec.structs.replace(asked, prices=PriceTest(points=POINTS, variant="b")))
    assert all(one.would.value > two.would.value for one, two in zip(wanted.points, other.points, strict=True))


def test_members_who_are_alike_are_fewer() -> None:
    independent, alike = found(study()), found(study(), rho=0.5)
    assert independent.points[0].would.value == alike.points[0].would.value
    assert alike.points[0].would.low < independent.points[0].would.low


def test_a_best_price_needs_people() -> None:
    many = priced(study(), panel(100), lambda *_: pays(22), 0.0)
    few = priced(study(), panel(100), lambda *_: pays(22), 0.9)
    assert many is not None
    assert few is not None
    assert many.best == 20
    assert few.best is None
    assert "few" in few.why


def test_without_a_reference_no_price_can_be_weighed() -> None:
    pricing = found(study(reference_price=None))
    assert (pricing.points, pricing.best, pricing.demand, pricing.westendorp) == ((), None, (), None)
    assert "no-reference" in pricing.why
    assert "abstained" not in pricing.why


def test_prices_of_the_variants_stand_in_and_are_doubted() -> None:
    variants = (Variant(id="a", text=CHASES, price=20.0), Variant(id="b", text=THEME))
    pricing = found(study(reference_price=None, variants=variants))
    assert "asked-reference" in pricing.why
    assert [point.would for point in pricing.points] == [point.would for point in found(study(CHASES, THEME)).points]


def test_members_who_abstain_have_no_price() -> None:
    def half(persona: Persona, _asked: Question, _variant: Variant) -> Judgement | None:
        return pays(15) if int(persona.id[1:]) % 4 == 0 else None

    pricing = priced(study(), panel(), half, 0.0)
    assert pricing is not None
    assert "abstained" in pricing.why
    assert pricing.points[0].would == priced_alone(5)
    nobody = priced(study(), panel(), lambda *_: None, 0.0)
    assert nobody is not None
    assert (nobody.points, nobody.why) == ((), ("not-validated", "abstained"))


def priced_alone(size: int) -> object:
    pricing = priced(study(), panel(size), lambda *_: pays(15), 0.0)
    assert pricing is not None
    return pricing.points[0].would


def test_who_does_not_mind_the_price_pays_any() -> None:
    pricing = priced(study(), panel(), lambda *_: Judgement(terms=(), reservation=None), 0.0)
    assert pricing is not None
    assert [point.would.value for point in pricing.points] == [1.0, 1.0, 1.0]
    assert pricing.westendorp is not None
    assert pricing.westendorp.optimal is None
    assert {"flat", "few"} <= {*pricing.why}


@pytest.mark.parametrize(
    ("texts", "more", "mixed"),
    [
        (("Only $9 a month.", "Only 9 EUR a month."), {}, True),
        (("Only 9 EUR a month.",), {}, False),
        (("Only $9 a month.",), {"currency": "USD"}, False),
        (("Only $9 a month.",), {}, True),
        ((CHASES,), {"today": "They pay £5 for it."}, True),
    ],
)
def test_currencies_that_do_not_agree_are_doubted(texts: tuple[str, ...], more: dict[str, str], mixed: bool) -> None:
    asked = msgspec.structs.replace(study(*texts), **more)
    assert mixed_currencies(asked) is mixed
    assert ("currencies" in found(asked, 2).why) is mixed


def test_a_text_that_names_its_price_is_doubted() -> None:
    assert "price-said" in found(study("We chase your late invoices for 9 EUR."), 2).why
    assert "price-said" not in found(study(), 2).why


@pytest.mark.parametrize(
    ("points", "variant", "wanted"),
    [
        ((10.0, 20.0), "", "3 to 20 prices"),
        ((10.0, 30.0, 20.0), "", "prices that rise"),
        (POINTS, "c", "want a variant of 'a' to test prices of, got 'c'"),
    ],
)
def test_what_is_no_price_test(points: tuple[float, ...], variant: str, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        found(study(points=points, variant=variant))


def test_the_same_again() -> None:
    assert msgspec.json.encode(found(study())) == msgspec.json.encode(found(study()))
