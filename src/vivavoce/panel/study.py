"""A study as somebody asks for it: a question with its variants, and what else a panel is to be asked."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from vivavoce.panel.ballots import Question

TextKind: TypeAlias = Literal["offer", "headline", "idea"]
"""What sort of texts are compared. A respondent is validated for a sort of text, never for all."""
Repeats: TypeAlias = Literal["full", "mirrored", "once"]
"""In how many orders each member sees the variants: each in each place equally often (a Williams square, whole), one
order and its reverse, or one order, another for each member."""


class PriceTest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One variant at several prices."""

    points: tuple[float, ...]
    """3 to 20, each from 0.0001 to a billion, rising, in the question's currency."""
    variant: str = ""
    """Its id; empty for the first one."""


class Study(Question, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a panel is asked. Every question file is a study; a study file may ask for more (`studying.checked`)."""

    name: str = ""
    kind: TextKind = "offer"
    claims: tuple[str, ...] = ()
    """1 to 10 sentences about the people or the offer, each of which the evidence may bear out or contradict."""
    prices: PriceTest | None = None
    hypotheses: tuple[str, ...] = ()
    """Of whoever asks. Others are added, 5 to 6 in all, from what is known and what is not."""
    discussion: bool = False
    """A second round in which members hear each other. Reported apart; no verdict counts it."""
    leads: bool = False
    """List public links of people who complained of what this ends. Off unless asked for."""
    repeats: Repeats | None = None
    """None: full for respondents that cost nothing, mirrored for those that do."""
    most_asks: int = 2_000
    """Ballots that may be asked of respondents that cost something; a study that needs more is refused beforehand. What
    is asked a second time for one ballot is not counted.
    """

    @property
    def question(self) -> Question:
        return Question(**{name: getattr(self, name) for name in Question.__struct_fields__})
