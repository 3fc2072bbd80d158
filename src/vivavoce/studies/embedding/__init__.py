"""Texts as vectors: all-MiniLM-L6-v2 on this machine, any service that speaks OpenAI's embeddings, or hashing."""

from vivavoce.studies.embedding.open import open_embedder

__all__ = ["open_embedder"]
