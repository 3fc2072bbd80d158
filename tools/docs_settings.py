"""The page of settings, made from the structs: names, defaults, what they hold, who decides, and their docstrings."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import msgspec

from vivavoce.agents.callsettings import RULES, CallSettings, choices_of, wanted
from vivavoce.app.settings import SECRET, Settings

SEE = {
    "who may come, and how often": "[Secure a server](../howto/secure-a-server.md), "
    "[receive webhooks](../howto/receive-webhooks.md).",
    "the live model": "[Use Gemini](../howto/use-gemini.md), [OpenAI Realtime](openai-realtime.md).",
    "the embedded model": "[Better ears and voices, and a language model](../howto/better-ears-and-voices.md).",
}
"""Where more is told, by section."""
INTRO = """Later wins: package < `viva.toml` in the working directory (or `--config FILE`) < environment `VIVA_NAME` <
command line. An unknown name is an error. `viva doctor --settings` prints each value with its source; secrets only say
whether they are set.
"""
CALLS = """What a server sets here is the default of its calls. Above it stand, each more special than the one before,
the [agent file](agent-file.md#settings), the booking (`settings` in the body of `POST /api/v1/calls`) and the caller
(the page's hello). The later one wins, but where it says *tightens* the strictest word of any counts: an agent cannot
loosen what the server has set, nor a caller what anybody has. What a call was run with, and who decided it, is stored
with the call. `viva doctor --settings --agent NAME` shows it beforehand.
"""


def documented(kind: type) -> list[tuple[str, str, str]]:
    """(section, name, meaning) of each field, in order. A comment alone on its line begins a section."""
    source = textwrap.dedent(inspect.getsource(kind))
    (body,) = ast.parse(source).body
    assert isinstance(body, ast.ClassDef), "the source of a class is a class"
    comments = {number: line.strip("# ") for number, line in enumerate(source.splitlines(), 1) if _is_comment(line)}
    found = []
    for field, after in zip(body.body, [*body.body[1:], None], strict=True):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        section = next((comments[line] for line in sorted(comments, reverse=True) if line < field.lineno), "")
        found.append((section, field.target.id, " ".join(str(text).split())))
    return found


def _is_comment(line: str) -> bool:
    return line.startswith("    # ")


def default_of(value: Any) -> str:
    match value:
        case None:
            return "none"
        case "":
            return "empty"
        case float():
            return f"`{value:g}`"
        case bool():
            return f"`{str(value).lower()}`"
    return f"`{value}`"


def holds(name: str) -> str:
    """What it may hold; nothing for plain text."""
    if choices := choices_of(name, Settings):
        return ", ".join(f"`{choice}`" for choice in choices if choice)
    text = wanted(name, Settings)
    return "" if text == "text" else text


def decided_by(name: str) -> str:
    rule = RULES[name]
    by = ", ".join(layer for layer in ("agent", "call", "caller") if layer in rule.layers)
    return by + ("; tightens" if rule.tightens else "")


def meaning_of(name: str, meaning: str) -> str:
    written = RULES[name].written if name in RULES else ""
    assert not (name in SECRET and "Never shown" not in meaning), f"{name} is a secret and does not say so"
    return meaning.replace("|", "\\|") + (f" In an agent file: `{written}`." if written else "")


def page(made: str) -> str:
    """The whole page."""
    defaults = Settings()
    parts = [f"# Settings\n\n{made}{INTRO}\n## Settings of a call\n\n{CALLS}"]
    rows = ["| name | default | holds | decided by | meaning |", "|---|---|---|---|---|"]
    for _, name, meaning in documented(CallSettings):
        cells = (f"`{name}`", default_of(getattr(defaults, name)), holds(name), decided_by(name))
        rows.append(f"| {' | '.join(cells)} | {meaning_of(name, meaning)} |")
    parts.append("\n".join(rows) + "\n")
    section = ""
    rows = []
    for title, name, meaning in documented(Settings):
        if title != section:
            section = title
            see = f"\n{SEE[title]}\n" if title in SEE else ""
            rows += [
                f"\n## {title[0].upper()}{title[1:]}\n{see}",
                "| name | default | holds | meaning |",
                "|---|---|---|---|",
            ]
        rows.append(
            f"| `{name}` | {default_of(getattr(defaults, name))} | {holds(name)} | {meaning_of(name, meaning)} |"
        )
    parts.append("\n".join(rows) + "\n")
    assert {name for _, name, _ in documented(Settings) + documented(CallSettings)} == set(
        msgspec.structs.asdict(defaults)
    ), "each setting is on the page"
    return "\n".join(parts)
