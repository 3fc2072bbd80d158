"""What an answer was grounded on: searches, places, pages.

Source: reference gemini-live 2.8 and the official SDK's types.
"""

from __future__ import annotations

from vivavoce.wire.gemini.base import Enum, Int32, Message, Object


class WebChunk(Message):
    uri: str = ""
    title: str | None = None
    domain: str | None = None


class GroundingChunk(Message):
    """One of the sources; one kind is set."""

    web: WebChunk | None = None
    image: Object | None = None
    maps: Object | None = None
    retrieved_context: Object | None = None


class Segment(Message):
    """A stretch of the answer, in bytes of its part."""

    part_index: Int32 = 0
    start_index: Int32 = 0
    end_index: Int32 = 0
    text: str = ""


class GroundingSupport(Message):
    """Which chunks bear out a stretch of the answer."""

    segment: Segment | None = None
    grounding_chunk_indices: list[Int32] = []
    confidence_scores: list[float] = []
    rendered_parts: list[Int32] = []


class SearchEntryPoint(Message):
    rendered_content: str | None = None
    """HTML the service wants shown beside a grounded answer."""
    sdk_blob: bytes | None = None


class RetrievalMetadata(Message):
    google_search_dynamic_retrieval_score: float | None = None


class SourceFlaggingUri(Message):
    source_id: str | None = None
    flag_content_uri: str | None = None


class GroundingMetadata(Message):
    web_search_queries: list[str] = []
    image_search_queries: list[str] = []
    retrieval_queries: list[str] = []
    search_entry_point: SearchEntryPoint | None = None
    grounding_chunks: list[GroundingChunk] = []
    grounding_supports: list[GroundingSupport] = []
    retrieval_metadata: RetrievalMetadata | None = None
    google_maps_widget_context_token: str | None = None
    source_flagging_uris: list[SourceFlaggingUri] = []


class UrlMetadata(Message):
    retrieved_url: str = ""
    url_retrieval_status: Enum | None = None


class UrlContextMetadata(Message):
    url_metadata: list[UrlMetadata] = []
