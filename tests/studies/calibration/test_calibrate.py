"""Calibration on made-up outcomes: who should win wins, floors stand at their place, and bad files are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from tests.studies.calibration import outcomes
from vivavoce.errors import InputError, NotHereError
from vivavoce.studies.calibration import Calibration, Task, calibrate, markdown
from vivavoce.studies.calibration.outcome import VALUE

foretelling, wishes, ideas, raters, stories, cars, composite = (
    import_module(f"vivavoce.studies.calibration.{name}")
    for name in ("foretelling", "wishes", "ideas", "raters", "stories", "cars", "composite")
)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws: what is tested is who wins, and not how wide an interval is."""
    monkeypatch.setattr(wishes, "FEWER", 20)
    monkeypatch.setattr(wishes, "PANELS", 2)
    monkeypatch.setattr(foretelling, "DEALS", 5)
    monkeypatch.setattr(foretelling, "RIDGES", (30.0, 300.0, 3_000.0))
    monkeypatch.setattr(foretelling, "OPAQUE_RIDGES", (300.0,))
    monkeypatch.setattr(ideas, "REPEATS", 3)
    monkeypatch.setattr(raters, "TRIES", 5)
    monkeypatch.setattr(stories, "SURVEYS", 20)
    monkeypatch.setattr(cars, "SLOPES", 10)
    monkeypatch.setattr(composite, "SPLITS", 2)


def run(folder: Path, *names: str, seed: int = 1) -> Calibration:
    return asyncio.run(calibrate(folder, outcomes.Letters(), names=names, seed=seed))


def one(folder: Path, make: Callable[[Path], None], name: str) -> Task:
    make(folder)
    (task,) = run(folder, name).tasks
    assert msgspec.json.decode(msgspec.json.encode(task), type=Task) == task, "it can be written as a document"
    return task


def value(task: Task, who: str, column: int = 0) -> float:
    return task.row(who).figures[task.columns[column].name].value


def test_headlines_where_a_question_costs_clicks(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.clicks, "upworthy")
    assert value(task, "style alone") > 0.9
    assert value(task, "statements and style (ours)") > 0.9
    assert value(task, "random") == 0.5
    assert abs(value(task, "outcomes dealt out anew, ours") - 0.5) < 0.3
    assert value(task, "other half of the readers, on pairs clear in the first") > 0.8
    lost = {row.who: row.figures["lost"].value for row in task.rows if row.role == "ablation"}
    assert lost["without signs"] > 0.2, "the question mark is all there is"
    assert lost["without lists"] < 0.1
    assert task.leaks["headlines that say the same, across folds"] == 0


def test_ideas_where_length_is_all(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.ideas, "ideas")
    assert value(task, "length") > 0.8
    assert value(task, "random") == 0.5
    assert value(task, "30 people") >= value(task, "5 people")
    assert task.leaks["across folds"] == 0
    assert value(task, "ours, fitted on the other source") > 0.8
    whole = task.row("ai, over length, share").figures[VALUE]
    assert whole.value == task.row("length, richness and ten statements (ours)").figures["ai, over length"].value


def test_wishes_that_nobody_can_foretell(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.wishes, "crowdre")
    ours = task.row("20 people of the niche (ours)").figures["rank correlation"]
    assert ours.low < 0.1, "marks were dealt out by lot"
    assert {row.role for row in task.rows} >= {"control", "model", "people", "niche"}
    niches = [row for row in task.rows if row.role == "niche"]
    assert len(niches) == 3
    assert all(row.floor is not None and row.ceiling is not None for row in niches)
    top = task.row(task.ceiling).figures
    assert set(top) == {column.name for column in task.columns}, "each column has a ceiling"


def test_cars_where_the_price_counts(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.cars, "cars")
    assert value(task, "cheapest") > value(task, "place in the list") + 0.1
    assert value(task, "all attributes and price, learned") > value(task, "all but the price, learned") + 0.1
    slope = task.row("slope of ln price, fitted on all").figures[VALUE]
    assert slope.low < slope.value < slope.high
    assert slope.value == pytest.approx(2, abs=0.6)


def test_models_that_play_people_nearly_as_they_are(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.twins, "twins")
    assert value(task, "model that plays the person") > value(task, "median of others") + 0.1
    assert value(task, "wrong person: the model of somebody else") < value(task, "median of others")
    assert task.row("median of others").figures["r"].value == 0, "who tells everybody the same knows nobody"
    assert task.row("verbatim: the answer of somebody else").figures["SD ratio"].value == pytest.approx(1, abs=0.15)


def test_a_survey_in_which_one_option_is_last(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.stories, "storytelling")
    assert value(task, "mean of all others") > 0
    assert value(task, "most features first") > 0, "what nobody wants has the fewest"


def test_a_panel_beside_the_texts_it_was_drawn_from(tmp_path: Path) -> None:
    outcomes.insights(tmp_path)
    task = one(tmp_path, outcomes.wishes, "composite")
    assert value(task, "verbatim: all texts it could have drawn from") > value(task, "unrelated niches")
    assert task.leaks == {
        "texts of the two sides that say the same": 0,
        "quotes and points of panels whose insights are held out": 0,
    }
    assert {row.who for row in task.rows if row.role == "ablation"} >= {
        "no simulation, cut 0.70",
        "no simulation, without pain",
    }
    assert all(share.low <= share.value <= share.high for row in task.rows for share in row.figures.values())
    niches = [row for row in task.rows if row.role == "niche"]
    assert all(row.floor is not None and row.floor.value < row.figures["score"].value for row in niches)
    assert len({row.floor for row in niches}) == len(niches), "each niche has a floor of its own"
    assert task.ceiling == ""


def test_asserted_weights(tmp_path: Path) -> None:
    task = one(tmp_path, outcomes.wishes, "asserted")
    changed = {row.who: row.figures for row in task.rows if row.role == "ablation"}
    assert len(changed) == 6
    assert all("over as asserted" in figures for figures in changed.values())
    assert all(row.role != "other" for row in task.rows), "there are no headlines to try tastes on"
    assert (
        task.row("random").figures["over as asserted"].value
        == -task.row("as asserted").figures[task.columns[0].name].value
    )


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    outcomes.stories(tmp_path)
    outcomes.cars(tmp_path)
    again = [
        msgspec.json.encode([msgspec.structs.replace(task, seconds=0.0) for task in run(tmp_path).tasks]) for _ in "12"
    ]
    assert again[0] == again[1]
    assert markdown(run(tmp_path)) == markdown(run(tmp_path))


def test_what_is_not_there_is_listed_and_what_was_named_is_wanted(tmp_path: Path) -> None:
    outcomes.stories(tmp_path)
    found = run(tmp_path)
    assert [task.name for task in found.tasks] == ["storytelling"]
    assert "upworthy_arms.csv" in found.not_run["upworthy"]
    assert "- upworthy: want upworthy_arms.csv" in markdown(found)
    with pytest.raises(NotHereError, match=r"conjoint_cars_us\.csv"):
        run(tmp_path, "cars")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Vote,Reason\nA-B-C-D-E,x\n", "columns Vote, Explanation.*Explanation missing, got Vote, Reason"),
        ("Vote,Explanation\n", "want rows"),
        ("Vote,Explanation\nA-B-C-D,x\n", "all of A-B-C-D-E once"),
        ("Vote,Explanation\nA-B-C-D-E\n", "too short"),
        ("Vote,Explanation\nA-B-C-D-E,x\n", "at least 4 people"),
        ("\xff\xfe", "cannot be read|columns"),
    ],
)
def test_a_file_that_changed_is_refused(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "survey_storytelling_ranking.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=says):
        run(tmp_path, "storytelling")


@pytest.mark.parametrize("price", ["nan", "free", "-3", "inf"])
def test_prices_that_are_none_are_refused(tmp_path: Path, price: str) -> None:
    outcomes.cars(tmp_path)
    path = tmp_path / "conjoint_cars_us.csv"
    lines = path.read_text().splitlines()
    cells = lines[1].split(",")
    cells[3] = price
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]))
    with pytest.raises(InputError, match="price"):
        run(tmp_path, "cars")


def test_headlines_that_nobody_tells_apart_are_too_few(tmp_path: Path) -> None:
    outcomes.clicks(tmp_path, stories=2)
    with pytest.raises(InputError, match="at least 20 pairs"):
        run(tmp_path, "upworthy")


def test_ideas_that_nobody_tells_apart_are_no_pairs(tmp_path: Path) -> None:
    outcomes.ideas(tmp_path)
    path = tmp_path / "concept_idea_ratings.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *(row.rsplit(",", 1)[0] + f",{1 + at % 2}" for at, row in enumerate(rows))]))
    with pytest.raises(InputError, match="differ clearly"):
        run(tmp_path, "ideas")


def test_nothing_to_measure_on(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="something to measure on"):
        run(tmp_path)
    with pytest.raises(InputError, match="want tasks of upworthy"):
        run(tmp_path, "downworthy")
    with pytest.raises(NotHereError, match="folder of data"):
        run(tmp_path / "nowhere")


def test_the_documentation_has_floor_and_ceiling_of_each_column_and_the_seed(tmp_path: Path) -> None:
    outcomes.cars(tmp_path)
    text = markdown(run(tmp_path, "cars", seed=3))
    ends = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith(("| floor:", "| ceiling:"))]
    assert len(ends) == 4, "of who was measured, and of what was changed"
    assert all(cell.strip() for row in ends[:2] for at, cell in enumerate(row) if at != 1)
    assert "not known" not in str(ends[:2])
    assert "Seed 3" in text
