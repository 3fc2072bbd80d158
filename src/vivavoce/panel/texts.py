"""What people wrote, as text: tidied, cut, split into sentences and words, its language told by common words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from vivavoce.panel.packaged import packaged

_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n ?(?:\n ?)+")
_AROUND_BREAK = re.compile(r" ?\n ?")

_MARKS = "".join(chr(code) for code in range(0x3100) if unicodedata.category(chr(code))[0] == "M")
"""Vowel signs and accents of their own: no letters to `re`, and yet in the middle of words."""
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}_])[\w{_MARKS}])+(?:['’](?:(?![{_CJK}_])[\w{_MARKS}])+)*")

# An end, with what closes after it; a new sentence does not begin with a small letter, and CJK leaves no space. A row
# of dots is looked at once, from its first one: a page of nothing else took seconds.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*(?=\s+[^\sa-zß-öø-ÿ])|[。！？]+[」』”）]*|\n+")
_BULLET = re.compile(r"(?:[-*•–—·]|\d{1,2}[.)])\s+")
_SHORT = re.compile(
    r"mrs?|ms|dr|prof|st|vs|etc|e\.?g|i\.?e|nr|approx|inc|ltd|co|corp|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|u\.s|u\.k|[ap]\.m|p\.s|z\.b|d\.h|bzw|ca|usw|fig|vol|pp"
)
"""Before whose full stop a sentence goes on."""
_CUT_AT_LEAST = 0.5
"""A cut at a sentence keeps at least this share of what there is room for; otherwise it is made between words. Not
tuned."""


def tidy(text: str) -> str:
    """One way of writing the same: NFC, lines ended by a newline, one space between words, at most one empty line, no
    control characters. Invisible letters stay: whoever reads it wants to know of them.
    """
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text))
    if not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = _SPACES.sub(" ", text)
    return _AROUND_BREAK.sub("\n", _BLANK_LINES.sub("\n\n", text)).strip()


def cut(text: str, most: int) -> str:
    """The beginning of a text that is too long, cut after a sentence, or else after a word. Nothing is added."""
    if len(text) <= most:
        return text
    ends = [end.end() for end in _END.finditer(text, 0, most + 1) if end.end() <= most]
    if ends and ends[-1] >= most * _CUT_AT_LEAST:
        return text[: ends[-1]].rstrip()
    space = max(text.rfind(" ", 0, most + 1), text.rfind("\n", 0, most + 1))
    if space >= most * _CUT_AT_LEAST:
        return text[:space].rstrip()
    while most > 0 and _hangs_on(text[most]):
        most -= 1
    return text[:most].rstrip()


def _hangs_on(letter: str) -> bool:
    """Whether it belongs to the letter before it."""
    return letter in "\u200d\ufe0f" or "🏻" <= letter <= "🏿" or unicodedata.category(letter)[0] == "M"


def sentences(text: str) -> list[str]:
    """Its sentences, each a piece of the text as it stands there. A line is at least one, without its bullet."""
    found = []
    start = 0
    for end in _END.finditer(text):
        if end[0][0] == "." and _is_short(text[start : end.start()]):
            continue
        found.append(text[start : end.end()])
        start = end.end()
    found.append(text[start:])
    stripped = (sentence.strip() for sentence in found)
    bare = (sentence[bullet.end() :] if (bullet := _BULLET.match(sentence)) else sentence for sentence in stripped)
    return [sentence for sentence in bare if any(letter.isalnum() for letter in sentence)]


def _is_short(before: str) -> bool:
    """Whether a full stop after this ends an abbreviation or an initial and no sentence."""
    word = before.rsplit(None, 1)[-1].lstrip("(\"'“‘[").lower() if before.split() else ""
    return _SHORT.fullmatch(word) is not None or (len(word) == 1 and word.isalpha() and word != "i")


def words(text: str) -> list[str]:
    """Its words in lower case, apostrophes straight. Each sign of Chinese and Japanese is one."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


_SAID_IN: dict[str, list[str]] = {}
"""In which languages a word is common."""
for _lang, _common in packaged("languages.yaml", dict[str, list[str]]).items():
    for _word in dict.fromkeys(_common):
        _SAID_IN.setdefault(_word, []).append(_lang)
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("fa", re.compile(r"[پچژگ]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
)
"""By its letters a language is told roughly: Bulgarian is called Russian. In order: Japanese is written in Chinese
signs too, Ukrainian in Russian letters, Persian in Arabic ones."""
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
_FOREIGN_SHARE = 0.5
"""Of letters that are not Latin; below it, a few signs of another script are a name or a quotation."""
_LEAST_STOPS = 2
_LEAD = 1.3
"""By how much the likeliest language must lead. Not tuned; what it costs on English is in the page on reading."""


def language(text: str) -> str:
    """The language a text is in, as BCP 47: by its letters, and for Latin ones by common words. Empty when there is too
    little to go by, as in "Great app!": not known is not foreign.
    """
    if not text.isascii():
        latin = len(_LATIN.findall(text))
        letters = sum(letter.isalpha() for letter in text)
        if letters and (letters - latin) / letters >= _FOREIGN_SHARE:
            return next((lang for lang, script in _SCRIPTS if script.search(text)), "")
    hits: Counter[str] = Counter()
    for word, times in Counter(words(text)).items():
        for lang in _SAID_IN.get(word, ()):
            hits[lang] += min(times, 3)  # one word again and again says little
    ranked = sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))
    if not ranked or ranked[0][1] < _LEAST_STOPS:
        return ""
    if len(ranked) > 1 and ranked[0][1] < _LEAD * ranked[1][1]:
        return ""
    return ranked[0][0]
