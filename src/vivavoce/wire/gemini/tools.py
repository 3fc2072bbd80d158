"""Tools a setup may declare. Source: reference gemini-live 3.2."""

from __future__ import annotations

from typing import Any

from vivavoce.wire.gemini.base import Empty, Enum, Int32, Map, Message, Object, Schema


class FunctionDeclaration(Message):
    name: str
    description: str = ""
    parameters: Schema | None = None
    response: Schema | None = None
    parameters_json_schema: Any | None = None
    """Accepted and, by reports, ignored by live models: declare `parameters`."""
    response_json_schema: Any | None = None
    behavior: Enum | None = None
    """BLOCKING or NON_BLOCKING; unset is the model's own default."""


class TimeRange(Message):
    start_time: str | None = None
    end_time: str | None = None


class GoogleSearch(Message):
    search_types: Object | None = None
    blocking_confidence: Enum | None = None
    exclude_domains: list[str] = []
    time_range_filter: TimeRange | None = None


class EnterpriseWebSearch(Message):
    blocking_confidence: Enum | None = None
    exclude_domains: list[str] = []


class GoogleMaps(Message):
    auth_config: Object | None = None
    enable_widget: bool | None = None
    grounding_types: Object | None = None


class DynamicRetrievalConfig(Message):
    mode: Enum | None = None
    dynamic_threshold: float | None = None


class GoogleSearchRetrieval(Message):
    dynamic_retrieval_config: DynamicRetrievalConfig | None = None


class ComputerUse(Message):
    environment: Enum | None = None
    excluded_predefined_functions: list[str] = []
    enable_prompt_injection_detection: bool | None = None
    disabled_safety_policies: list[Enum] = []


class FileSearch(Message):
    file_search_store_names: list[str] = []
    top_k: Int32 | None = None
    metadata_filter: str | None = None


class StreamableHttpTransport(Message):
    url: str = ""
    headers: dict[str, str] = {}
    timeout: str | None = None
    sse_read_timeout: str | None = None
    terminate_on_close: bool | None = None


class McpServer(Message):
    name: str = ""
    streamable_http_transport: StreamableHttpTransport | None = None


class PartnerSearch(Message):
    """A search engine of another house, on the user's own account there."""

    api_key: str | None = None
    custom_configs: Map | None = None
    enable_data_retention: bool | None = None
    enable_zero_data_retention: bool | None = None


class Tool(Message):
    """One kind of tool is set in each entry."""

    function_declarations: list[FunctionDeclaration] = []
    google_search: GoogleSearch | None = None
    google_maps: GoogleMaps | None = None
    url_context: Empty | None = None
    code_execution: Empty | None = None
    mcp_servers: list[McpServer] = []
    enterprise_web_search: EnterpriseWebSearch | None = None
    google_search_retrieval: GoogleSearchRetrieval | None = None
    computer_use: ComputerUse | None = None
    file_search: FileSearch | None = None
    retrieval: Object | None = None
    parallel_ai_search: PartnerSearch | None = None
    exa_ai_search: PartnerSearch | None = None
