"""The page of the library of faults, made from its files."""

from __future__ import annotations

from collections.abc import Iterator

from vivavoce.local.faults.library import names, scenario

PLACES = {
    "model": (
        "At the model's link",
        "`viva live --faults NAME` plays them. What comes of each is tested over real sockets (`tests/survival`), and\n"
        "their faults come at random in the thousands of calls of `viva storm`.",
    ),
    "caller": (
        "At the caller's link",
        "Between the caller's machine and the gateway. The tests play them with a relay that fails.",
    ),
    "storage": ("In the storage", "The database and the disk."),
    "server": ("At the server", "The gateway itself."),
}


def page(made: str) -> str:
    """The whole page; `made` says where it comes from."""
    return (
        "# What goes wrong in the wild\n\n"
        + made
        + "Scenarios by name, each with its story, what must come of it in a call that our gateway carries, what the\n"
        + "caller is told (codes of notices, in their order), and where it was met: rows of our notes on the live\n"
        + "protocol, and threads in public trackers, `repository#number`. How to write your own:\n"
        + "[fault file](faults.md). How a call lives through them: [survival](../explanation/survival.md).\n"
        + "".join(_section(place, *words) for place, words in PLACES.items())
    )


def _section(place: str, title: str, words: str) -> str:
    heads = "| name | what goes wrong | what comes of it | told | seen |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{words}\n\n{heads}" + "".join(_rows(place))


def _rows(place: str) -> Iterator[str]:
    for name in names():
        script = scenario(name)
        if script.at == place:
            told = [f"`{code}`" for code in script.told] + ([f"ends: `{script.ends}`"] if script.ends else [])
            yield f"| `{name}` | {script.story} | {script.outcome} | {', '.join(told)} | {'; '.join(script.seen)} |\n"
