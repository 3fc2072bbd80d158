"""Write the caller protocol for the browser: `web/sdk/src/core/protocol.ts`, from `vivavoce.wire.caller`.

Types, constants, and a table of the gateway's messages that the browser narrows with (`src/core/messages.ts`). A field
with a default may be left out on the wire; what the browser decodes has it filled in.
"""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import types
import typing
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from vivavoce.wire import caller

WEB = Path(__file__).parent.parent / "web"
BIOME = WEB / "node_modules" / ".bin" / "biome"
PROTOCOL = WEB / "sdk" / "src" / "core" / "protocol.ts"
WIDTH = 120
CONSTANTS = (
    "VERSION",
    "SUBPROTOCOL",
    "TICKET_PREFIX",
    "CALLER_HZ",
    "REPLY_HZ",
    "HEADER_BYTES",
    "MAX_TYPED_CHARS",
    "MAX_CONTEXT",
    "MAX_CONTEXT_NAME_CHARS",
    "MAX_CONTEXT_CHARS",
    "MAX_MIC_SAMPLES",
    "MIN_MIC_SAMPLES",
    "MAX_LEVELS",
    "MAX_FAULTS",
    "MAX_FRAME_BYTES",
)
_LAYOUT = {"B": "u8", "H": "u16", "I": "u32", "Q": "u64"}

_HEAD = "// The caller protocol, version {version}. Made by `make docs` from vivavoce.wire.caller; edit that.\n\n"
_SHAPES = """\
/** What a field of a message must be. `whole` is a number without a fraction. */
export type Shape =
  | 'text'
  | 'number'
  | 'whole'
  | 'flag'
  | 'any'
  | {readonly oneOf: readonly string[]}
  | {readonly list: Shape}
  | {readonly tuple: readonly Shape[]}
  | {readonly fields: Fields}
/** A field without a default must be there. */
export type Fields = {readonly [name: string]: readonly [shape: Shape] | readonly [shape: Shape, byDefault: unknown]}

/** The gateway's messages by their `kind`. */
"""


def _unwrapped(hint: Any) -> Any:
    """A type without its `Annotated` limits."""
    return get_args(hint)[0] if get_origin(hint) is typing.Annotated else hint


def ts_type(hint: Any) -> str:
    """A field's type in TypeScript.

    Raises:
        TypeError: a type that the generator does not know yet.
    """
    hint = _unwrapped(hint)
    simple = {str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown", type(None): "null"}
    if hint in simple:
        return simple[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f"'{value}'" for value in args)
    if origin is list:
        return f"readonly {_grouped(ts_type(args[0]))}[]"
    if hint == dict[str, str]:
        return "{readonly [name: string]: string}"
    if origin is tuple:
        return f"readonly [{', '.join(ts_type(item) for item in args)}]"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(ts_type(item) for item in args)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint.__name__
    raise TypeError(f"want a type of the caller protocol, got {hint!r}")


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def shape(hint: Any) -> str:
    """What the browser checks of a field, as an expression of type `Shape`.

    Raises:
        TypeError: a type that the browser cannot check yet.
    """
    hint = _unwrapped(hint)
    simple = {str: "'text'", int: "'whole'", float: "'number'", bool: "'flag'", Any: "'any'"}
    if hint in simple:
        return simple[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "{oneOf: [" + ", ".join(f"'{value}'" for value in args) + "]}"
    if origin is list:
        return f"{{list: {shape(args[0])}}}"
    if origin is tuple:
        return "{tuple: [" + ", ".join(shape(item) for item in args) + "]}"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return f"{{fields: {fields_table(hint)}}}"
    raise TypeError(f"want a type that the browser can check, got {hint!r}")


def fields_table(struct: type[msgspec.Struct]) -> str:
    """The struct's fields as an expression of type `Fields`."""
    rows = []
    for field in msgspec.structs.fields(struct):
        default = "" if field.required else ", " + json.dumps(_default(field)).replace('"', "'")
        rows.append(f"{field.encode_name}: [{shape(field.type)}{default}]")
    return "{" + ", ".join(rows) + "}"


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def _docs_below(owner: type, line: str) -> dict[str, str]:
    """The strings that stand below the lines of a class in its source, by the first group of the line's pattern."""
    found = re.finditer(rf'^    {line}[^\n]*\n    """(.*?)"""', inspect.getsource(owner), re.MULTILINE | re.DOTALL)
    return {match[1]: match[2] for match in found}


def comment(text: str, indent: str = "") -> str:
    """A doc comment with its line end, "" for no text."""
    words = " ".join(text.replace("*/", "* /").split())
    if not words:
        return ""
    single = f"{indent}/** {words} */\n"
    if len(single) <= WIDTH + 1:
        return single
    lines, line = [], f"{indent} *"
    for word in words.split():
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = f"{indent} *"
        line += f" {word}"
    return f"{indent}/**\n" + "\n".join([*lines, line]) + f"\n{indent} */\n"


def ts_struct(struct: type[msgspec.Struct], *, sent: bool) -> str:
    """The struct as a TypeScript type. Fields with defaults are optional in what is `sent`."""
    doc = (struct.__doc__ or "").strip()
    head = comment("" if doc.startswith(f"{struct.__name__}(") else doc)
    tag = struct.__struct_config__.tag
    docs = _docs_below(struct, r"(\w+): ")
    rows = [f"  readonly kind: '{tag}'\n"] if isinstance(tag, str) else []
    for field in msgspec.structs.fields(struct):
        optional = "?" if sent and not field.required else ""
        rows.append(comment(docs.get(field.name, ""), "  "))
        rows.append(f"  readonly {field.encode_name}{optional}: {ts_type(field.type)}\n")
    return f"{head}export type {struct.__name__} = {{\n{''.join(rows)}}}\n"


def _parts(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Structs that the fields of a struct are made of."""
    found = []
    for field in msgspec.structs.fields(struct):
        for item in (field.type, *get_args(_unwrapped(field.type))):
            if isinstance(item, type) and issubclass(item, msgspec.Struct):
                found.append(item)
    return found


def _union(name: str, kinds: tuple[type[msgspec.Struct], ...]) -> str:
    return f"export type {name} = {' | '.join(kind.__name__ for kind in kinds)}\n"


def constants() -> str:
    """Numbers and names of the protocol; the close codes with what stands below them in the source."""
    rows = []
    for name in CONSTANTS:
        value = getattr(caller, name)
        rows.append(f"export const {name} = {repr(value) if isinstance(value, str) else format(value, '_')}\n")
    frame = caller.json_schema()["x-frame"]
    fields = zip(frame["fields"], frame["layout"][1:], strict=True)
    layout = ", ".join(f"{name} {_LAYOUT[letter]}" for name, letter in fields)
    kinds = [f"export const FRAME_{kind.name} = {int(kind)}\n" for kind in caller.FrameKind]
    docs = _docs_below(caller.CloseCode, r"(\w+) = \d+")
    codes = [
        f"{comment(docs.get(code.name, ''))}export const CLOSE_{code.name} = {int(code)}\n" for code in caller.CloseCode
    ]
    return (
        "".join(rows)
        + "\n"
        + comment(f"The kind of an audio frame. A header holds, little-endian: {layout}.")
        + "".join(kinds)
        + f"\n// {caller.CloseCode.__doc__}\n\n"
        + "".join(codes)
    )


def protocol() -> str:
    """The text of `protocol.ts` but for its line breaks, which are biome's."""
    sent: tuple[type[msgspec.Struct], ...] = caller.CallerMessage.__args__
    received: tuple[type[msgspec.Struct], ...] = caller.GatewayMessage.__args__
    table = ",\n".join(f"{kind.__struct_config__.tag}: {fields_table(kind)}" for kind in received)
    return (
        _HEAD.format(version=caller.VERSION)
        + constants()
        + "\n// From the caller's machine. What is left out has the gateway's default.\n\n"
        + _structs(sent, sent=True)
        + _union("CallerMessage", sent)
        + "\n// From the gateway. What a message left out is filled in when it is decoded.\n\n"
        + _structs(received, sent=False)
        + _union("GatewayMessage", received)
        + "\n"
        + _SHAPES
        + f"export const GATEWAY: {{readonly [Kind in GatewayMessage['kind']]: Fields}} = {{\n{table},\n}}\n"
    )


def _structs(kinds: tuple[type[msgspec.Struct], ...], *, sent: bool) -> str:
    """Every message behind the parts it is made of."""
    told: list[type[msgspec.Struct]] = []
    for kind in kinds:
        told += [part for part in _parts(kind) if part not in told]
        told.append(kind)
    return "".join(ts_struct(kind, sent=sent) + "\n" for kind in told)


def formatted(text: str) -> str:
    """What biome makes of it. Needs `web/node_modules`.

    Raises:
        OSError: biome is not there.
        subprocess.CalledProcessError: biome cannot read it.
    """
    done = subprocess.run(  # our own tool and our own text
        [BIOME, "format", f"--stdin-file-path={PROTOCOL.relative_to(WEB)}"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=WEB,
    )
    return done.stdout


if __name__ == "__main__":
    PROTOCOL.write_text(formatted(protocol()), encoding="utf-8")
