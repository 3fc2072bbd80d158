"""What a page about a study is made of, and on whose time."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.store.corpora import NOW
from tests.studies.asked import Surgery
from vivavoce.findings import study_record
from vivavoce.panel.survey.score import Score, scored
from vivavoce.store import Store
from vivavoce.studies.survey import Terms, open_survey


async def test_what_people_said_is_counted_beside_the_loop(
    sqlite_at_head: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted_in: list[int] = []

    def watched(*args: Any) -> Score:
        counted_in.append(threading.get_ident())
        return scored(*args)

    monkeypatch.setattr(study_record, "scored", watched)
    store = await Store.open(f"sqlite:///{shutil.copyfile(sqlite_at_head, tmp_path / 'viva.db')}")
    surgery = Surgery(store)
    await surgery.fill()
    study = await surgery.begin()
    await surgery.do(study.id)
    survey, _ = await open_survey(store.database, study.id, Terms(), now=NOW)
    record = await study_record.collect_study(store.database, study.id)
    await store.close()
    assert [each.survey.id for each in record.surveys] == [survey.id]
    assert counted_in
    assert threading.get_ident() not in counted_in
