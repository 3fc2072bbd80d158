"""In which language a page of ours greets."""

from __future__ import annotations

from vivavoce.app.built import LANGUAGES
from vivavoce.app.qualities import quality_of

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})
_OLD = {"iw": "he", "in": "id"}
"""Tags that some browsers still send (ISO 639-1 before 1989)."""
MAX_TAGS = 20
"""Of a header that are looked at; people have a handful."""


def known(tag: str) -> str:
    """Of the widget's languages the one that a tag such as `de-AT` asks for; empty when it has none."""
    main = tag.strip().lower().partition("-")[0]
    main = _OLD.get(main, main)
    return main if main in LANGUAGES else ""


def preferred(accepted: str) -> str:
    """The widget's language for an `Accept-Language` header (RFC 9110, 12.5.4); English when it names none of them."""
    weighed = []
    for place, item in enumerate(accepted.split(",")[:MAX_TAGS]):
        tag, weight = quality_of(item)
        if weight > 0 and (language := known(tag)):
            weighed.append((-weight, place, language))
    return min(weighed)[2] if weighed else "en"
