"""A small n-gram language model in ARPA text, made from sentences: what helps the recogniser with this agent's words.

Witten-Bell smoothing with back-off (I. Witten, T. Bell, "The zero-frequency problem", 1991): a context that was
followed by T kinds of words in N sightings keeps T / (N + T) for what it has not seen. It needs no held-out text and
behaves well on a few thousand words, where Good-Turing has too few counts of counts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

ORDER = 3
START, END = "<s>", "</s>"
NEVER_LOG10 = -99.0
"""What ARPA files write for "cannot be": the start mark is given, never predicted."""

Gram = tuple[str, ...]


def arpa(sentences: Iterable[Sequence[str]], words: Iterable[str] = ()) -> str:
    """The model as ARPA text, order 3.

    Args:
        sentences: each a sequence of words; the start and end marks are added here.
        words: further words with no context, each seen once.
    Returns:
        ARPA text with base-10 logarithms, every n-gram on a line, ending in a newline. Words stand as they came.
    """
    counts = _count(sentences, words)
    followers: dict[Gram, list[int]] = defaultdict(list)
    for gram, seen in counts.items():
        followers[gram[:-1]].append(seen)

    probability: dict[Gram, float] = {}
    vocabulary = sum(1 for gram in counts if len(gram) == 1)
    for gram in sorted(counts, key=len):
        context = gram[:-1]
        total, kinds = sum(followers[context]), len(followers[context])
        lower = probability[gram[1:]] if len(gram) > 1 else 1 / vocabulary
        probability[gram] = (counts[gram] + kinds * lower) / (total + kinds)
    # interpolated as they are, the weight of the shorter context is simply what was kept for the unseen
    backoff = {
        context: math.log10(len(seen) / (sum(seen) + len(seen))) for context, seen in followers.items() if context
    }
    return _text(probability, backoff)


def _count(sentences: Iterable[Sequence[str]], words: Iterable[str]) -> Counter[Gram]:
    counts: Counter[Gram] = Counter()
    for sentence in sentences:
        marked = (START, *sentence, END)
        for size in range(1, ORDER + 1):
            counts.update(marked[at : at + size] for at in range(len(marked) - size + 1))
    counts.update((word,) for word in words)
    counts.pop((START,), None)
    return counts


def _text(probability: dict[Gram, float], backoff: dict[Gram, float]) -> str:
    by_size: dict[int, list[Gram]] = {size: [] for size in range(1, ORDER + 1)}
    for gram in sorted(probability):
        by_size[len(gram)].append(gram)
    by_size[1].insert(0, (START,))
    lines = ["\\data\\", *(f"ngram {size}={len(grams)}" for size, grams in by_size.items())]
    for size, grams in by_size.items():
        lines += ["", f"\\{size}-grams:"]
        for gram in grams:
            log10 = math.log10(probability[gram]) if gram in probability else NEVER_LOG10
            tail = f"\t{backoff[gram]:.4f}" if gram in backoff else "\t0.0000" if size < ORDER else ""
            lines.append(f"{log10:.4f}\t{' '.join(gram)}{tail}")
    return "\n".join([*lines, "", "\\end\\", ""])
