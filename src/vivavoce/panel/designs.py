"""In which orders each member sees the variants, so that no place helps any of them.

A Williams square has each variant in each place equally often, and each right after each other one equally often: n
orders of an even number of variants, 2n of an odd one. Here its orders come in pairs, each with its reverse, so that
even two orders a member tell who changes sides with the order.

Source: E. J. Williams (1949), Experimental designs balanced for the estimation of residual effects of treatments.
"""

from __future__ import annotations

from collections.abc import Sequence

from vivavoce.errors import InputError
from vivavoce.panel.evidence import digest
from vivavoce.panel.study import Repeats


def orders(variants: Sequence[str], repeats: Repeats, member: int, seed: int) -> list[tuple[str, ...]]:
    """The orders of one member, as they are asked for. Members in a row begin with different pairs and then with the
    other half of each, so that a study that is stopped early is nearly as balanced as a whole one: what members are
    asked first is balanced over every 2n members in a row, everything they are asked over every n.

    Args:
        variants: ids, each once.
        repeats: "full" for all orders, "mirrored" for one and its reverse, "once" for one.
        member: its place on the panel, from 0.
        seed: which variant is which in the square.
    Raises:
        InputError: an id twice, none at all, or a place below 0.
    """
    count = len(variants)
    if not variants or len(set(variants)) != count:
        raise InputError(f"want different variants to order, at least one; got {count}, {len(set(variants))} of them")
    if member < 0:
        raise InputError(f"want a member's place from 0, got {member}")
    names = [variants[at] for at in sorted(range(count), key=lambda at: digest(seed, at))]
    pairs = _pairs(count)
    side = member // len(pairs) % 2
    turned = [pairs[(member + step) % len(pairs)] for step in range(len(pairs))]
    rows = [row for pair in turned for row in (pair[side:] + pair[:side])]
    most = {"full": len(rows), "mirrored": 2, "once": 1}[repeats]
    return [tuple(names[at] for at in row) for row in rows[:most]]


def _pairs(count: int) -> list[list[tuple[int, ...]]]:
    """The rows of the square, each beside its reverse. One variant has one order."""
    if count == 1:
        return [[(0,)]]
    # 0, 1, n-1, 2, n-2 …: any two neighbours are another distance apart
    zigzag = [(step + 1) // 2 if step % 2 else (count - step // 2) % count for step in range(count)]
    shifts = range(
        count if count % 2 else count // 2
    )  # of an even number the reverses are the other half of the shifts
    rows = [tuple((at + shift) % count for at in zigzag) for shift in shifts]
    return [[row, row[::-1]] for row in rows]
