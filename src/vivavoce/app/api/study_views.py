"""Studies as they are asked for and shown."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.panel.ballots import MOST_VARIANTS
from vivavoce.panel.insights import MAX_TEXT_CHARS
from vivavoce.panel.study import Repeats, Study, TextKind
from vivavoce.panel.studying import ID_CHARS, MOST_ASKS, MOST_CLAIMS, MOST_HYPOTHESES, NAME_CHARS, SENTENCE_CHARS
from vivavoce.store.studies import State, StoredStudy
from vivavoce.studies.beginning import MOST_RESPONDENTS

NO_NUL = r"^[^\x00]*$"
"""No database takes one."""
MOST_SEED = 2**53 - 1
"""What every reader of JSON keeps exactly."""
Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS, pattern=NO_NUL)]
Sentence = Annotated[str, Field(max_length=SENTENCE_CHARS, pattern=NO_NUL)]
Sum = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VariantBody(_Body):
    id: str = Field(min_length=1, max_length=ID_CHARS, pattern=NO_NUL, description="Yours; members never see it.")
    text: Text
    price: Sum | None = None


class PriceTestBody(_Body):
    points: list[Sum] = Field(min_length=3, max_length=12, description="Rising.")
    variant: str = Field(default="", max_length=ID_CHARS, pattern=NO_NUL, description="Its id; the first one without.")


class StudyBody(_Body):
    """What a panel is asked; docs/howto/run-a-study.md says what each part is for."""

    ask: Text
    variants: list[VariantBody] = Field(min_length=1, max_length=MOST_VARIANTS)
    context: Text = ""
    today: Text = ""
    reference_price: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    currency: str = Field(default="", max_length=100, pattern=NO_NUL)
    name: str = Field(default="", max_length=NAME_CHARS, pattern=NO_NUL)
    kind: TextKind = "offer"
    claims: list[Sentence] = Field(default=[], max_length=MOST_CLAIMS)
    prices: PriceTestBody | None = None
    hypotheses: list[Sentence] = Field(default=[], max_length=MOST_HYPOTHESES)
    discussion: bool = False
    leads: bool = False
    repeats: Repeats | None = None
    most_asks: int = Field(default=2_000, ge=1, le=MOST_ASKS)

    def study(self) -> Study:
        return msgspec.convert(self.model_dump(), Study)


class StudyWanted(_Body):
    panel: str = Field(min_length=1, max_length=64, pattern=r"^[0-9a-f]+$", description="Id of a panel.")
    study: StudyBody
    respondents: list[Annotated[str, Field(max_length=100, pattern=r"^[\x21-\x7e]+$")]] = Field(
        default=["reasoner"],
        min_length=1,
        max_length=MOST_RESPONDENTS,
        description="`reasoner`, `openai:MODEL` or `gemini:MODEL`, each once.",
    )
    seed: int | None = Field(default=None, ge=0, le=MOST_SEED, description="That of the panel without.")
    embedder: Literal["", "minilm", "hashing"] = Field(default="", description="That of the panel without.")


class StudyItem(BaseModel):
    """How far a study is. Moments are Unix seconds."""

    id: str
    name: str
    ask: str
    panel: str
    respondents: list[str]
    seed: int
    state: State = Field(description="`open` while there may be more, also when its job failed or was cancelled.")
    job: str | None = Field(description="Who is at it, or was the last to be.")
    wanted: int = Field(description="Ballots in all, if it is not settled before.")
    asked: int
    abstained: int = Field(description="Ballots without an answer.")
    usage: dict[str, dict[str, int]] = Field(description="By respondent, what it took: answers, tokens.")
    problem: str = Field(description="Why it stopped before its end, the last time.")
    made_at: float
    ended_at: float | None

    @classmethod
    def of(cls, study: StoredStudy) -> StudyItem:
        return cls(
            **{name: getattr(study, name) for name in cls.model_fields if name not in ("ask", "panel", "respondents")},
            ask=study.spec.ask,
            panel=study.panel_id,
            respondents=list(study.respondents),
        )


class StudyPage(BaseModel):
    studies: list[StudyItem]
    next: str | None
