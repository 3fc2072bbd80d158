"""What stands at a verdict beside what it was counted from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.panel.panels import REMINDS, TAXES
from tests.panel.panels import study as offers
from tests.studies.asked import Surgery
from vivavoce.panel.outcome import Result
from vivavoce.panel.study import Study
from vivavoce.store import Store


@pytest.fixture
async def surgery(tmp_path: Path) -> AsyncIterator[Surgery]:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    surgery = Surgery(store)
    await surgery.fill()
    yield surgery
    await store.close()


async def result_of(surgery: Surgery, spec: Study, *respondents: str) -> Result:
    study = await surgery.begin(*respondents, spec=spec)
    await surgery.do(study.id)
    result = await surgery.studies.result(study.id)
    assert result is not None
    return result


async def test_respondents_that_put_different_variants_first_doubt_each_other_though_none_decides(
    surgery: Surgery,
) -> None:
    result = await result_of(surgery, offers(), "openai:m", "openai:other")
    assert [each.leader for each in result.comparisons] == ["a", "b"]
    assert {each.decision.word for each in result.comparisons} == {"undecided"}
    assert all("respondents-differ" in each.decision.why for each in result.comparisons)
    assert not result.differ


@pytest.mark.parametrize(
    ("texts", "currency", "mixed"),
    [
        ((f"{REMINDS} Only €20.", f"{TAXES} Only 3,000 yen."), "USD", True),
        ((f"{REMINDS} Only €20.", f"{TAXES} Only 30 EUR."), "USD", True),
        ((f"{REMINDS} Only €20.", f"{TAXES} Only 30 EUR."), "EUR a month", False),
    ],
)
async def test_sums_in_different_currencies_are_doubted_at_the_verdict_whether_prices_are_tested_or_not(
    surgery: Surgery, texts: tuple[str, str], currency: str, mixed: bool
) -> None:
    result = await result_of(surgery, offers(*texts, currency=currency))
    assert result.pricing is None
    assert ("currencies" in result.comparisons[0].decision.why) is mixed
