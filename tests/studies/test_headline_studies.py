"""A study of headlines has the learned model beside whoever is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.studies.asked import Surgery
from vivavoce.panel import headlines
from vivavoce.panel.ballots import Variant
from vivavoce.panel.study import Study, TextKind
from vivavoce.store import Store

VARIANTS = (
    Variant(id="plain", text="The report on invoices that are paid late is now available"),
    Variant(id="told", text="She told the mayor what she found, and he says it happened to his mom"),
)


@pytest.mark.parametrize(("kind", "also"), [("headline", [headlines.NAME]), ("offer", [])])
async def test_it_answers_for_headlines_alone(tmp_path: Path, kind: TextKind, also: list[str]) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    try:
        surgery = Surgery(store)
        await surgery.fill()
        study = await surgery.begin(spec=Study(ask="Which would you read?", kind=kind, variants=VARIANTS))
        await surgery.do(study.id)
        result = await surgery.studies.result(study.id)
    finally:
        await store.close()
    assert result is not None
    assert [each.respondent for each in result.comparisons][1:] == also
    assert list(result.reproduction.respondents)[1:] == also
    if also:
        model = result.comparisons[1]
        assert model.validated
        assert "style-only" in model.decision.why, "hashed words are not what it was fitted on"
        assert model.reasons["told"]
