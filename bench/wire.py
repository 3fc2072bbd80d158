"""Encoding and decoding of audio messages: our codec beside the plain way. Microseconds a message, best of five."""

from __future__ import annotations

import base64
import json
import timeit
from collections.abc import Callable
from functools import partial

from bench.results import Row, row
from vivavoce.wire import caller
from vivavoce.wire.gemini import codec

UP = bytes(1024)
DOWN = bytes(range(256)) * 16
MESSAGE = codec.encode_audio_out(DOWN)
BLOB = {"data": base64.urlsafe_b64encode(bytes(range(256)) * 4).decode(), "mime_type": "audio/pcm;rate=16000"}
BY_SDK = json.dumps({"realtime_input": {"audio": BLOB}})
FRAME = caller.encode_frame(caller.Frame(caller.FrameKind.MIC, 0, 0, 512, UP))


def plain_encode() -> bytes:
    data = base64.b64encode(UP).decode()
    return json.dumps({"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": data}}}).encode()


def plain_decode() -> bytes:
    parts = json.loads(MESSAGE)["serverContent"]["modelTurn"]["parts"]
    return base64.b64decode(parts[0]["inlineData"]["data"])


def rows(*, brief: bool = False) -> list[Row]:
    def microseconds(call: Callable[[], object]) -> float:
        count = 5 if brief else 5_000
        return round(min(timeit.repeat(call, number=count, repeat=5)) / count * 1e6, 2)

    ours, sdk = (microseconds(partial(codec.decode_client, message)) for message in (codec.encode_audio_in(UP), BY_SDK))
    return [
        row(
            "encode 32 ms of the caller for the live model", microseconds(lambda: codec.encode_audio_in(UP)), "µs",
            beside=microseconds(plain_encode), than="by `json.dumps`",
        ),
        row(
            "decode 85 ms of the model's voice", microseconds(lambda: codec.decode_server(MESSAGE)), "µs",
            beside=microseconds(plain_decode), than="by `json.loads`",
        ),
        row(
            "decode 32 ms of a client's voice, in the local model", ours, "µs",
            beside=sdk, than="as the official Python SDK spells it",
        ),
        row("decode a caller's frame", microseconds(lambda: caller.decode_frame(FRAME)), "µs"),
    ]  # fmt: skip
