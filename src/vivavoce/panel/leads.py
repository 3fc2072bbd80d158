"""Public places where somebody complained of what an offer ends: whom one might answer, where they asked to be heard.

Real people stand behind these links. So none are made unless a study asks for them, what was said in calls never is
one, and a lead has no name and no words: whoever wants to know reads them where they were published.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.evidence import bearing, person_of
from vivavoce.panel.insights import LEFT_OUT, Insight
from vivavoce.panel.outcome import Lead
from vivavoce.panel.personas import Panel
from vivavoce.panel.reading import Reader
from vivavoce.panel.reasoner.near import Near
from vivavoce.panel.reasoner.offer import read
from vivavoce.panel.sense import Sense
from vivavoce.panel.study import Study
from vivavoce.panel.troubles import shared

MOST = 20
PRIVATE = frozenset({"calls"})
"""Sources of which nothing is public, whatever link stands there."""
AT_ONCE = 2_000
_PUBLIC = re.compile(r"https?://(?P<host>[a-z0-9.-]+\.[a-z0-9-]+)(?::\d{1,5})?(?:[/?#][^\s<>\"'\\@]*)?", re.IGNORECASE)
"""No name or password in front of the host, nothing that breaks out of an attribute, and no address with an @: a
profile or an e-mail.
"""
_INNER = ("localhost", "local", "internal", "intranet", "lan", "home", "test", "example", "invalid", "onion")


def texts(study: Study, panel: Panel, insights: Iterable[Insight]) -> list[str]:
    """Every text whose vector `leads` wants, each once; none for a study that wants no leads."""
    if not study.leads:
        return []
    public = [insight.text for insight in insights if is_public(insight)]
    return sorted({*_offered(study), *_troubles(panel), *public})


def leads(
    study: Study,
    panel: Panel,
    insights: Mapping[str, Insight],
    vectors: Mapping[str, NDArray[np.float32]],
    sense: Sense,
) -> tuple[Lead, ...]:
    """At most `MOST`, the nearest first, one a person and one a link; none unless the study asks for them.

    Args:
        insights: by id.
        vectors: of every text that `texts` names, by text.
        sense: of the embedder that made them.
    Raises:
        InputError: a vector is missing.
    """
    offered, troubles = _offered(study), _troubles(panel)
    if not study.leads or not offered or not troubles:
        return ()
    near = Near(vectors)
    public = [insights[id_] for id_ in sorted(insights) if is_public(insights[id_])]
    found: list[Lead] = []
    for start in range(0, len(public), AT_ONCE):
        some = public[start : start + AT_ONCE]
        said = [insight.text for insight in some]
        to_offer = near.cosines(said, offered).max(axis=1)
        to_troubles = near.cosines(said, troubles)
        for row in np.flatnonzero((to_offer >= sense.bears) & (to_troubles.max(axis=1) >= sense.bears)):
            if _complains(some[row]):
                insight = some[row]
                found.append(
                    Lead(
                        insight=insight.id,
                        url=insight.url,
                        source=insight.source,
                        said_at=insight.said_at,
                        fit=round(sense.same(float(to_offer[row])), 3),
                        about=troubles[int(to_troubles[row].argmax())],
                    )
                )
    found.sort(key=lambda lead: (-lead.fit, -(lead.said_at or 0.0), lead.insight))
    return tuple(_different(found, insights)[:MOST])


def is_public(insight: Insight) -> bool:
    """Whether anybody can read it where it was published: a web address of a public host, and no call."""
    found = _PUBLIC.fullmatch(insight.url)
    if found is None or insight.source in PRIVATE:
        return False
    host = found["host"].lower().rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        last = host.rpartition(".")[2]
        return not last.isdigit() and last not in _INNER


def _different(found: Sequence[Lead], insights: Mapping[str, Insight]) -> list[Lead]:
    seen: set[str] = set()
    kept = []
    for lead in found:
        marks = {person_of(insights[lead.insight]), lead.url}
        if seen.isdisjoint(marks):
            kept.append(lead)
        seen |= marks
    return kept


def _complains(insight: Insight) -> bool:
    """Whether they said that something hurts or is wanted, or asked; who praises what they have is left in peace."""
    reading = Reader().read([insight])[0]
    bears = bearing(reading)
    return not LEFT_OUT & {*reading.flags} and bears is not None and reading.kind != "praise"


def _offered(study: Study) -> list[str]:
    """The sentences of all variants that give and do not take."""
    said = (sentence for variant in study.variants for sentence in read(variant.text) if not sentence.costs)
    return sorted({sentence.text for sentence in said})


def _troubles(panel: Panel) -> list[str]:
    """What people said hurts them, as labels."""
    return [each.text for each in shared(panel) if each.side == "frustration" and each.origin == "real"]
