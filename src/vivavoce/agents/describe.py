"""An agent in a few lines, for `viva check`."""

from __future__ import annotations

from vivavoce.agents.spec import AgentSpec, Keep, Limits, Objective


def describe(spec: AgentSpec) -> list[str]:
    """Lines of plain text: who speaks, what is found out, with which tools and within which limits."""
    fields = spec.fields()
    required = sum(field.required for field in fields.values())
    lines = [f"{spec.name}: {spec.title}"]
    lines.append(f"speakers: {len(spec.speakers)}")
    lines += [f"  {each.name} ({each.voice}): {each.role}" for each in spec.speakers.values()]
    lines.append(f"objectives: {len(spec.objectives)}, fields: {len(fields)}, of them required: {required}")
    lines += [_objective(spec, objective) for objective in spec.objectives.values()]
    lines.append(f"tools: {', '.join(spec.tools) or 'none of its own'}")
    if spec.offers:
        lines.append(f"offers: {', '.join(spec.offers)}")
    lines.append(f"languages: {', '.join(spec.languages)}")
    lines.append(f"limits: {_limits(spec.limits)}")
    consent = spec.consent
    disclose = " and ".join(consent.disclose)
    lines.append(
        f"consent: disclosed {disclose}, recording {consent.record}, {_kept(consent.keep)}, training {consent.train}"
    )
    if spec.tests:
        lines.append(f"tests: {', '.join(spec.tests)}")
    return lines


def _objective(spec: AgentSpec, objective: Objective) -> str:
    collected = ", ".join(f"{id_} {field.type.text}" for id_, field in objective.collect.items())
    when = f" when {objective.when.text}" if objective.when else ""
    return f"  {objective.id} by {spec.speakers[objective.by].name}{when}: {collected or 'nothing to collect'}"


def _kept(keep: Keep) -> str:
    parts = {"sound": keep.audio_days, "words": keep.transcript_days, "facts": keep.facts_days}
    if len(set(parts.values())) == 1 and keep.audio_days is not None:
        return f"kept {keep.audio_days:g} days"
    told = [f"{name} kept {days:g} days" for name, days in parts.items() if days is not None]
    return ", ".join(told) or "kept as the server says"


def _limits(limits: Limits) -> str:
    parts = [f"{limits.minutes:g} minutes"]
    if limits.turns is not None:
        parts.append(f"{limits.turns} turns")
    if limits.idle_s is not None:
        parts.append(f"idle after {limits.idle_s:g} s")
    if limits.spend is not None:
        parts.append(f"{limits.spend.amount:g} {limits.spend.currency} a {limits.spend.per}")
    return ", ".join(parts)
