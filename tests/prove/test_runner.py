"""A container of the job's `services:` is one by the network that the runner made, not by what a repository or a step says."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.prove import runner

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = {"GITHUB_ACTIONS": "true"}
SERVICE = "http://directus:8055"
ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""
"""172.18.0.0/16 without a gateway, and everything else by 172.18.0.1."""


class Machine:
    """A container: its resolver, its /etc/hosts, its routes, and what names resolve to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.proc, self.etc = folder / "proc", folder / "etc"
        (self.proc / "net").mkdir(parents=True)
        self.etc.mkdir()
        self.resolver("127.0.0.11")
        self.hosts("127.0.0.1\tlocalhost\n172.18.0.3\t4f2a\n")
        (self.proc / "net" / "route").write_text(ROUTES, encoding="utf-8")
        self.names: dict[str, list[str]] = {"directus": ["172.18.0.2"]}
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def resolver(self, address: str) -> None:
        (self.etc / "resolv.conf").write_text(f"nameserver {address}\noptions ndots:0\n", encoding="utf-8")

    def hosts(self, text: str) -> None:
        (self.etc / "hosts").write_text(text, encoding="utf-8")

    def _resolve(self, host: str, *_arguments: object) -> list[Any]:
        if host not in self.names:
            raise socket.gaierror
        return [(socket.AF_INET, 1, 6, "", (address, 0)) for address in self.names[host]]

    def is_service(self, origin: str = SERVICE, environ: dict[str, str] | None = None) -> bool:
        return runner.is_service(origin, ACTIONS if environ is None else environ, self.proc, self.etc)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_a_neighbour_that_docker_knows_by_name(machine: Machine) -> None:
    assert machine.is_service()
    assert machine.is_service("https://directus")


@pytest.mark.parametrize("environ", [{}, {"GITHUB_ACTIONS": "false"}, {"CI": "true"}])
def test_only_on_a_runner(machine: Machine, environ: dict[str, str]) -> None:
    assert not machine.is_service(environ=environ)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8055",
        "http://127.0.0.1:8055",
        "http://172.18.0.2:8055",
        "http://cms.example.com",
        "http://[::1]:1",
    ],
)
def test_addresses_and_names_with_dots_are_none(machine: Machine, origin: str) -> None:
    machine.names |= {"localhost": ["172.18.0.2"], "cms.example.com": ["172.18.0.2"], "172.18.0.2": ["172.18.0.2"]}
    assert not machine.is_service(origin)


@pytest.mark.parametrize(
    "addresses",
    [["203.0.113.9"], ["10.0.0.9"], ["127.0.0.1"], ["172.18.0.1"], ["172.18.0.2", "203.0.113.9"], []],
    ids=["public", "another network", "loopback", "the gateway", "one of two", "nothing"],
)
def test_a_name_that_leads_elsewhere_is_none(machine: Machine, addresses: list[str]) -> None:
    machine.names["directus"] = addresses
    assert not machine.is_service()


def test_a_name_that_does_not_resolve_is_none(machine: Machine) -> None:
    assert not machine.is_service("http://production:8055")


def test_an_entry_of_the_hosts_file_is_none(machine: Machine) -> None:
    machine.hosts("127.0.0.1\tlocalhost\n172.18.0.2\tother directus # added\n")
    assert not machine.is_service()


def test_not_on_the_network_of_the_machine(machine: Machine) -> None:
    machine.resolver("192.168.0.53")
    assert not machine.is_service()


def test_a_system_that_tells_nothing(machine: Machine) -> None:
    (machine.proc / "net" / "route").unlink()
    assert not machine.is_service()
    (machine.etc / "resolv.conf").unlink()
    assert not machine.is_service()
