"""The agent block as the brain works by it: objectives with parsed fields and conditions, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.agents import (
    AgentBlock,
    BlockObjective,
    Condition,
    ConditionError,
    Field,
    Objective,
    TypeTextError,
    parse_condition,
    parse_type,
)
from vivavoce.local.minds.wording import titled

MOST_OPTIONAL = {"quick": 0, "standard": 3, "exploratory": 12}
"""Questions for fields that are not required, per objective. Exploratory covers every sample whole; twelve is a net."""

_NARRATIVE = ("walk me", "tell me about the", "last time", "describe", "happened", "story")


@dataclass(frozen=True, slots=True)
class Plan:
    """Who asks what, in which order."""

    title: str
    you: str
    speakers: dict[str, str]
    """Role by speaker."""
    max_words: int
    optional: int
    objectives: dict[str, Objective]
    shows: dict[str, list[str]]
    """What an objective shows, as the block tells it: a stage name, or a kind and what it is made of."""

    @classmethod
    def of(cls, block: AgentBlock) -> Plan:
        """The plan of a block. A type or condition that cannot be read is as if it were not there."""
        return cls(
            title=block.title,
            you=block.you,
            speakers=dict(block.speakers),
            max_words=max(12, block.style.max_words),
            optional=MOST_OPTIONAL[block.style.depth],
            objectives={id_: _objective(id_, told) for id_, told in block.objectives.items()},
            shows={id_: list(told.show) for id_, told in block.objectives.items() if told.show},
        )

    def fields(self) -> dict[str, Field]:
        """Every field by its id, in order."""
        return {id_: field for objective in self.objectives.values() for id_, field in objective.collect.items()}

    def name_of(self, speaker: str) -> str:
        """A speaker's id as a name."""
        return titled(speaker)


def aim(objective: Objective) -> str:
    """The field that an objective's opening question is after; empty when it collects nothing.

    A question for an episode is after the story; any other after the first required field, or the first.
    """
    fields = list(objective.collect.values())
    asks = objective.ask.lower()
    if any(words in asks for words in _NARRATIVE):
        fields.sort(key=lambda field: field.type.kind != "story")
        if fields and fields[0].type.kind == "story":
            return fields[0].id
    first = next((field for field in fields if field.required), fields[0] if fields else None)
    return first.id if first is not None else ""


def _objective(id_: str, told: BlockObjective) -> Objective:
    collect: dict[str, Field] = {}
    for name, text in told.fields.items():
        try:
            kind = parse_type(text)
        except TypeTextError:
            continue
        collect[name] = Field(id=name, objective=id_, type=kind, required=kind.required)
    return Objective(
        id=id_,
        by=told.by,
        ask=told.ask,
        collect=collect,
        probe=tuple(told.probe),
        when=_condition(told.when),
        done=_condition(told.done),
        tools=tuple(told.tools),
        confirm=tuple(told.confirm),
    )


def _condition(text: str) -> Condition | None:
    try:
        return parse_condition(text) if text else None
    except ConditionError:
        return None
