"""What a group of texts is called: words that its people used, and that others did not (class-based tf-idf); or, where
they are too few to have words of their own, what one of them said.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from vivavoce.panel.quotes import best_of
from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.panel.texts import cut, sentences, words

MOST_TERMS = 3
PHRASE_WORDS = 3
PER_WORD = 0.35
"""How much each further word of a phrase adds to its weight: "late invoices" is said by fewer people than "invoices"
and tells more. Of 154 labels 129 find their group without it, 137 at 0.35 and at 0.5 (docs/explanation/embedding.md).
"""
LEAST_SHARE = 0.1
"""Of a group's texts that must hold its second and third term. Not tuned."""
SAME_STEM = 5
"""Letters that "invoice" and "invoicing" share: one label does not say both. Not tuned."""
FEW = 3
"""Texts from which on a group has words of its own. Of two, its label is what one of them happens to hold ("client and
add"): 48 of 77 such labels find what they are the label of, and 60 sentences do (docs/explanation/embedding.md).
"""
FEWEST_WORDS = 3
"""That tell something, of a label of words: "invoices, month" leaves it open what about them. Not tuned."""
SENTENCE_CHARS = 80
"""Of a sentence that stands for a group: a line of the panel sheet."""
_CUT = " …"
_LEANING = frozenset(words("he her him his it its one ones she that their them these they this those"))
"""Words of what was said before: "I have to delete them every time" is no name of anything. English only."""
_MASK = re.compile(r"\[[a-z -]{1,20}\]")
"""What stands where personal data was."""
_BREAK = re.compile(r"[^\w\s'’&+#-]+|\s[-–—]+\s|\n")
"""What no phrase goes across."""


def labels(clustered_texts: Sequence[Sequence[str]]) -> list[str]:
    """One to three terms a group, as people spelt them, the one that tells most first: "late invoices, reminders".

    A term is up to three words that follow each other in a text, without common words at its ends. It counts once a
    text, however often it is said there. Its weight is the share of the group's texts that hold it, times
    log(1 + texts / texts with it anywhere).

    Returns:
        one for each group; empty where no text of it holds a word that is not a common one.
    """
    spellings: dict[str, Counter[str]] = {}
    groups: list[Counter[str]] = []
    for texts in clustered_texts:
        held: Counter[str] = Counter()
        for text in texts:
            terms = dict(_terms(text))
            held.update(terms.keys())
            for term, spelling in terms.items():
                spellings.setdefault(term, Counter())[spelling] += 1
        groups.append(held)
    anywhere: Counter[str] = Counter()
    for held in groups:
        anywhere.update(held)
    count = sum(len(texts) for texts in clustered_texts)
    return [
        ", ".join(_spelt(spellings[term]) for term in _chosen(held, len(texts), anywhere, count))
        for held, texts in zip(groups, clustered_texts, strict=True)
    ]


def called(texts: Sequence[str], label: str) -> str:
    """What a group is called that is to be read: its label; or a sentence, where it has fewer than `FEW` texts, or a
    label of too few words to say anything.

    Args:
        texts: the most typical first.
        label: of these texts among those of other groups (`labels`).
    """
    if len(texts) < FEW and label:
        return a_sentence(texts, label)
    if label and sum(map(tells, words(label))) < FEWEST_WORDS:
        return _shown(next(filter(None, _found(texts, [label] * len(texts))), "")) or label
    return label


def is_sentence(name: str) -> bool:
    """Whether a name (`called`) is somebody's sentence and not words of several people. One of `PHRASE_WORDS` words
    or fewer passes for words.
    """
    terms = name.split(", ")
    return len(terms) > MOST_TERMS or any(len(term.split()) > PHRASE_WORDS for term in terms)


def names(name: str, text: str) -> bool:
    """Whether a name is a sentence of this text, cut or not."""
    return is_sentence(name) and " ".join(name.removesuffix(_CUT).split()) in " ".join(text.split())


def a_sentence(texts: Sequence[str], label: str) -> str:
    """Of the sentences that say what the others say, the shortest, its full stop left out; the label where none can be
    shown.
    """
    others = [" ".join([*texts[:at], *texts[at + 1 :]]) or label for at in range(len(texts))]
    return _shown(min(filter(None, _found(texts, others)), key=len, default="")) or label


def _found(texts: Sequence[str], about: Sequence[str]) -> list[str]:
    """Of each text the sentence that says most of what it is asked about. One that leans on what was said before it
    is taken only where no text has another.
    """
    said = [sentences(text) for text in texts]
    upright = [[each for at, each in enumerate(own) if not at or _LEANING.isdisjoint(words(each))] for own in said]
    found = [best_of(own, wanted) for own, wanted in zip(upright, about, strict=True)]
    return found if any(found) else [best_of(own, wanted) for own, wanted in zip(said, about, strict=True)]


def _shown(sentence: str) -> str:
    begun = cut(sentence, SENTENCE_CHARS)
    return begun.rstrip(".") if begun == sentence else f"{begun.rstrip(' ,;:')}{_CUT}"


def _chosen(held: Mapping[str, int], size: int, anywhere: Mapping[str, int], count: int) -> list[str]:
    def weight(term: str) -> float:
        phrase = 1 + PER_WORD * term.count(" ")
        return phrase * held[term] / size * math.log1p(count / anywhere[term])

    chosen: list[str] = []
    for term in sorted(held, key=lambda term: (-weight(term), term)):
        if chosen and held[term] < max(2, LEAST_SHARE * size):
            continue
        if not any(_alike(term, other) for other in chosen):
            chosen.append(term)
        if len(chosen) == MOST_TERMS:
            break
    return chosen


def _alike(term: str, other: str) -> bool:
    """Whether two terms share a word, or its beginning."""
    return any(
        one.removesuffix("s") == two.removesuffix("s") or (len(one) > SAME_STEM and one[:SAME_STEM] == two[:SAME_STEM])
        for one in term.split()
        for two in other.split()
    )


def _terms(text: str) -> Iterator[tuple[str, str]]:
    """Every term of a text in lower case, and as it is spelt there."""
    for run in _BREAK.split(_MASK.sub("\n", text)):
        spelt = _begun(run.replace("’", "'").split())
        plain = [" ".join(words(word)) for word in spelt]
        for first in range(len(plain)):
            for after in range(first + 1, min(first + PHRASE_WORDS, len(plain)) + 1):
                if tells(plain[first]) and tells(plain[after - 1]) and all(plain[first:after]):
                    yield " ".join(plain[first:after]), " ".join(spelt[first:after])


def _begun(spelt: list[str]) -> list[str]:
    """A capital at the beginning is nobody's spelling of a word; one within it, or many, may be."""
    return [spelt[0].lower(), *spelt[1:]] if spelt and spelt[0][1:].islower() else spelt


def tells(word: str) -> bool:
    """Whether a word in lower case says what a text is about."""
    return len(word) > 1 and word not in STOPWORDS and not word[0].isdigit()


def _spelt(spellings: Mapping[str, int]) -> str:
    """The way most people spell it; in lower case where as many do, since capitals shout."""
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling != spelling.lower(), spelling))
