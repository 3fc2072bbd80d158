"""The REST surface: one file a resource, each with its `router`."""

from __future__ import annotations

from collections import Counter
from functools import cache

from fastapi import FastAPI

from vivavoce.app.access_log import AccessLog
from vivavoce.app.api import (
    agents,
    call_parts,
    calls,
    card,
    embedding,
    erasures,
    health,
    jobs,
    keys,
    metrics,
    oembed,
    pages,
    people,
    sessions,
    share,
    static,
    studies,
    study_papers,
    survey_pages,
    surveys,
    switches,
    tickets,
    timeline,
    webhooks,
)
from vivavoce.app.api.document import Api
from vivavoce.app.guards import add_guards
from vivavoce.app.refusals import add_refusals
from vivavoce.app.services import Services

RESOURCES = (
    health, metrics, agents, calls, call_parts, erasures, people, jobs, studies, study_papers, surveys, tickets, keys,
    sessions, switches, timeline, webhooks, static, card, oembed, embedding, share, survey_pages, pages,
)  # fmt: skip


def make_routes() -> Api:
    """All routes with their document, and nobody to serve them."""
    return Api(like=_routes())


@cache
def _routes() -> Api:
    """Made once a process: FastAPI looks at every signature again for each application, which takes longer than a
    hundred requests.
    """
    app = Api()
    for resource in RESOURCES:
        app.add(resource.router)
    return app


def make_api(services: Services) -> FastAPI:
    """The application, without the socket of calls."""
    app = make_routes()
    app.state.services = services
    app.state.streams = Counter[str]()
    add_refusals(app)
    add_guards(app, services, open_to_pages=tickets.OPEN_TO_PAGES)
    app.add_middleware(AccessLog, metrics=services.metrics)  # last, so that it sees all of them answer
    return app
