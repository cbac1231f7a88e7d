# SPDX-License-Identifier: MIT
"""Ports that are reserved for a server: no other program gets them, before and while the server listens."""

import errno
import socket

import pytest
from daemon import HOST, reserved_ports


def test_reserved_port_refuses_until_its_server_listens() -> None:
    with reserved_ports(1) as (port,), socket.socket() as early, socket.socket() as client:
        assert early.connect_ex((HOST, port)) == errno.ECONNREFUSED
        with socket.create_server((HOST, port)):  # with SO_REUSEADDR, as servers do
            client.connect((HOST, port))


def test_reserved_port_is_no_other_programs() -> None:
    with reserved_ports(2) as ports:
        assert len(set(ports)) == 2
        for port in ports:
            with socket.socket() as other, pytest.raises(OSError, match="in use"):
                other.bind((HOST, port))
