"""Asks a guest what they answer: a line of JSON with what they heard in, one with the answer (or null) out."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from vivavoce.guests.guest import read
from vivavoce.guests.mind import Mind

mind = Mind(read(Path(sys.argv[1])))
for line in sys.stdin:
    answer = mind.on_agent_turn(msgspec.json.decode(line, type=str))
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()
