"""The page of metrics, made from the registry itself."""

from __future__ import annotations

from vivavoce.app.metrics import Metrics


def page(made: str) -> str:
    """The whole page; `made` says where it comes from."""
    rows = ["| name | kind | labels | meaning |", "|---|---|---|---|"]
    for about in Metrics().about:
        labels = ", ".join(f"`{label}`" for label in about.labels)
        rows.append(f"| `{about.name}` | {about.kind} | {labels} | {about.meaning} |")
    return (
        "# Metrics\n\n"
        + made
        + "`GET /metrics` tells them in the text format of Prometheus, to a key with the scope `metrics:read`.\n"
        + "How to use them: [watch a server](../howto/watch-a-server.md).\n\n"
        + "\n".join(rows)
        + "\n\nA histogram `name` has the series `name_bucket`, `name_sum` and `name_count`.\n"
        + "Beside these stand, on Linux, `process_cpu_seconds_total`, `process_resident_memory_bytes`,\n"
        + "`process_open_fds` and their like.\n\n"
        + "What the labels hold is bounded: names of agents (the first fifty, then `other`), of tools, of routes as\n"
        + "the API writes them, codes and kinds. Nothing a caller said, and nobody's name or number, is ever in one.\n"
    )
