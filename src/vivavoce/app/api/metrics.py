"""What Prometheus reads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED

router = APIRouter(tags=["metrics"])
Watcher = Annotated[Principal, Depends(needs("metrics:read"))]


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "The text format of Prometheus."}, **GUARDED},
)
async def metrics(here: Here, _: Watcher) -> Response:
    """Metrics of this replica, in the text format of Prometheus."""
    await here.readings.take()
    return Response(generate_latest(here.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
