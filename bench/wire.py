"""Encoding and decoding of audio messages: our codec beside the plain way. Microseconds a message, best of five."""

from __future__ import annotations

import base64
import json
import timeit
from functools import partial

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


def microseconds(call: object, count: int = 5000) -> float:
    return min(timeit.repeat(call, number=count, repeat=5)) / count * 1e6  # type: ignore[arg-type]


def main() -> None:
    template, dumps = microseconds(lambda: codec.encode_audio_in(UP)), microseconds(plain_encode)
    typed, loads = microseconds(lambda: codec.decode_server(MESSAGE)), microseconds(plain_decode)
    frame = microseconds(lambda: caller.decode_frame(FRAME))
    print(f"encode 32 ms up:     template {template:.1f} us, json.dumps {dumps:.1f} us, ratio {dumps / template:.1f}")
    print(f"decode 85 ms down:   typed {typed:.1f} us, json.loads {loads:.1f} us, ratio {loads / typed:.1f}")
    ours, sdk = (microseconds(partial(codec.decode_client, message)) for message in (codec.encode_audio_in(UP), BY_SDK))
    print(f"decode 32 ms up:     typed {ours:.1f} us, as the official Python SDK spells it {sdk:.1f} us")
    print(f"decode caller frame: {frame:.1f} us")


if __name__ == "__main__":
    main()
