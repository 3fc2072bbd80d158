"""An embedder by its name."""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.errors import InputError
from vivavoce.panel.sense import Sense
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.embedding.minilm import MiniLm
from vivavoce.studies.embedding.openai import OPENAI_URL, OpenAiEmbedder
from vivavoce.studies.port import Embedder


def open_embedder(
    name: str, *, key: str = "", base_url: str = OPENAI_URL, senses: Mapping[str, Sense] | None = None
) -> Embedder:
    """The embedder of a name. None stands in for another: who can do without the better one says so.

    Args:
        name: "minilm", "hashing" or "openai:MODEL".
        key: of the service; not needed by most that run on one's own machines.
        base_url: of a service that speaks OpenAI's embeddings, up to where "/embeddings" follows.
        senses: of embedders that were measured on this machine, by their whole names.
    Raises:
        InputError: there is no embedder of that name, or no such address.
        MissingError: its weights or its key are not here.
    """
    if name == "hashing":
        return HashingEmbedder()
    if name == "minilm":
        return MiniLm()
    kind, _, model = name.partition(":")
    if kind == "openai" and model.strip():
        return OpenAiEmbedder(model.strip(), key=key, base_url=base_url, senses=senses)
    raise InputError(f'want "minilm", "hashing" or "openai:MODEL" as an embedder, got {name!r}')
