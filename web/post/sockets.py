"""Owns what is done to the sockets of calls outside: encrypting them for a host, and cutting them off."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress


def encrypted(sock: socket.socket, host: str) -> ssl.SSLSocket:
    """The socket with TLS, the other side's certificate checked against the host. Raises OSError."""
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def hang_up(sock: socket.socket) -> None:
    """Ends whatever waits for the socket, from another thread too."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
