"""A study put to people: in time or not, in a balanced order, once."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, update

from tests.panel.survey.asked import FIELDS, FORM, STUDY, THREE, guess, prediction
from tests.store.test_schema import OF_CORPUS, OF_PANEL
from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.outcome import Comparison, Result, Share, Standing
from vivavoce.panel.study import Study
from vivavoce.panel.survey.form import Form
from vivavoce.store import Store
from vivavoce.store.database import table_of
from vivavoce.store.models import Corpus, Panel
from vivavoce.store.models import Study as StudyRow
from vivavoce.store.surveys import Door, StoredSurvey, Surveys
from vivavoce.store.vault import Vault
from vivavoce.studies import survey as reception
from vivavoce.studies.survey import DAY_S, GRACE_S, Received, Terms, open_survey

NOW = 1_750_000_000.0
VAULT = Vault([Vault.make_key()])


@pytest.fixture
async def store(sqlite_at_head: Path, tmp_path: Path) -> AsyncIterator[Store]:
    path = shutil.copyfile(sqlite_at_head, tmp_path / "viva.db")
    store = await Store.open(f"sqlite:///{path}")
    yield store
    await store.close()


@pytest.fixture
def surveys(store: Store) -> Surveys:
    return Surveys(store.database)


async def kept(surveys: Surveys, form: Form = FORM, **more: Any) -> Door:
    survey = StoredSurvey(
        **{
            "id": "0" * 16,
            "study_id": None,
            "name": "",
            "form": form,
            "prediction": prediction(guess("approves", 0.7)),
            "links": 0,
            "quota": 5,
            "until": None,
            "opened_at": NOW,
            "closed_at": None,
            "erase_at": NOW + 30 * DAY_S,
            **more,
        }
    )
    links = await surveys.open(survey)
    door = await surveys.door(links[0] if links else survey.id)
    assert door is not None
    return door


async def sit(surveys: Surveys, door: Door, now: float = NOW) -> reception.Sitting:
    text = await reception.begin(surveys, VAULT, door.survey, now=now)
    sitting = reception.sitting_of(text, door.survey, VAULT, now=now)
    assert sitting is not None
    return sitting


async def send(surveys: Surveys, door: Door, sitting: reception.Sitting, now: float, **more: str) -> Any:
    fresh = msgspec.structs.replace(await surveys.get(door.survey.id))
    return await reception.receive(surveys, VAULT, door._replace(survey=fresh), sitting, FIELDS | more, now=now)


async def test_each_variant_stands_in_each_place_equally_often(surveys: Surveys) -> None:
    door = await kept(surveys, Form(study=THREE, seed=3))
    orders = [reception.order_of(door.survey, await sit(surveys, door)) for _ in range(12)]
    for place in range(3):
        assert set(Counter(order[place] for order in orders).values()) == {4}


async def test_an_answer_sent_twice_is_one_answer(surveys: Surveys) -> None:
    door = await kept(surveys)
    sitting = await sit(surveys, door)
    first = await send(surveys, door, sitting, NOW + 60)
    again = await send(surveys, door, sitting, NOW + 61, why="something else")
    assert isinstance(first, Received)
    assert again == first
    await surveys.close(door.survey.id, now=NOW + 70)
    assert await send(surveys, door, sitting, NOW + 10 * GRACE_S) == first, "it is kept already"
    (answer,) = await surveys.answers(door.survey.id)
    assert (answer.opinion.why, answer.took_s, answer.flags) == ("It is cheaper.", 60.0, ())
    assert await surveys.forget(reception.code_in(first.code.lower().replace("-", " ")), now=NOW)
    assert await send(surveys, door, sitting, NOW + 80) == "withdrawn", "it is not kept again"


async def test_what_is_missing_keeps_nothing(surveys: Surveys) -> None:
    door = await kept(surveys)
    assert await send(surveys, door, await sit(surveys, door), NOW + 60, choice="") == {
        "choice": "one of them, or that you cannot say"
    }
    assert await surveys.answers(door.survey.id) == []


async def test_programs_do_not_fill_the_quota(surveys: Surveys) -> None:
    door = await kept(surveys, quota=1)
    for _ in range(3):
        assert isinstance(await send(surveys, door, await sit(surveys, door), NOW + 1), Received)
    assert await reception.shut(surveys, door.survey, NOW) is None
    trapped = await send(surveys, door, await sit(surveys, door), NOW + 60, **{reception.TRAP: "x"})
    assert isinstance(trapped, Received), "they are told nothing"
    assert [each.flags for each in await surveys.answers(door.survey.id)] == [("too-fast",)] * 3 + [("honeypot",)]
    await send(surveys, door, await sit(surveys, door), NOW + 60)
    assert await reception.shut(surveys, door.survey, NOW) == "full"


async def test_who_was_at_it_when_it_filled_up_is_kept_and_marked(surveys: Surveys) -> None:
    door = await kept(surveys, quota=1)
    first, second, third = [await sit(surveys, door) for _ in range(3)]
    await send(surveys, door, first, NOW + 60)
    assert isinstance(await send(surveys, door, second, NOW + GRACE_S), Received)
    assert await send(surveys, door, third, NOW + GRACE_S + 1) == "full"
    assert [each.flags for each in await surveys.answers(door.survey.id)] == [(), ("late",)]


@pytest.mark.parametrize("how", ["closed", "over"])
async def test_the_end_leaves_an_hour_to_those_who_had_begun(surveys: Surveys, how: str) -> None:
    end = NOW + 100
    door = await kept(surveys, until=end if how == "over" else None)
    before, slow = await sit(surveys, door, NOW), await sit(surveys, door, NOW)
    after = await sit(surveys, door, end + 1)
    if how == "closed":
        await surveys.close(door.survey.id, now=end)
    assert await send(surveys, door, after, end + 30) == how
    assert isinstance(await send(surveys, door, before, end + GRACE_S), Received)
    assert await send(surveys, door, slow, end + GRACE_S + 1) == how
    (answer,) = await surveys.answers(door.survey.id)
    assert answer.flags == ("late",)


async def test_nothing_is_kept_once_answers_are_deleted(surveys: Surveys) -> None:
    door = await kept(surveys, erase_at=NOW + 100)
    sitting = await sit(surveys, door)
    assert await send(surveys, door, sitting, NOW + 101) == "closed"


async def test_programs_fill_no_disk(surveys: Surveys, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    door = await kept(surveys)
    monkeypatch.setattr(reception, "MOST_ANSWERS", 2)
    for _ in range(2):
        await send(surveys, door, await sit(surveys, door), NOW + 1)
    assert await send(surveys, door, await sit(surveys, door), NOW + 1) == "full"


async def test_a_link_of_ones_own_is_used_once(surveys: Surveys) -> None:
    door = await kept(surveys, links=1)
    one, two = await sit(surveys, door), await sit(surveys, door)
    first = await send(surveys, door, one, NOW + 60)
    assert isinstance(first, Received)
    assert await send(surveys, door, two, NOW + 60) == "used"
    assert await send(surveys, door, one, NOW + 61) == first


async def test_a_sitting_is_signed_for_one_survey_and_a_day(surveys: Surveys) -> None:
    door = await kept(surveys)
    other = msgspec.structs.replace(door.survey, id="1" * 16)
    text = await reception.begin(surveys, VAULT, door.survey, now=NOW)
    assert reception.sitting_of(text, door.survey, VAULT, now=NOW + DAY_S - 1) is not None
    assert reception.sitting_of(text, door.survey, VAULT, now=NOW + DAY_S) is None
    assert reception.sitting_of(text, other, VAULT, now=NOW) is None
    assert reception.sitting_of(text, door.survey, Vault([Vault.make_key()]), now=NOW) is None
    body, _, signature = text.partition(".")
    for wrong in ("", ".", "é.é", f"{body}x.{signature}", f"{body}.{signature[:-1]}", f"!{body}.{signature}", body):
        assert reception.sitting_of(wrong, door.survey, VAULT, now=NOW) is None


def result(study: Study = STUDY) -> Result:
    told = guess("approves", 0.7, study=study)
    return Result(
        reproduction=prediction().reproduction,
        comparisons=(
            Comparison(
                respondent=told.respondent,
                validated=False,
                standings=tuple(
                    Standing(
                        variant=each.id, wins=1.0, appeal=Share(5.0, 4.0, 6.0),
                        would={"would": 0.2, "might": 0.3, "would_not": 0.5}, chosen=told.shares[each.id],
                        best=told.best[each.id],
                    )
                    for each in study.variants
                ),
                leader="approves",
                decision=told.decision,
                votes=(),
                effective_size=3.0,
                flip_rate=None,
                asked=5,
            ),
        ),
        differ=False,
    )  # fmt: skip


async def studied(store: Store, study: Study = STUDY, *, done: bool = True) -> None:
    row = {**OF_PANEL, "spec": msgspec.json.encode(study).decode(), "state": "done" if done else "open"}
    async with store.database.begin() as connection:
        await connection.execute(insert(table_of(Corpus)).values(OF_CORPUS["corpora"]))
        await connection.execute(insert(table_of(Panel)).values(OF_CORPUS["panels"]))
        body = msgspec.json.encode(result(study)).decode() if done else None
        await connection.execute(insert(table_of(StudyRow)).values(**row, result=body))


async def test_what_is_predicted_is_written_down_before_anybody_answers(store: Store) -> None:
    await studied(store)
    survey, links = await open_survey(store.database, "s", Terms(links=2, by=" Acme \n Ltd "), now=NOW)
    assert len(links) == 2
    assert (survey.form.asks, survey.form.by, survey.quota) == ("points", "Acme Ltd", 200)
    assert survey.erase_at == NOW + 365 * DAY_S
    assert survey.prediction.by[0].shares == pytest.approx({"approves": 0.7, "automatic": 0.3})
    await store.database.run(update(StudyRow).values(result=None))
    assert (await Surveys(store.database).get(survey.id)).prediction == survey.prediction


async def test_a_study_without_a_result_predicts_nothing(store: Store) -> None:
    await studied(store, done=False)
    with pytest.raises(InputError, match="a prediction comes before the answers"):
        await open_survey(store.database, "s", Terms(), now=NOW)
    with pytest.raises(NotHereError):
        await open_survey(store.database, "none", Terms(), now=NOW)


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (Terms(quota=0), "want a quota of 1 to 10000 answers, got 0"),
        (Terms(links=10_001), "want 0 to 10000 links"),
        (Terms(until=NOW - 2 * DAY_S), "want an end that is still to come, within the 365 days .*, got 2.0 days ago"),
        (Terms(until=NOW), "got 0.0 days ago"),
        (Terms(until=NOW + 400 * DAY_S), "got 400.0 days from now"),
        (Terms(until=float("inf")), "got inf days from now"),
        (Terms(keep_days=0), "want to keep answers for at most 3650 days"),
        (Terms(by="x" * 301), "want at most 300 characters of who asks"),
        (Terms(asks="points"), "want a study with prices to test"),
    ],
)
async def test_terms_that_do_not_hold(store: Store, terms: Terms, says: str) -> None:
    await studied(store, THREE)
    with pytest.raises(InputError, match=says):
        await open_survey(store.database, "s", terms, now=NOW)
