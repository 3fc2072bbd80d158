"""Coverage-guided fuzzing of one target: `python -m tests.fuzz gemini_client -max_total_time=60`.

Needs the extra `fuzz`; further arguments are libFuzzer's. What is found on the way stays in `.fuzz/`. An input that
breaks something belongs into `corpus/`, small and as text, with its mend.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["vivavoce"]):
        harness = importlib.import_module("tests.fuzz.harness")
    target, *options = sys.argv[1:] or [""]
    if target not in harness.TARGETS:
        sys.exit(f"want one of {', '.join(harness.TARGETS)}, got {target!r}")
    found = Path(".fuzz") / target  # the first folder takes new inputs, so it is not the kept one
    found.mkdir(parents=True, exist_ok=True)
    options.append(f"-artifact_prefix={found}-")
    if words := _words(target):
        dictionary = Path(".fuzz") / f"{target}.dict"
        dictionary.write_text("".join(f'"\\"{word}\\""\n' for word in words))
        options.append(f"-dict={dictionary}")  # libFuzzer takes no empty one
    atheris.Setup([sys.argv[0], *options, str(found), str(CORPUS / target)], lambda data: harness.run(target, data))
    atheris.Fuzz()


def _words(target: str) -> list[str]:
    """The strings of the kept inputs: single letters hardly ever come to a name of the protocol."""
    texts = [path.read_text(errors="replace") for path in (CORPUS / target).iterdir()]
    return sorted({word for text in texts for word in re.findall(r'"(\w+)"', text) if word.isascii()})


if __name__ == "__main__":
    main()
