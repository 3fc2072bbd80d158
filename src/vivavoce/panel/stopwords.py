"""Words that say nothing about what a text is about: they are no label, and no feature of a vector. English only."""

from __future__ import annotations

from vivavoce.panel.packaged import packaged

STOPWORDS = frozenset(packaged("stopwords.yaml", dict[str, str])["words"].split())
