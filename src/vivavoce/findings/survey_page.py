"""The pages of a survey: what people agree to, what they are asked, and what they are told when nothing is asked.

They need no script, no cookie and nothing from elsewhere. Variants have neutral labels, in the order of the sitting.
Every word of whoever asks or answers is escaped by the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from markupsafe import Markup

from vivavoce.findings.report import digest, environment, part
from vivavoce.panel.ballots import Would
from vivavoce.panel.study import TextKind
from vivavoce.panel.survey.form import MOST_MARK, WHY_CHARS, Form, Stance
from vivavoce.panel.survey.reading import FOUR, NONE

LABELS = "ABCDEF"
DOES: dict[TextKind, tuple[str, dict[Would, str]]] = {
    "offer": ("Would you get it?", {"would": "I would", "might": "I might", "would_not": "I would not"}),
    "idea": ("Would you use it?", {"would": "I would", "might": "I might", "would_not": "I would not"}),
    "headline": ("Would you read on?", {"would": "I would", "might": "I might", "would_not": "I would not"}),
}
PULLS: dict[TextKind, str] = {
    "offer": "How much does it appeal to you?",
    "idea": "How useful is it to you?",
    "headline": "How much does it make you want to read it?",
}
STANCES: dict[Stance, str] = {
    "agree": "I agree", "neither": "Neither", "disagree": "I disagree", "unknown": "Don't know"
}  # fmt: skip
FOUR_ASKED = (
    "so cheap that you would doubt it is any good",
    "a bargain",
    "expensive, but you would still think about it",
    "too expensive to think about",
)
TWO_LINES = 80
"""Characters; at 390 pixels a line has some forty-five."""
Told = Literal[
    "closed", "over", "full", "used", "nobody", "stale", "elsewhere", "often", "busy", "erased", "no-code", "withdrawn",
]  # fmt: skip
WORDS: dict[Told, tuple[str, str]] = {
    "closed": ("This survey is closed", "Whoever asks takes no more answers. Thank you for coming."),
    "over": ("This survey is over", "Its time has run out. Thank you for coming."),
    "full": ("Enough people have answered", "As many as were asked for. Thank you for coming all the same."),
    "used": ("This link has been used", "It was for one answer, and one was given with it. Thank you."),
    "nobody": ("No survey here", "Is the address complete? Links are long, and some mail programs break them."),
    "stale": ("This page is too old", "It was opened more than a day ago. Begin again; nothing was kept."),
    "elsewhere": ("Not from here", "This form was sent from another site. Open the survey by its own link."),
    "often": ("A little slower, please", "Too much came from where you are. Go back in a minute and send it again."),
    "busy": ("Not at the moment", "Your answers could not be kept. They are on your page still: go back, send again."),
    "erased": ("Your answer is deleted", "Nothing that you said is left here."),
    "no-code": ("No answer has this code", "Codes have twenty letters and digits. It may have been deleted before."),
    "withdrawn": ("You have deleted this answer", "So it was not kept again. To answer anew, begin anew."),
}  # fmt: skip
"""Heading and words of the pages that ask nothing."""
STYLE = part("palette.css") + part("survey.css")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{digest(STYLE)}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Of every page here."""


class Option(msgspec.Struct, frozen=True):
    label: str
    text: str
    price: str

    @property
    def long(self) -> bool:
        """Whether it fills more than two lines of a phone: then it is cut beside its questions, and opens there."""
        return len(self.text) > TWO_LINES or "\n" in self.text


def render_consent(form: Form, *, erase_at: float, personal: bool) -> str:
    """What somebody reads before they agree."""
    marks = len(form.study.variants) * 2 + len(form.study.claims) + 2
    return _page(
        "consent",
        title=form.study.ask,
        form=form,
        options=len(form.study.variants),
        minutes=max(1, round((sum(len(each.text) for each in form.study.variants) / 15 + marks * 6) / 60)),
        until=day(erase_at),
        personal=personal,
    )


def render_questions(
    form: Form,
    order: Sequence[str],
    *,
    trap: str,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    """The questions.

    Args:
        order: ids of the variants, as this person sees them.
        trap: name of the field that nobody sees.
        values: what they answered, where something is missing.
        problems: by field, what is wanted there.
    """
    study = form.study
    texts = {each.id: each for each in study.variants}
    options = [
        Option(LABELS[place], texts[id_].text, _price(texts[id_].price, study.currency))
        for place, id_ in enumerate(order)
    ]
    priced = study.prices.variant or study.variants[0].id if study.prices is not None else order[0]
    return _page(
        "questions",
        title=study.ask,
        form=form,
        options=options,
        marks=[(str(mark), mark) for mark in range(1, MOST_MARK + 1)],
        pulls=PULLS[study.kind],
        does=DOES[study.kind],
        stances=STANCES,
        priced=LABELS[list(order).index(priced)] if len(order) > 1 else "",
        choices=_places([f"Option {each.label}" for each in options], "I cannot say"),
        prices=_places(
            [] if study.prices is None else [_price(each, study.currency) for each in study.prices.points],
            "None of these",
        ),
        four=FOUR_ASKED,
        why_chars=WHY_CHARS,
        trap=trap,
        values=values or {},
        problems=problems or {},
        missing=_missing(problems or {}, len(order)),
    )


def render_thanks(*, code: str, erase_at: float, late: bool, link: str = "") -> str:
    """What somebody sees whose answer was kept.

    Args:
        link: relative address to pass on, for that of this page shows their code; empty where it was theirs alone.
    """
    return _page("thanks", title="Thank you", code=code, until=day(erase_at), late=late, link=link)


def render_eraser(code: str = "") -> str:
    """Where an answer is deleted."""
    return _page("eraser", title="Delete an answer", code=code)


def render_told(why: Told, *, back: str = "") -> str:
    """A page that asks nothing.

    Args:
        back: relative address to go on at; empty for none.
    """
    title, words = WORDS[why]
    return _page("told", title=title, words=words, back=back)


def day(at: float) -> str:
    """1_795_000_000 -> "18 November 2026"."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y")


def _page(view: str, **shown: Any) -> str:
    style = Markup(STYLE)  # noqa: S704  # packaged files, not input; their hash is in the policy
    return environment().get_template("survey.html.j2").render(view=view, style=style, **shown)


def _price(price: float | None, currency: str) -> str:
    if price is None:
        return ""
    amount = f"{price:.2f}" if price % 1 else f"{price:.0f}"
    return f"{amount} {currency}".strip()


def _places(labels: Sequence[str], none: str) -> list[tuple[str, str]]:
    """Values of a field as `reading` knows them, with what the page says: each by its place, and none of them."""
    return [*((str(place), label) for place, label in enumerate(labels)), (NONE, none)]


def _missing(problems: Mapping[str, str], options: int) -> list[tuple[str, str]]:
    """Id of the element that a problem is about, and the problem in words, as the page has them."""
    found = []
    for name, wanted in problems.items():
        kind, _, place = name.partition("-")
        match kind:
            case "appeal":
                where, at = f"Option {LABELS[int(place)]}" if options > 1 else "Your mark", f"{name}-1"
            case "would":
                where, at = f"Option {LABELS[int(place)]}, would you" if options > 1 else "Would you", f"{name}-would"
            case "choice":
                where, at = "Your choice", "choice-0"
            case "claim":
                where, at = f"Sentence {int(place) + 1}", f"{name}-agree"
            case "four":
                where, at = f"The price that is {FOUR[int(place)]}", name
            case _:
                where, at = "The price", "pays-0"
        found.append((at, f"{where}: please {'give' if kind == 'four' else 'choose'} {wanted}."))
    return found
