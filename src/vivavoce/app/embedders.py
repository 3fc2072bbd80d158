"""An embedder by its name, with the address, the key and the measured figures that this machine's settings lead to."""

from __future__ import annotations

from pathlib import Path

from vivavoce.app.settings import Settings
from vivavoce.errors import MissingError
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.openai import OPENAI_URL
from vivavoce.studies.embedding.senses import senses
from vivavoce.studies.port import Embedder


def embedder_named(name: str, settings: Settings) -> Embedder:
    """To be closed after use. One of a service whose figures nobody has measured has no sense, and `sense_of` says so.

    Raises:
        InputError: there is no embedder of that name, or the file of figures holds something else.
        MissingError: its weights or its key are not here.
        SettingsError: an address that is none, or a key would go over the open net unencrypted.
    """
    if not name.startswith("openai:"):
        return open_embedder(name)
    url, key = settings.embedder_openai_url, settings.embedder_openai_key
    if not key and url.rstrip("/") == OPENAI_URL:
        raise MissingError(
            "embedder_openai_key is not set",
            remedy="Make a key at platform.openai.com and set VIVA_EMBEDDER_OPENAI_KEY to it, or name your own server "
            "in embedder_openai_url",
        )
    return open_embedder(name, key=key, base_url=url, senses=senses(Path(settings.data_dir)))
