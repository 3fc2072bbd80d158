"""The smaller sections of the agent file, one function each. All take the top section and read one key of it."""

from __future__ import annotations

from vivavoce.agents import units
from vivavoce.agents.nodes import Scalar, Series, Table, resolve
from vivavoce.agents.reading import Section, came, number_of
from vivavoce.agents.spec import (
    Coach,
    Consent,
    Embed,
    Escalate,
    Experiment,
    Floor,
    Frustration,
    Guardrails,
    Handoff,
    Hints,
    Keep,
    Kiosk,
    Limits,
    Materials,
    Result,
    Style,
)

DAY_S = 86_400.0
MAX_KEEP_DAYS = 36_500
KEEP = "a duration such as 30d, of 100 years at most"
MAX_MINUTES = 240
"""Four hours. A live link with context compression has no end of its own; a file without a sane one is a slip."""


def read_style(top: Section) -> Style:
    part = top.section("style")
    if part is None:
        return Style()
    style = Style(
        depth=part.choice("depth", ("quick", "standard", "exploratory"), "standard"),
        one_question=part.flag("one_question", True),
        max_words=part.whole("max_words", 5, 300) or 45,
    )
    part.close()
    return style


def read_handoff(top: Section) -> Handoff:
    part = top.section("handoff")
    if part is None:
        return Handoff()
    handoff = Handoff(
        carry=part.choice("carry", ("facts", "transcript", "nothing"), "facts"),
        announce=part.choice("announce", ("brief", "silent"), "brief"),
    )
    part.close()
    return handoff


def read_floor(top: Section) -> Floor | None:
    part = top.section("floor")
    if part is None:
        return None
    floor = Floor(
        rule=part.choice("rule", ("moderated", "free", "round_robin"), "moderated"),
        max_in_a_row=part.whole("max_in_a_row", 1, 10) or 3,
        overlap=part.choice("overlap", ("never", "allowed"), "never"),
        address_by_name=part.flag("address_by_name", False),
    )
    part.close()
    return floor


def read_guardrails(top: Section) -> Guardrails:
    part = top.section("guardrails")
    if part is None:
        return Guardrails()
    escalate = None
    inner = part.section("escalate")
    if inner is not None:
        escalate = Escalate(to=inner.text("to", required=True), when=inner.texts("when", lone=True))
        inner.close()
    guardrails = Guardrails(
        never=part.texts("never", lone=True), always=part.texts("always", lone=True), escalate=escalate
    )
    part.close()
    return guardrails


def read_limits(top: Section) -> Limits:
    part = top.section("limits", required=True)
    if part is None:
        return Limits(minutes=0)
    limits = Limits(
        minutes=part.number("minutes", 0.5, MAX_MINUTES, required=True) or 0,
        idle_s=part.parsed("idle", units.duration_s, units.DURATION),
        turns=part.whole("turns", 1, 10_000),
        tokens=part.whole("tokens", 100, 1_000_000_000),
        per_visitor=part.parsed("per_visitor", units.rate, units.RATE),
        per_site=part.parsed("per_site", units.rate, units.RATE),
        spend=part.parsed("spend", units.spend, units.SPEND),
    )
    part.close()
    return limits


def read_consent(top: Section) -> Consent:
    part = top.section("consent", required=True)
    if part is None:
        return Consent(disclose=(), record="never", keep=Keep())
    consent = Consent(
        disclose=part.joined("disclose", ("spoken", "badge", "text"), required=True),
        record=part.choice("record", ("ask", "always", "never"), "ask", required=True),
        keep=_keep(part),
        train=part.choice("train", ("never", "ask"), "never"),
    )
    part.close()
    return consent


def _keep(part: Section) -> Keep:
    """One duration for everything, or one each; parts that are not named are left to the server."""
    if not isinstance(part.peek("keep"), Table):
        days = part.parsed("keep", _days, KEEP, required=True)
        return Keep(audio_days=days, transcript_days=days, facts_days=days)
    inner = part.section("keep")
    assert inner is not None, "it is a mapping"
    keep = Keep(
        audio_days=inner.parsed("audio", _days, KEEP),
        transcript_days=inner.parsed("transcript", _days, KEEP),
        facts_days=inner.parsed("facts", _days, KEEP),
    )
    inner.close()
    if not any(inner.has(name) for name in ("audio", "transcript", "facts")):
        part.miss("keep", "at least one of audio, transcript or facts")
    return keep


def _days(text: str) -> float | None:
    seconds = units.duration_s(text)
    return None if seconds is None or seconds > MAX_KEEP_DAYS * DAY_S else seconds / DAY_S


def read_result(top: Section) -> Result:
    part = top.section("result")
    if part is None:
        return Result()
    result = Result(
        verdict=part.text("verdict"),
        rubric=part.text("rubric"),
        floor=_numbers(part, "floor", 0, 100),
        deliver=part.texts("deliver", lone=True),
        compare=part.text("compare"),
    )
    part.close()
    return result


def read_embed(top: Section) -> Embed | None:
    part = top.section("embed")
    if part is None:
        return None
    origins = part.texts("origins", lone=True)
    modes = part.words("modes", lone=True)
    known = ("bubble", "inline", "fullscreen", "kiosk")
    for mode, node in modes:
        if mode not in known:
            part.miss("modes", f"one of {', '.join(known)}", node=node)
    text_fallback = part.choice("text_fallback", ("always", "auto", "never"), "always")
    part.close()
    return Embed(origins=origins, modes=tuple(mode for mode, _ in modes), text_fallback=text_fallback)


def read_kiosk(top: Section) -> Kiosk | None:
    part = top.section("kiosk")
    if part is None:
        return None
    kiosk = Kiosk(
        idle_reset_s=part.parsed("idle_reset", units.duration_s, units.DURATION),
        attract=part.text("attract"),
        inventory=part.text("inventory"),
        wipe=part.choice("wipe", ("session", "never"), "session"),
    )
    part.close()
    return kiosk


def read_materials(top: Section) -> Materials | None:
    part = top.section("materials")
    if part is None:
        return None
    materials = Materials(
        accept=part.texts("accept", lone=True),
        max_bytes=part.parsed("max", units.size_bytes, units.SIZE),
        scan=part.choice("scan", ("required", "off"), "required"),
        used_by=part.texts("used_by", lone=True),
    )
    part.close()
    return materials


def read_frustration(top: Section) -> Frustration | None:
    part = top.section("frustration")
    if part is None:
        return None
    decay = part.parsed("decay", units.decay, units.DECAY)
    frustration = Frustration(
        range=_range(part),
        start=_numbers(part, "start", -100, 100),
        moves=_numbers(part, "moves", -100, 100),
        decay=1.0 if decay is None else decay,
    )
    part.close()
    return frustration


def read_coach(top: Section) -> Coach | None:
    part = top.section("coach")
    if part is None:
        return None
    hints = None
    inner = part.section("hints")
    if inner is not None:
        hints = Hints(
            channel=inner.text("channel", default="private-screen"),
            max=inner.parsed("max", units.pace, units.PACE),
            never_during=inner.text("never_during", default="user_speech"),
        )
        inner.close()
    coach = Coach(hints=hints, watch=part.texts("watch", lone=True), baseline=part.text("baseline"))
    part.close()
    return coach


def read_experiment(top: Section) -> Experiment | None:
    part = top.section("experiment")
    if part is None:
        return None
    change: dict[str, dict[str, object]] = {}
    outer = part.section("change")
    for variant, _, node in outer.items() if outer else ():
        inner = Section(part.problems, node, f"experiment.change.{variant}", "paths and their values")
        change[variant] = {}
        for path, _, value in inner.entries():
            if isinstance(value, Scalar) and not value.empty:
                change[variant][path] = resolve(value)
            else:
                inner.miss(path, "one value", node=value)
    experiment = Experiment(
        split=_numbers(part, "split", 0, 100, required=True), metric=part.text("metric"), change=change
    )
    if experiment.split and abs(sum(experiment.split.values()) - 100) > 0.01:
        part.miss("split", "shares that add up to 100")
    part.close()
    return experiment


def _numbers(part: Section, key: str, low: float, high: float, *, required: bool = False) -> dict[str, float]:
    """A mapping of names to numbers."""
    section = part.section(key, required=required)
    found = {}
    for id_, _, _ in section.items() if section else ():
        assert section is not None, "its entries are being read"
        value = section.number(id_, low, high, required=True)
        if value is not None:
            found[id_] = value
    return found


def _range(part: Section) -> tuple[float, float]:
    node = part.peek("range")
    if node is None:
        return (-100.0, 100.0)
    items = node.items if isinstance(node, Series) else []
    ends = [number_of(item) if isinstance(item, Scalar) else None for item in items]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None and -100 <= ends[0] < ends[1] <= 100:
        return (ends[0], ends[1])
    wanted = "two numbers from -100 to 100, the lower first"
    part.problems.add(
        node, part.at("range"), wanted, came(node) if not isinstance(node, Table | Series) else "something else"
    )
    return (-100.0, 100.0)
