"""Which models this server serves where, and what it says about others.

Source: reference gemini-live 1.2, 3.3 and 4.9.
"""

from __future__ import annotations

import logging

from vivavoce.local.parts import Entrance
from vivavoce.wire.gemini.models import VERTEX, Model, Platform, bare_name, find
from vivavoce.wire.gemini.wording import INVALID, NO_MODEL, NO_PUBLISHER_MODEL, NOT_LIVE, Refused

log = logging.getLogger(__name__)

STAND_IN_MODEL = "gemini-3.8-live"
"""What a lenient server takes a model for that it does not know."""


def row_of(model: str, entrance: Entrance, *, strict: bool) -> Model:
    """The row of a model that a client asks for at an entrance.

    Args:
        strict: the model must be known and served on this platform; otherwise any name will do.
    Raises:
        Refused: no model is named, or a strict server does not serve it here.
    """
    if not model:
        raise Refused(INVALID, detail="want a model.")
    row = find(model)
    if strict:
        if row is None or entrance.platform.name not in row.platforms or not _well_placed(model, entrance.platform):
            raise _not_served(model, entrance)
        return row
    if row is None:
        log.info("a model that is not known is taken for %s", STAND_IN_MODEL)
        row = find(STAND_IN_MODEL)
        assert row is not None, "the stand-in model has a row"
    return row


def _not_served(model: str, entrance: Entrance) -> Refused:
    if entrance.platform.name != VERTEX.name:
        return Refused(NO_MODEL.format(model=model, version=entrance.version), code=1008)
    if _well_placed(model, VERTEX) and bare_name(model).startswith("gemini-"):
        return Refused(NOT_LIVE.format(model=bare_name(model)))
    return Refused(NO_PUBLISHER_MODEL.format(model=model), code=1008)


def _well_placed(model: str, platform: Platform) -> bool:
    """Whether the path before a model's name is one of this platform's; a bare name is AI Studio's."""
    place = model.removesuffix(bare_name(model))
    if platform.name == VERTEX.name:
        return place.endswith(VERTEX.model_prefix)
    return place in ("", platform.model_prefix)
