"""The page of the REST surface and its OpenAPI document, made from the routes themselves."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from vivavoce.app.api import make_routes
from vivavoce.app.api.answers import EVERYWHERE, GUARDED, WHY
from vivavoce.app.api.document import TAGS

SEE = {
    "calls": "The talk itself: [caller protocol](caller-protocol.md). What a report shows: [report](report.md).",
    "agents": "What stands in the text: [agent file](agent-file.md).",
    "people": "What goes and what stays: [storage](storage.md).",
    "jobs": "Who does them: [run background work](../howto/run-background-work.md).",
    "webhooks": "[Receive webhooks](../howto/receive-webhooks.md) has a receiver to start from.",
    "keys": "Which scope lets do what: [secure a server](../howto/secure-a-server.md).",
    "metrics": "Each of them: [metrics](metrics.md).",
    "switches": "What goes on while something is off: [steer a server](../howto/steer-a-server.md).",
}
_HEAD = """\
Every server answers with the OpenAPI 3.1 document of its version at `/api/v1/openapi.json`; this version's is
[openapi.json](openapi.json), with all fields of all bodies. A key is shown as a bearer token
(`Authorization: Bearer …`), a person's browser shows a cookie; a server of the loopback without keys wants neither
([secure a server](../howto/secure-a-server.md)).

```sh
curl -s localhost:8642/api/v1/calls -H 'Content-Type: application/json' -d '{"agent": "founder"}'
```

- Moments are Unix seconds.
- Lists are paged: `limit` (1 to 200), and `after` with the `next` of the page before. What is written or erased
  meanwhile neither repeats a row nor hides one.
- Whatever is not what was asked for is JSON: `{"error": "want …, got …"}`, with 422 also `problems`, each with its
  place. Errors that any route may answer are listed once, at the end.
- HEAD is answered wherever GET is.
- Where several media types are listed, `Accept` chooses; the first is given to those who do not mind.
- What a key may not see of other agents' calls is answered as if it were not there.
"""


@cache
def document() -> dict[str, Any]:
    return make_routes().openapi()


def openapi() -> str:
    """The document, sorted, one operation or schema a line: small, and a difference shows where it is."""
    parts: list[str] = []
    given = document()
    for key in sorted(given):
        value = given[key]
        if key == "paths":
            parts.append(f'"paths":{_lines(value)}')
        elif key == "components":
            inner = ",\n".join(f"{json.dumps(name)}:{_lines(value[name])}" for name in sorted(value))
            parts.append(f'"components":{{\n{inner}}}')
        else:
            parts.append(f"{json.dumps(key)}:{_compact(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def page(made: str) -> str:
    by_tag: dict[str, list[str]] = {tag: [] for tag in TAGS}
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            by_tag[operation["tags"][0]].append(_operation(method.upper(), path, operation))
    sections = [
        f"## {tag.capitalize()}\n\n{TAGS[tag]} {SEE.get(tag, '')}".rstrip() + "\n\n" + "\n".join(operations)
        for tag, operations in by_tag.items()
    ]
    errors = "\n".join(f"| {status} | {WHY[int(status)]} |" for status in sorted({**EVERYWHERE, **GUARDED}))
    return (
        "# REST API\n\n"
        + made
        + _HEAD
        + "\n"
        + "\n".join(sections)
        + "\n## Errors of any route\n\n401 and 403 where a scope is named.\n\n| status | when |\n|---|---|\n"
        + errors
        + "\n"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    scope = operation["security"][0]["key"][0] if "security" in operation else ""
    told = " ".join(operation["description"].split())
    lines = [f"### `{method} {path}`\n", told + "\n"]
    if scope:
        lines.append(f"- scope `{scope}`")
    for parameter in operation.get("parameters", []):
        if parameter["in"] != "path":
            lines.append(_parameter(parameter))
    if "requestBody" in operation:
        lines.append(f"- body: {_content(operation['requestBody']['content'])}")
    answers = operation["responses"]
    lines += [
        f"- {status}: {_content(answers[status].get('content', {}))}{_why(answers[status])}"
        for status in sorted(answers)
        if status < "400"
    ]
    own = [s for s in sorted(answers) if s >= "400" and int(s) not in {*EVERYWHERE, *GUARDED}]
    lines += [f"- {status}: {answers[status]['description']}" for status in own]
    return "\n".join(lines) + "\n"


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    words = " ".join(parameter.get("description", schema.get("description", "")).split())
    where = " (header)" if parameter["in"] == "header" else ""
    choices = next((each["enum"] for each in [schema, *schema.get("anyOf", [])] if "enum" in each), None)
    told = ", ".join(f"`{choice}`" for choice in choices) if choices else ""
    default = schema.get("default")
    parts = [told, words, f"default `{default}`" if default not in (None, "") else ""]
    said = ". ".join(part.rstrip(".") for part in parts if part)
    return f"- `{parameter['name']}`{where}" + (f": {said}." if said else "")


def _content(content: dict[str, Any]) -> str:
    return ", ".join(f"`{kind}`{_named(content[kind].get('schema', {}))}" for kind in content) or "no body"


def _named(schema: dict[str, Any]) -> str:
    refs = [each["$ref"] for each in [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])] if "$ref" in each]
    names = " or ".join(f"`{ref.rpartition('/')[2]}`" for ref in refs)
    return f" ({names})" if names else ""


def _why(answer: dict[str, Any]) -> str:
    words = answer.get("description", "")
    return f". {words}" if words and words != "Successful Response" else ""


def _lines(value: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f"{json.dumps(name)}:{_compact(value[name])}" for name in sorted(value)) + "\n}"


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
