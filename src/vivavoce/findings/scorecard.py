"""A scorecard: weights, thresholds, the evidence ladder and the experiments, as data that is fixed before the talk."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import msgspec

from vivavoce.errors import InputError


class Weighed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weight: float
    title: str


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    customer_evidence: float
    """Customers needed with evidence at `rung` or above."""
    rung: float
    go: float
    conditional: float
    min_severity: float
    min_ratio: float
    """LTV:CAC below which every sale loses money."""
    swing: float
    """Percent around a figure without a range that still counts as plausible."""


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An experiment as the scorecard words it, with {fact|fallback} in its texts."""

    id: str
    settles: tuple[str, ...]
    title: str
    how: str
    counts: str
    takes: str


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    ladder: dict[str, float]
    vouched: dict[str, str]
    """Source class -> rung."""
    customer: dict[str, str]
    """Part -> rung when a customer vouches for it; a part that is not listed is their opinion."""
    fields: dict[str, tuple[str, ...]]
    """Part -> names of fields of agent files that may play it."""
    dimensions: dict[str, Weighed]
    thresholds: Thresholds
    experiments: tuple[Trial, ...]

    def __post_init__(self) -> None:
        total = sum(one.weight for one in self.dimensions.values())
        if abs(total - 100) > 1e-9:
            raise InputError(f"want weights that sum to 100, got {total:g}")
        for rung in (*self.vouched.values(), *self.customer.values()):
            if rung not in self.ladder:
                raise InputError(f"want a rung of the ladder ({', '.join(self.ladder)}), got {rung}")


@cache
def load_scorecard(name: str) -> Scorecard:
    """A packaged scorecard by the name an agent file uses, such as "scorecards/startup-v1".

    Raises:
        InputError: there is none of that name; the message lists those there are.
    """
    folder = files("vivavoce.findings") / "scorecards"
    there = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    match = re.fullmatch(r"(?:scorecards/)?([a-z0-9-]+)", name)
    if match is None or match[1] not in there:
        raise InputError(f"want a scorecard ({', '.join('scorecards/' + one for one in there)}), got another name")
    return msgspec.yaml.decode((folder / f"{match[1]}.yaml").read_bytes(), type=Scorecard)
