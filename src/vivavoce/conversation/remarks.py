"""The words of a `Remark`: what was decided or noticed, and why. Everything that a person should learn of a call from its
log, beside what its events and effects say by themselves, has its word here; `docs/reference/conversation.md` lists
them.
"""

from __future__ import annotations

WHATS: dict[str, frozenset[str]] = {
    # the link
    # turns and watchdogs
    # the reply that is being heard
    # the caller, and the server
}
"""By what was decided or noticed: the reasons there can be; empty where it needs none."""
