"""A language model's text, which comes in crumbs, to sentences that can be spoken as soon as they are whole."""

from __future__ import annotations

import re

LONGEST = 300
"""Characters: about 20 s of speech. What has no end by then is cut at a space, so that the voice need not wait."""

_END = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？][」』”’）]*|\n+")
_OPEN, _CLOSE = "<think>", "</think>"


class Sentences:
    """Text in, whole sentences out."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, text: str) -> list[str]:
        """The sentences that are whole now; an end counts once something follows it, for "3." may become "3.5"."""
        self._held += text
        whole, at = [], 0
        for end in _END.finditer(self._held):
            whole.append(self._held[at : end.end()])
            at = end.end()
        self._held = self._held[at:]
        while len(self._held) > LONGEST:
            at = self._held.rfind(" ", 0, LONGEST)
            at = at if at > 0 else LONGEST
            whole.append(self._held[:at])
            self._held = self._held[at:]
        return [sentence.strip() for sentence in whole if sentence.strip()]

    def rest(self) -> str:
        """What is left when no more comes."""
        held, self._held = self._held.strip(), ""
        return held


class Aside:
    """Takes the thoughts out of a text: some models write them first, in <think>…</think>, and nobody is to hear it."""

    def __init__(self) -> None:
        self._held = ""
        self._place = "start"

    def add(self, text: str) -> tuple[str, str]:
        """The thought and the words among what came."""
        if self._place == "words":
            return "", text
        self._held += text
        if self._place == "start":
            beginning = self._held.lstrip()
            if _OPEN.startswith(beginning[: len(_OPEN)]) and len(beginning) < len(_OPEN):
                return "", ""  # it may become one yet
            self._place = "thought" if beginning.startswith(_OPEN) else "words"
            self._held = beginning.removeprefix(_OPEN) if self._place == "thought" else self._held
        if self._place == "words":
            held, self._held = self._held, ""
            return "", held
        return self._thought()

    def rest(self) -> str:
        """Words held back when no more comes: a thought without an end is none."""
        held, self._held = self._held, ""
        return held if self._place == "start" else ""

    def _thought(self) -> tuple[str, str]:
        thought, closed, words = self._held.partition(_CLOSE)
        if closed:
            self._place, self._held = "words", ""
            return thought, words
        safe = max(0, len(self._held) - len(_CLOSE))
        thought, self._held = self._held[:safe], self._held[safe:]
        return thought, ""
