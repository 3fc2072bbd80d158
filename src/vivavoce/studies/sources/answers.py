"""What a service said, read strictly: what is not as it is known is told, and never guessed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from vivavoce.errors import VivaError
from vivavoce.studies.sources.errors import SourceError

T = TypeVar("T")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading JSON raises: no JSON, of another shape, deeper than anybody means it."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a service said. `headers` by their names in lower case; `data` unpacked."""

    place: str
    status: int
    headers: Mapping[str, str]
    data: bytes

    def read(self, as_type: type[T]) -> T:
        """The JSON in it.

        Raises:
            SourceError: `changed`: it is of another shape. The message names the place in it and quotes nothing.
        """
        try:
            return msgspec.json.decode(self.data, type=as_type)
        except UNREADABLE as error:
            raise changed(self.place, f"an answer as it is known, got another: {_shape(error)}") from None


Judge: TypeAlias = Callable[[Answer], VivaError | None]
"""A source's own reading of an answer, of any status: the error it stands for, None to leave it to the general rule."""


def changed(place: str, wanted_and_came: str) -> SourceError:
    return SourceError(f"{place} has changed: want {wanted_and_came}", kind="changed")


def failed(place: str, why: str) -> SourceError:
    return SourceError(f"{place} failed: {why}", kind="transient")


def read_items(place: str, items: list[msgspec.Raw], as_type: type[T]) -> tuple[list[T], int]:
    """Items of a page one by one, so that a strange one costs itself only.

    Returns:
        those that could be read, in their order, and how many could not.
    Raises:
        SourceError: `changed`: there were items and not one of them could be read.
    """
    read: list[T] = []
    problem = ""
    for item in items:
        try:
            read.append(msgspec.json.decode(item, type=as_type))
        except UNREADABLE as error:
            problem = problem or _shape(error)
    if items and not read:
        raise changed(place, f"items as they are known, got {len(items)} others: {problem}")
    return read, len(items) - len(read)


def _shape(error: Exception) -> str:
    """msgspec says type and place, and quotes no value; other errors may."""
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    return "too deep" if isinstance(error, RecursionError) else "no JSON"
