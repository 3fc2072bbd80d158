"""The three sample files and a small agent to bend."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "agents"
SAMPLES = {name: (EXAMPLES / f"{name}.yaml").read_bytes().decode() for name in ("founder", "ambassador", "board")}

SMALL = """\
spec: 1
name: small-talk
title: A small talk
speakers:
  ann: {voice: calm-mezzo, role: Asks}
  bob: {voice: dry-baritone, role: Sums up}
objectives:
  first:
    by: ann
    ask: "What is it?"
    collect: {thing: text!, size: 0..10, when_due: date, kind: small|big}
    done: thing and size
  second: {by: bob, when: first.done, collect: {price: money}}
limits: {minutes: 5}
consent: {disclose: spoken, record: ask, keep: 1d}
"""
