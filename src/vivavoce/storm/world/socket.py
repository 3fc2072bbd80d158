"""The line between a caller's machine and a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vivavoce.storm.world.clock import Lane

if TYPE_CHECKING:
    from vivavoce.storm.world.server import Server
    from vivavoce.storm.world.world import World

WAY_S = (0.01, 0.12)


class Socket:
    def __init__(self, world: World, server: Server, arrived: Callable[[Socket, str, tuple[Any, ...]], None]) -> None:
        self.server = server
        self.broken = False  # nothing that is under way arrives any more
        self._arrived = arrived
        way_s = world.chance.uniform(*WAY_S)
        self.up, self.down = Lane(world.clock, way_s), Lane(world.clock, way_s)

    def to_server(self, do: Callable[..., None], *args: Any) -> None:
        if not self.broken:
            self.up.send(self._at_server, do, args)

    def _at_server(self, do: Callable[..., None], args: tuple[Any, ...]) -> None:
        if not self.broken:
            do(*args)

    def to_caller(self, what: str, *args: Any) -> None:
        if not self.broken:
            self.down.send(self._at_caller, what, args)

    def _at_caller(self, what: str, args: tuple[Any, ...]) -> None:
        if not self.broken:
            self._arrived(self, what, args)
