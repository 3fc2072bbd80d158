"""Where people reach an agent's pages."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from vivavoce.app.origins import Origin, parse_origin
from vivavoce.app.settings import Settings


def base_of(settings: Settings, host: str, scheme: str = "http") -> str:
    """The address all pages stand under, without a slash at its end; empty where nobody knows it.

    Args:
        host: that the request was sent to, such as `talk.example:8443`. `public_url` counts more.
        scheme: of the request; what a proxy in front speaks, it says with the setting `https`.
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    base = f"{'https' if settings.https else scheme}://{host}"
    return base if parse_origin(base) is not None else ""


def listening_at(settings: Settings) -> str:
    """Host and port that a server with these settings listens on, as an address on the same machine names them."""
    everywhere = ("0.0.0.0", "::")  # noqa: S104  nothing is bound here
    host = "localhost" if settings.host in everywhere else settings.host
    return f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}"


def origin_in(url: str) -> Origin | None:
    """The origin of an address, such as that of a `Referer`; None where it has none of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parse_origin(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")


def talk_page(base: str, agent: str) -> str:
    """Address of the agent's own page, which is what people share."""
    return f"{base}/t/{quote(agent, safe='')}"


def frame_page(base: str, agent: str) -> str:
    return f"{base}/embed/{quote(agent, safe='')}"


def survey_page(base: str, token: str) -> str:
    """Address at which people answer a survey."""
    return f"{base}/survey/{token}"
