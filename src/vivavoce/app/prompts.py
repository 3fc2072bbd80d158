"""The prompts a server has: the package's, and files of its own beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import structlog

from vivavoce.agents import PACKAGED, PROSE, Prose, read_prose
from vivavoce.app.settings import Settings
from vivavoce.errors import InputError

log = structlog.get_logger(__name__)

MAX_PROMPT_BYTES = 256 * 1024
"""The package's has 6 kB."""


class Prompts:
    """
    Attributes:
        versions: by their number, in order.
        problems: what did not hold, each in a line. A prompt that is wrong never keeps a server from its calls: the
            package's newest stands in.
    """

    def __init__(self, own: list[Prose], problems: list[str]) -> None:
        self.versions = dict(sorted({**PACKAGED, **{prose.version: prose for prose in own}}.items()))
        self.problems = tuple(problems)

    def choose(self, setting: str, call_id: str, *, strict: bool = False) -> Prose:
        """The prompt of one call.

        Args:
            setting: a version, a split such as `1:50 2:50`, or nothing for the newest.
            call_id: decides the side of a split, so that the same call is always on the same one.
            strict: whoever names it is there to be told.
        Raises:
            InputError: strict, and there is no such version.
        """
        if not setting:
            return self.versions[max(self.versions)]
        gone = self.missing(setting)
        if strict and gone:
            raise InputError(f"prompt: want one of {', '.join(map(str, self.versions))}, got {gone[0]}")
        version = _drawn(setting, call_id)
        if version in self.versions:
            return self.versions[version]
        log.warning("a prompt that is not here was asked for", version=version, instead=PROSE.version)
        return PROSE

    def missing(self, setting: str) -> list[int]:
        """The versions of a setting that are not here."""
        named = [int(part.partition(":")[0]) for part in setting.split()]
        return [version for version in named if version not in self.versions]


def open_prompts(settings: Settings) -> Prompts:
    """The prompts of these settings. What does not hold is told in the log and in `problems`."""
    own: dict[int, Prose] = {}
    problems: list[str] = []
    for path in _files(settings.prompts_dir, problems):
        try:
            prose = _read(path)
            if prose.version in own:
                raise InputError(f"{path.name}: want each version once, got {prose.version} again")
            own[prose.version] = prose
        except InputError as error:
            problems += str(error).splitlines()
    prompts = Prompts(list(own.values()), problems)
    if gone := prompts.missing(settings.prompt):
        problems.append(f"prompt: version {', '.join(map(str, gone))} is not here")
        prompts = Prompts(list(own.values()), problems)
    for problem in prompts.problems:
        log.warning("a prompt does not hold; the package's newest stands in", problem=problem)
    return prompts


def _files(folder: str, problems: list[str]) -> list[Path]:
    if not folder:
        return []
    try:
        if Path(folder).is_dir():
            return sorted(Path(folder).glob("*.yaml"))
    except OSError as error:
        problems.append(f"want a folder of prompts, got {folder}: {error.strerror}")
    else:
        problems.append(f"want a folder of prompts, got {folder}")
    return []


def _read(path: Path) -> Prose:
    try:
        with path.open("rb") as file:
            source = file.read(MAX_PROMPT_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"want a prompt file, got {path.name}: {why}") from error
    return read_prose(source, name=path.name)


def _drawn(setting: str, call_id: str) -> int:
    """The version, drawn by its share: a hash of the call's id is as good as chance, and says the same again."""
    shares = [part.partition(":") for part in setting.split()]
    if len(shares) == 1:
        return int(shares[0][0])
    total = sum(int(share) for _, _, share in shares)
    digest = hashlib.sha256(f"prompt {call_id}".encode()).digest()
    point = int.from_bytes(digest[:8]) / 2**64 * total
    for version, _, share in shares:
        point -= int(share)
        if point < 0:
            return int(version)
    return int(shares[-1][0])
