"""Ports that listen, plain or with TLS."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from vivavoce.errors import InputError
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.front.connection import CLOSE_WITHIN_S, OPEN_WITHIN_S

LOOPBACK = ("127.0.0.1", "::1")
BACKLOG = 1024
"""Connections the system keeps until the server comes to them."""
MAX_FRAME_BYTES = 1024 * 1024
MOST_FRAMES = 1
"""Received and not looked at; with more than that, reading stops. Each may have `MAX_FRAME_BYTES`."""

_library_log = logging.getLogger(f"{__name__}.websockets")
_library_log.setLevel(logging.WARNING)  # below that it writes headers, and in them keys


async def open_port(
    host: str,
    port: int,
    *,
    accept: Callable[[ServerConnection], Awaitable[None]],
    screen: Callable[[ServerConnection, Request], Response | None],
    make_connection: Callable[..., ServerConnection],
    certificate: Certificate | None = None,
) -> list[Server]:
    """Servers at the addresses of a host, all on one port.

    Args:
        port: 0 for a free one.
        accept: carries a connection that is open.
        screen: answers an upgrade that leads nowhere.
        certificate: makes it a port with TLS.

    Raises:
        InputError: an address cannot be had, or the certificate cannot be used.
    """
    context = certificate.context() if certificate is not None else None
    return [
        await serve(
            accept,
            sock=listener,
            ssl=context,
            backlog=BACKLOG,
            create_connection=make_connection,  # type: ignore[arg-type]  # any maker will do, says its documentation
            process_request=screen,
            max_size=MAX_FRAME_BYTES,
            max_queue=MOST_FRAMES,
            open_timeout=OPEN_WITHIN_S,
            close_timeout=CLOSE_WITHIN_S,
            ping_interval=None,  # a caller's machine that sleeps for a minute is still a caller
            server_header="vivavoce",
            logger=_library_log,
        )
        for listener in listeners(host, port)
    ]


def port_of(servers: list[Server]) -> int:
    """The port they listen on."""
    port = next(iter(servers[0].sockets)).getsockname()[1]
    assert isinstance(port, int), "an address of TCP/IP"
    return port


def listeners(host: str, port: int) -> list[socket.socket]:
    """Bound sockets for a host and a port.

    Args:
        host: an address or a name; `localhost` stands for both addresses of the loopback, because its clients try
            either first.
        port: 0 for a free one, the same at every address.

    Raises:
        InputError: the address cannot be had.
    """
    hosts = LOOPBACK if host == "localhost" else (host,)
    with ExitStack() as opened:
        found = [opened.enter_context(_listener(hosts[0], port))]
        for other in hosts[1:]:
            try:
                found.append(opened.enter_context(_listener(other, found[0].getsockname()[1])))
            except InputError:
                continue  # a machine without IPv6, or a container that has it for the outside only
        opened.pop_all()
        return found


def _listener(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65_535:  # the system would take it modulo 65,536
        raise InputError(f"want a port from 0 to 65535, got {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise InputError(f"want a host and a port to listen on, got {host}:{port}: {_why(error)}") from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(address)
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise InputError(f"want to listen on {host}:{port}, got {_why(error)}") from error
    return found


def _why(error: OSError | UnicodeError) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"{error.strerror}; stop what runs there, or take another port (0 for a free one)"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
