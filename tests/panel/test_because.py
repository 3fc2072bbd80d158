from __future__ import annotations

from vivavoce.panel.ballots import Answer, Ballot, Reason, Sign
from vivavoce.panel.because import because


def reason(sign: Sign, text: str, weight: float = 0.0, *evidence: str, quote: str = "", term: str = "") -> Reason:
    return Reason(sign=sign, text=text, weight=weight, evidence=evidence, quote=quote, term=term)


def ballot(persona: str, *reasons: Reason, variant: str = "a") -> Ballot:
    answers = (Answer(variant=variant, appeal=5.0, would="might", reasons=reasons),) if reasons else ()
    return Ballot(persona=persona, respondent="r", order=("a",), answers=answers)


def test_what_goes_back_to_the_same_words_is_one_reason() -> None:
    one = reason("pro", "Speaks to late money.", 0.5, "i1", "i2", quote="I am paid late.")
    more = reason("pro", "Speaks to late pay.", 0.9, "i1", quote="Paid late again.")
    (found,) = because([ballot("p1", one), ballot("p2", more), ballot("p3", reason("con", "Dear.", -0.2))])["a"][:1]
    assert (found.text, found.quote, found.members) == ("Speaks to late pay.", "Paid late again.", ("p1", "p2"))
    assert (found.evidence, found.weight) == (("i1", "i2"), 1.4)


def test_the_same_words_are_one_reason_whoever_they_quote() -> None:
    one = reason("pro", "Speaks to late pay.", 0.9, "i1", quote="Paid late again.")
    other = reason("pro", "Speaks to  late PAY.", 0.5, "i2", quote="My clients pay late.")
    third = reason("pro", "Speaks to slow clients.", 0.2, "i2")
    (found,) = because([ballot("p1", one), ballot("p2", other), ballot("p3", third)])["a"]
    assert (found.members, found.evidence, found.weight) == (("p1", "p2", "p3"), ("i1", "i2"), 1.6)
    assert found.quote == "Paid late again."


def test_the_weightiest_first_pros_before_cons_and_some_of_each() -> None:
    pros = [reason("pro", f"Good {at}.", at / 10) for at in (1, 3, 2)]
    cons = [
        reason("con", "A change.", -0.5, term="switching"),
        reason("con", "Another change.", -0.7, term="switching"),
    ]
    found = because([ballot("p1", *pros, *cons)], most=2)["a"]
    assert [each.text for each in found] == ["Good 3.", "Good 2.", "Another change."]
    assert found[-1].members == ("p1",)


def test_a_member_is_heard_once_and_words_alone_count_as_one() -> None:
    says = reason("pro", "It is quick.")
    found = because(
        [ballot("p1"), ballot("p1", says), ballot("p1", says), ballot("p2", reason("pro", "It is  QUICK."))]
    )
    assert [(each.members, each.weight) for each in found["a"]] == [(("p1", "p2"), 2.0)]
    assert because([ballot("p1")]) == {}


def test_losses_are_told_apart_by_their_words_and_so_are_tastes() -> None:
    """Of one sentence each, though nobody said one, or one person stands behind both."""
    losses = [
        reason("con", "Takes something away: “final”", -0.9, "i1", term="loss"),
        reason("con", "Takes away where they care (“x”): “alone”", -0.5, "i1", term="loss"),
        reason("con", "Takes something away: “two years”", -0.4, term="loss"),
        reason("con", "Takes something away: “a fee”", -0.3, term="loss"),
    ]
    tastes = [reason("pro", text, 0.1, term="wording") for text in ("Likes details", "Likes figures")]
    found = because([ballot("p1", *losses, *tastes)], most=4)["a"]
    assert [each.text for each in found] == [each.text for each in (*tastes, *losses)]


def test_the_quote_is_of_who_says_it_in_these_words_and_has_one() -> None:
    most = reason("con", "Takes something away.", -0.9, "i1", term="loss")
    some = reason("con", "Takes something  away.", -0.5, "i2", quote="I must undo it.", term="loss")
    (found,) = because([ballot("p1", most), ballot("p2", some)])["a"]
    assert (found.quote, found.evidence, found.weight) == ("I must undo it.", ("i2", "i1"), 1.4)
    other = reason("pro", "Speaks to late pay.", 0.9, "i1")
    quoting = reason("pro", "Speaks to slow pay.", 0.5, "i1", quote="They pay slowly.")
    (found,) = because([ballot("p1", other), ballot("p2", quoting)])["a"]
    assert (found.text, found.quote) == (other.text, "")
