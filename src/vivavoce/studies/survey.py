"""Reality Check: a study put to people. Who may answer, in which order they see the variants, and what of it is kept.

Nobody is known here. That somebody agreed is a *sitting*: a signed text in the address of their page that says when
they began and in which order they see things. Sent twice, an answer is kept once: the code that deletes it is made of
the sitting.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.designs import orders
from vivavoce.panel.survey.checks import LEFT_OUT, seen
from vivavoce.panel.survey.form import Asks, Form
from vivavoce.panel.survey.prediction import predicted
from vivavoce.panel.survey.reading import Problems, read
from vivavoce.store.database import Database
from vivavoce.store.studies import Studies
from vivavoce.store.survey_answers import NewAnswer
from vivavoce.store.surveys import Door, StoredSurvey, Surveys
from vivavoce.store.vault import Vault

DAY_S = 86_400.0
QUOTA, MOST_QUOTA = 200, 10_000
MOST_LINKS = 10_000
MOST_ANSWERS = 20_000
"""Of one survey in all, with those that are left out: programs fill no disk."""
MOST_DAYS = 3_650.0
BY_CHARS = 300
SITTING_S = DAY_S
"""How long somebody may take over a page."""
GRACE_S = 3_600.0
"""Who had begun by the end, or before the last answer that was wanted came, may finish within this. Not tuned."""
TRAP = "more-about-it"
"""Name of the field that nobody sees."""
Shut: TypeAlias = Literal["closed", "over", "full"]
"""Why a survey takes no answers: somebody closed it, its time is over, enough have answered."""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is read or typed for something else."""
_CODE_CHARS = 20


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a study is put to people."""

    quota: int = QUOTA
    until: float | None = None
    """Unix seconds."""
    links: int = 0
    """One each for so many people, each for one answer; 0: one link for everybody."""
    asks: Asks | None = None
    """None: the study's prices, where it has some."""
    by: str = ""
    """Who asks, and how to reach them."""
    keep_days: float = 365.0
    """How long answers are kept, from the day it opens."""


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody agreed to answer."""

    survey: str
    member: int
    began_at: float
    nonce: str


class Received(NamedTuple):
    """An answer that was kept."""

    code: str
    """Deletes it."""


async def open_survey(database: Database, study_id: str, terms: Terms, *, now: float) -> tuple[StoredSurvey, list[str]]:
    """Put a study to people; with the links of one person each, if any were asked for. What it predicts is written down
    here, before anybody has answered.

    Raises:
        NotHereError, StaleError: there is no such study, or not any more.
        InputError: it has no result yet, or the terms do not hold.
    """
    studies = Studies(database)
    study = await studies.get(study_id)
    result = await studies.result(study_id)
    if result is None:
        raise InputError("want a study with a result, got one that is open: a prediction comes before the answers")
    asks: Asks = terms.asks if terms.asks is not None else "points" if study.spec.prices is not None else "none"
    _check(terms, now)
    if asks == "points" and study.spec.prices is None:
        raise InputError("want a study with prices to test, or prices asked for by `four` or `none`, got none to test")
    survey = StoredSurvey(
        id=secrets.token_hex(8),
        study_id=study_id,
        name=study.name,
        form=Form(study=study.spec, seed=study.seed, asks=asks, by=" ".join(terms.by.split())),
        prediction=predicted(result),
        links=terms.links,
        quota=terms.quota,
        until=terms.until,
        opened_at=now,
        closed_at=None,
        erase_at=now + terms.keep_days * DAY_S,
    )
    return survey, await Surveys(database).open(survey)


def _check(terms: Terms, now: float) -> None:
    if not 1 <= terms.quota <= MOST_QUOTA:
        raise InputError(f"want a quota of 1 to {MOST_QUOTA} answers, got {terms.quota}")
    if not 0 <= terms.links <= MOST_LINKS:
        raise InputError(f"want 0 to {MOST_LINKS} links, got {terms.links}")
    if not 0 < terms.keep_days <= MOST_DAYS:
        raise InputError(f"want to keep answers for at most {MOST_DAYS:g} days, got {terms.keep_days:g}")
    if terms.until is not None and not now < terms.until <= now + terms.keep_days * DAY_S:
        days = (terms.until - now) / DAY_S
        came = f"{days:.1f} days from now" if days > 0 else f"{abs(days):.1f} days ago"
        raise InputError(
            f"want an end that is still to come, within the {terms.keep_days:g} days that answers are kept, got {came}"
        )
    if len(terms.by) > BY_CHARS:
        raise InputError(f"want at most {BY_CHARS} characters of who asks, got {len(terms.by)}")


async def shut(surveys: Surveys, survey: StoredSurvey, now: float) -> Shut | None:
    """Why nobody may begin; None while they may."""
    if survey.closed_at is not None or now >= survey.erase_at:
        return "closed"
    if survey.until is not None and now >= survey.until:
        return "over"
    full = survey.answered >= MOST_ANSWERS or await surveys.counted(survey.id) >= survey.quota
    return "full" if full else None


async def begin(surveys: Surveys, vault: Vault, survey: StoredSurvey, *, now: float) -> str:
    """Somebody agreed; their sitting as the text that `sitting_of` reads.

    Raises:
        NotHereError: the survey is not there any more.
    """
    sitting = Sitting(
        survey=survey.id,
        member=await surveys.begin(survey.id),
        began_at=round(now, 1),
        nonce=secrets.token_urlsafe(12),
    )
    body = msgspec.json.encode(sitting)
    return f"{base64.urlsafe_b64encode(body).decode().rstrip('=')}.{vault.sign(b'survey ' + body)}"


def sitting_of(text: str, survey: StoredSurvey, vault: Vault, *, now: float) -> Sitting | None:
    """None where nobody agreed to this survey, or a day ago."""
    encoded, _, signature = text.partition(".")
    try:
        body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        return None
    if not vault.verify(b"survey " + body, signature):
        return None
    sitting = msgspec.json.decode(body, type=Sitting)
    holds = sitting.survey == survey.id and sitting.began_at > now - SITTING_S
    return sitting if holds else None


def order_of(survey: StoredSurvey, sitting: Sitting) -> tuple[str, ...]:
    """In which order they see the variants: of those who begin, each variant stands in each place equally often."""
    ids = [variant.id for variant in survey.form.study.variants]
    return orders(ids, "once", sitting.member, survey.form.seed)[0]


def code_of(sitting: Sitting, vault: Vault) -> str:
    """What deletes the answer of a sitting, in fours."""
    number = int(vault.hash(f"survey {sitting.survey} {sitting.nonce}"), 16)
    letters = []
    for _ in range(_CODE_CHARS):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "-".join("".join(letters[at : at + 4]) for at in range(0, _CODE_CHARS, 4))


def code_in(text: str) -> str:
    """A code as `code_of` writes it, from what somebody typed."""
    letters = "".join(letter for letter in text.upper()[:100] if letter in _ALPHABET)
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


async def receive(
    surveys: Surveys, vault: Vault, door: Door, sitting: Sitting, fields: Mapping[str, str], *, now: float
) -> Received | Problems | Shut | Literal["used", "withdrawn"]:
    """Keep what somebody answered, once.

    Returns:
        the code that deletes it; or what is missing; or why nothing was kept.
    Raises:
        NotHereError: the survey is not there any more.
    """
    code = code_of(sitting, vault)
    if (known := await surveys.known(code)) is not None:
        return "withdrawn" if known == "withdrawn" else Received(code)
    why = await shut(surveys, door.survey, now)
    if why is not None and not _in_time(door.survey, sitting, why, now):
        return why
    form, order = door.survey.form, order_of(door.survey, sitting)
    opinion = read(form, order, fields)
    if isinstance(opinion, dict):
        return opinion
    took_s = max(0.0, now - sitting.began_at)
    flags = (*seen(form, opinion, took_s=took_s, trap=fields.get(TRAP, "")), *(("late",) if why is not None else ()))
    suspect = not LEFT_OUT.isdisjoint(flags)
    taken = await surveys.answer(door, code, NewAnswer(opinion, took_s, flags, suspect), now=now)
    return Received(code) if taken == "kept" else taken


def _in_time(survey: StoredSurvey, sitting: Sitting, why: Shut, now: float) -> bool:
    """Whether somebody was at it already when the survey was shut."""
    if survey.answered >= MOST_ANSWERS or now >= survey.erase_at:
        return False
    if why == "full":  # nobody knows to the second when it was
        return now - sitting.began_at <= GRACE_S
    end = survey.closed_at if why == "closed" else survey.until
    return end is not None and sitting.began_at <= end and now - end <= GRACE_S
