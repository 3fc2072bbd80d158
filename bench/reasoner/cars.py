"""How much price weighs in choices that people made: 265 people and their choices among three cars, 15 times each.

Cars are no software and a choice on a page is no purchase. What may be taken over is a slope that has no unit: how much
the odds of a choice change with the logarithm of the price, and how much people differ in it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ATTRIBUTES = (
    *("hev", "phev10", "phev20", "phev40", "bev75", "bev100", "bev150", "phevFastcharge", "bevFastcharge"),
    *("opCost", "accelTime", "american", "japanese", "chinese", "skorean"),
)
ROUNDS = 200
RIDGE = 1e-3
"""So that a draw in which nobody saw some attribute still has an answer."""
GRID = np.exp(np.linspace(np.log(0.05), np.log(30), 120))
"""Slopes that a person may have."""


def choices(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Attributes with minus the logarithm of the price last, shape (tasks, 3, attributes + 1); which option was chosen;
    whose choice it was.
    """
    with (folder / "conjoint_cars_us.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    values = np.array([[*(float(row[name]) for name in ATTRIBUTES), -np.log(float(row["price"]))] for row in rows])
    tasks = values.reshape(-1, 3, values.shape[1])
    chosen = np.array([row["choice"] == "1" for row in rows]).reshape(-1, 3)
    people = np.array([int(row["id"]) for row in rows]).reshape(-1, 3)
    held = (chosen.sum(axis=1) == 1) & (people == people[:, :1]).all(axis=1)
    return tasks[held], chosen[held].argmax(axis=1), people[held, 0]


def fit(tasks: NDArray[np.float64], chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Weights of a multinomial logit, by Newton's method."""
    weights = np.zeros(tasks.shape[2])
    for _ in range(30):
        odds = tasks @ weights
        shares = np.exp(odds - odds.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        means = np.einsum("ta,taf->tf", shares, tasks)
        slope = (tasks[np.arange(len(tasks)), chosen] - means).sum(axis=0) - RIDGE * weights
        spread = tasks - means[:, None, :]
        curve = np.einsum("ta,taf,tag->fg", shares, spread, spread) + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def loss(tasks: NDArray[np.float64], chosen: NDArray[np.intp], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Mean log loss, and the share of choices that were the likeliest."""
    odds = tasks @ weights
    odds -= odds.max(axis=1, keepdims=True)
    logs = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(tasks)), chosen].mean()), float((odds.argmax(axis=1) == chosen).mean())


def spread(
    tasks: NDArray[np.float64], chosen: NDArray[np.intp], people: NDArray[np.intp], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Middle and spread of a log-normal distribution of slopes over people, all else being the same for all: the
    likeliest of a grid.
    """
    rest = tasks[:, :, :-1] @ weights[:-1]
    persons = np.unique(people)
    of_person = np.zeros((len(persons), len(GRID)))
    for at, slope in enumerate(GRID):
        odds = rest + slope * tasks[:, :, -1]
        odds -= odds.max(axis=1, keepdims=True)
        logs = (odds - np.log(np.exp(odds).sum(axis=1, keepdims=True)))[np.arange(len(tasks)), chosen]
        of_person[:, at] = np.bincount(np.searchsorted(persons, people), logs, len(persons))
    best = (-np.inf, 0.0, 0.0)
    for middle in np.linspace(np.log(0.3), np.log(12), 60):
        for sigma in np.linspace(0.05, 2.5, 50):
            prior = np.exp(-0.5 * ((np.log(GRID) - middle) / sigma) ** 2)
            prior /= prior.sum()
            top = of_person.max(axis=1, keepdims=True)
            total = float((np.log(np.exp(of_person - top) @ prior) + top[:, 0]).sum())
            best = max(best, (total, float(middle), float(sigma)))
    return float(np.exp(best[1])), best[2]


def measure(folder: Path) -> None:
    tasks, chosen, people = choices(folder)
    persons = np.unique(people)
    rows_of = {person: np.flatnonzero(people == person) for person in persons.tolist()}
    weights = fit(tasks, chosen)
    chance = np.random.default_rng(0)
    drawn = []
    for _ in range(ROUNDS):
        rows = np.concatenate([rows_of[person] for person in chance.choice(persons, len(persons)).tolist()])
        drawn.append(fit(tasks[rows], chosen[rows])[-1])
    low, high = np.percentile(drawn, [2.5, 97.5])
    middle, sigma = spread(tasks, chosen, people, weights)
    print(f"{len(tasks)} choices of {len(persons)} people")
    print(f"slope of ln(price), all alike: {weights[-1]:.2f} [{low:.2f}, {high:.2f}] (bootstrap of people)")
    print(f"over people, log-normal: middle {middle:.2f}, spread of the logarithm {sigma:.2f}")
    folds = np.searchsorted(persons, people) % 5
    print("choices of people it was not fitted on: log loss, share guessed right (guess: 1.099, 0.333)")
    for what, columns in (
        ("all but the price", slice(0, -1)),
        ("with the price", slice(None)),
        ("price alone", slice(-1, None)),
    ):
        found = []
        for fold in range(5):
            train, test = folds != fold, folds == fold
            fitted = fit(tasks[train][:, :, columns], chosen[train])
            found.append(loss(tasks[test][:, :, columns], chosen[test], fitted))
        print(f"  {what:<18}  {np.mean([each[0] for each in found]):.3f}  {np.mean([each[1] for each in found]):.3f}")
