"""The same evidence in two data folders, each with pseudonyms of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from tests.panel.bodies import body
from tests.panel.panels import study as offers
from tests.store.corpora import NOW
from tests.studies.asked import Surgery
from vivavoce.findings.study_record import StudyRecord, collect_study
from vivavoce.findings.study_report import render_study
from vivavoce.store import Store
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels

EVERYTHING = offers(
    claims=("Invoices are paid late.", "Clients pay weeks after the due date."),
    hypotheses=("People pay for reminders.",),
    reference_price=10.0,
    currency="EUR a month",
    leads=True,
)


async def test_give_the_same_result_and_the_same_page(tmp_path: Path) -> None:
    one, other = await studied(tmp_path / "one", "key"), await studied(tmp_path / "other", "another key")
    assert {each.person for each in one.insights.values()}.isdisjoint(
        each.person for each in other.insights.values() if each.person
    )
    assert one.result.leads
    assert any(claim.people for claim in one.result.claims)
    assert msgspec.json.encode(one.result) == msgspec.json.encode(other.result)
    assert one.ballots == other.ballots
    assert render_study(one) == render_study(other)


async def studied(folder: Path, key: str) -> StudyRecord:
    """A study of the same insights, whose people have the pseudonyms that a folder with this key gives them."""
    store = await Store.open(f"sqlite:///{folder}.db")
    try:
        surgery, insights, said = Surgery(store), Insights(store.database), body(300)
        await insights.create("invoicing", now=NOW)
        people = [
            msgspec.structs.replace(
                each,
                person=hashlib.sha256(f"{key} {each.person}".encode()).hexdigest()[:16],
                url=f"https://forum.example.com/{each.id}",
            )
            for each in said.insights
        ]
        await insights.add("invoicing", people, now=NOW)
        await insights.save_readings("invoicing", said.readings)
        await Panels(store.database).save(surgery.panel, "invoicing", now=NOW)
        study = await surgery.begin(spec=EVERYTHING)
        await surgery.do(study.id)
        return await collect_study(store.database, study.id)
    finally:
        await store.close()
