"""Write the pages that are made from code: schema of the caller protocol, tables of events and effects, the turn table
and its diagram, languages of the interface, conformance with the live protocol.

`make docs` writes them; a test compares them with what this would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tools import conformance, docs_api, docs_cli, docs_faults, docs_languages, docs_metrics, docs_settings
from vivavoce.conversation import floor, link, telling
from vivavoce.conversation.effects import EFFECTS, Remark
from vivavoce.conversation.events import EVENTS
from vivavoce.conversation.remarks import WHATS
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.wire import caller

DOCS = Path(__file__).parent.parent / "docs"
MADE = "<!-- Made by `make docs`; edit the code instead. -->\n\n"


def first_sentence(kind: type) -> str:
    """The docstring's first paragraph in one line; structs without one have msgspec's generated signature, which is
    none.
    """
    text = (kind.__doc__ or "").strip()
    return "" if text.startswith(f"{kind.__name__}(") else " ".join(text.split("\n\n")[0].split())


def table(kinds: tuple[type[msgspec.Struct], ...], *, by_tag: bool = False) -> str:
    """Rows of structs, named as Python or, `by_tag`, as the wire names them."""
    rows = ["| name | fields | meaning |", "|---|---|---|"]
    for kind in kinds:
        fields = ", ".join(f"`{field.encode_name}`" for field in msgspec.structs.fields(kind))
        name = f"`{kind.__struct_config__.tag}`" if by_tag else f"**{kind.__name__}**"
        rows.append(f"| {name} | {fields} | {first_sentence(kind)} |")
    return "\n".join(rows) + "\n"


def conversation_page() -> str:
    defaults = ConversationSettings()
    settings = "\n".join(
        f"| `{name}` | {docs_settings.default_of(getattr(defaults, name)).strip('`')} |"
        for name in defaults.__struct_fields__
    )
    return (
        "# Events and effects of a conversation\n\n"
        + MADE
        + "What it is and why: [the conversation](../explanation/conversation.md).\n\n"
        + "## Events\n\n"
        + table(EVENTS)
        + "\n## Effects\n\n"
        + table(EFFECTS)
        + "\n## Settings\n\n| name | default |\n|---|---|\n"
        + settings
        + "\n\n## Remarks\n\n"
        + "What a `Remark` may be about, why, and how `viva replay --explain` tells it.\n"
        + "`viva_decisions_total` counts them.\n\n"
        + "| what | why | as a sentence |\n|---|---|---|\n"
        + "".join(_remark_rows())
    )


def _remark_rows() -> Iterator[str]:
    for what, whys in WHATS.items():
        for why in sorted(whys) or [""]:
            said = telling.told(Remark(what, why, 2, 1.5, 2))
            yield f"| `{what}` | {why and f'`{why}`'} | {said} |\n"


def turn_page() -> str:
    rows = ["| who has the floor | what happens | then | and |", "|---|---|---|---|"]
    for (turn, kind), after in floor.NEXT.items():
        action = floor.action_of(turn, kind, after)
        does = type(action).__name__.removesuffix("Decided").lower() if action is not None else ""
        rows.append(f"| {turn.value} | {kind.__name__} | {after.value} | {does} |")
    return (
        "# The turn table\n\n"
        + MADE
        + "Who has the floor. A pair that is not listed changes nothing: anybody may speak at any time.\n\n"
        + f"```mermaid\n{floor.diagram()}```\n\n"
        + "\n".join(rows)
        + "\n"
    )


def survival_page() -> str:
    """The page as it is, with the diagram that its code has now."""
    page = (DOCS / "explanation" / "survival.md").read_text(encoding="utf-8")
    start, end = "<!-- the link: made by `make docs` -->\n", "<!-- end of the link -->"
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}```mermaid\n{link.diagram()}```\n{end}{after}"


_COMING_BACK = """
## Coming back

A lost socket is no end. Who opens another one with the `resume` of their last `welcome` as the ticket goes on with the
same call, for as long as the server waits (`return_within_s`); where servers share a database, at any of them. One that
knows nothing of it closes with 4401. The `hello` tells again how the machine stands, `mode` included, and with `reply`
and `samples` what was heard last. The answer comes in this order:

1. `welcome` with `returned` and another `resume`. The old one is spent by the first message that follows the hello, so
   wait for the welcome before you send any;
2. notices that still hold, `floor`, the newest captions, the facts, what was shown last;
3. `cut` of the newest reply that was cut: it and all before it are over;
4. `hold` or `resume` of the reply that is being heard, its sound from where it was heard, and `reply_done` when its
   length is known.

What was in flight when the socket died is lost with it. So keep what you have sent of the microphone, 30 seconds of it,
and go on from `heard`: send again at their own positions all frames from there on, and what was said meanwhile, in
order. A frame that begins before `heard` is left out whole, as are those that come twice; so of one that `heard` falls
into, send the rest. A machine that lost its clock has nothing to send again and goes on from `at`.

A socket that is closed with 4412 has been passed on: another server has the call and waits for you now. Come back at
once, and say nothing about it unless that takes longer than two seconds or so. What sounds goes on meanwhile.

A socket that was replaced by another one of the same caller is closed with 4409, and does not try again. On a server
that lets a caller have one window only, the second one is closed with 4423 instead and keeps its ticket. That may also
be yourself: a server takes up to three seconds to see that your old socket is dead, forty where that socket is another
server's, and ten to see that another server is gone.

A call of which no log is kept stays where it is: every other server closes with 4413 while its own lives, so try again
until you reach that one; once it is gone they close with 4401.

Twenty returns to a call are taken at once, after that one a second; the others are closed with 4413, keep their ticket
and try again.

## Whose turn, and how long a pause

`pace` says how long a pause may be from now on; the `welcome` tells what is in force. Most live models learn it at
the next quiet moment, when their connection is replaced. `done` ends the caller's turn without any pause: gate and
model are told, and what is said after it is another turn. Of a reply that is held it makes a `cut`.

## Facts by hand

`correct` with a value that fits is answered with a `fact` that is `confirmed`, with `null` by one that is `refused`:
taken back, and not asked for again. A value that does not fit, or a field that there is none of, changes nothing: the
`fact` comes as it stands, with a `notice` of the code `bad_value`.

## What the page tells

Of the `context` of a `hello` the names are taken that the agent file lists, 24 at most; names have up to 64 letters,
digits, `.`, `_` and `-`. Values become one line of plain text and are cut at 500 characters; of `page.url` and
`page.referrer` only the place is kept, with `utm_…`. Nothing of it is refused, and none of it is believed: the model
is told that others wrote it.

## Erasing

The `erase` of a `welcome` is leave to have this call erased, for 30 days: `POST /api/v1/erasures` with it as `token`,
from any page and without a key. A call that goes on ends with `erased` first. Keep it where nobody else reads it, or
not at all.

## How much, how fast

Microphone frames hold 10 to 200 ms. Of everything else 500 messages are read at once and 25 a second after that; what
comes faster waits in the socket. Of `levels`, `health`, `echo`, `doubt` and `done` more than two a second are left out.

## A line that is dead

The gateway says something at least every four seconds, a `pulse` if there is nothing else. A machine that hears nothing
for ten seconds may take the line for dead, and come back by another one.

## Doubt

A machine that hears somebody over the agent may silence the reply by itself and send `doubt`. The gateway answers with
`hold` at once. Should it not come within a second, go on. Otherwise wait for `resume` or `cut`: within half a second
when it was nothing or a cough; where somebody spoke, when it is known whether they only listen.
"""


def caller_page() -> str:
    codes = "\n".join(f"| {int(code)} | {code.name} |" for code in caller.CloseCode)
    return (
        "# The caller protocol\n\n"
        + MADE
        + f"Subprotocol `{caller.SUBPROTOCOL}`, ticket as a second subprotocol `{caller.TICKET_PREFIX}<ticket>`.\n"
        + f"Binary messages are audio frames with a {caller.HEADER_BYTES}-byte little-endian header (version u8,\n"
        + "kind u8, speaker u16, reply u32, position u64) and PCM16 mono:\n"
        + f"microphone {caller.CALLER_HZ} Hz, replies {caller.REPLY_HZ} Hz. Text messages are JSON with a `kind`,\n"
        + "the name in these tables; the schema is [caller.schema.json](caller.schema.json).\n"
        + "A field that has its default value, which the schema tells, is left out: a `floor` that nobody holds\n"
        + 'comes as `{"kind":"floor","turn":"open"}`.\n\n'
        + "## From the caller's machine\n\n"
        + table(caller.CallerMessage.__args__, by_tag=True)
        + "\n## From the gateway\n\n"
        + table(caller.GatewayMessage.__args__, by_tag=True)
        + _COMING_BACK
        + "\n## Close codes\n\n| code | name |\n|---|---|\n"
        + codes
        + "\n"
    )


def conformance_page() -> str:
    return conformance.page(
        "<!-- Made by `make docs`; edit tests/conformance.yaml instead. -->\n\n"
        + "What a client and a server of this protocol must and should do, how far ours do it, and the tests that\n"
        + "show it. The live service itself cannot be reached from here: both sides are tested against each other,\n"
        + "and the server with the official SDKs.\n\n"
    )


def pages() -> dict[Path, str]:
    """Every made page with its text."""
    return {
        DOCS / "explanation" / "survival.md": survival_page(),
        DOCS / "reference" / "api.md": docs_api.page(MADE),
        DOCS / "reference" / "openapi.json": docs_api.openapi(),
        DOCS / "reference" / "caller.schema.json": json.dumps(caller.json_schema(), indent=1, sort_keys=True) + "\n",
        DOCS / "reference" / "caller-protocol.md": caller_page(),
        DOCS / "reference" / "command-line.md": docs_cli.page(MADE),
        DOCS / "reference" / "conformance.md": conformance_page(),
        DOCS / "reference" / "conversation.md": conversation_page(),
        DOCS / "reference" / "languages.md": docs_languages.page(MADE),
        DOCS / "reference" / "metrics.md": docs_metrics.page(MADE),
        DOCS / "reference" / "scenarios.md": docs_faults.page(MADE),
        DOCS / "reference" / "settings.md": docs_settings.page(MADE),
        DOCS / "reference" / "turn-table.md": turn_page(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
