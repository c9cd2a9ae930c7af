"""One address, bounded answers, and no secret in any message."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest
from tests.unit.platforms.stub import Call, Said, serving

from moothall.platforms import PlatformNotConnected, capabilities, connector_for, parse, transport
from moothall.platforms.connector import AddressRefused
from moothall.platforms.transport import AnswerLost, NotReached, Transport
from moothall.words import DomainError


def resolving_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(host: str, port: int, **_: Any) -> list[Any]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(transport.socket, "getaddrinfo", found)


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.facebook.com",
        "ftp://graph.facebook.com",
        "https://user@graph.facebook.com",
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://169.254.169.254/latest",
        "https://127.0.0.1",
        "http://127.0.0.1:8000",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "https://0.0.0.0",
        "https://host:notaport",
        "https://graph.facebook.com?x=1",
        "//graph.facebook.com",
        "",
    ],
)
def test_an_address_that_no_platform_has_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Transport(address)


def test_loopback_is_admitted_only_where_it_is_allowed() -> None:
    Transport("http://127.0.0.1:8000", allow_loopback=True)
    Transport("http://localhost:8000", allow_loopback=True)
    with pytest.raises(AddressRefused):
        Transport("http://10.0.0.1:8000", allow_loopback=True)


@pytest.mark.parametrize("inside", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "fd00::1", "::ffff:192.168.0.1"])
def test_a_name_that_leads_inside_is_refused_when_called(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(inside, monkeypatch)
    with pytest.raises(AddressRefused):
        Transport("https://graph.example", allow_loopback=True).read("/", headers={})


def test_the_checked_address_itself_is_called_under_its_name() -> None:
    with serving(lambda call: Said(body={"ok": True})) as stub:
        port = stub.url.rpartition(":")[2]
        assert Transport(f"http://localhost:{port}", allow_loopback=True).read("/x", headers={}).json() == {"ok": True}
        assert stub.calls[0].headers["Host"] == f"localhost:{port}"


def test_a_redirect_is_handed_back_and_not_followed() -> None:
    with serving(lambda call: Said(302, {}, {"Location": "http://127.0.0.1:9/elsewhere"})) as stub:
        answer = Transport(stub.url, allow_loopback=True).read("/", headers={})
    assert answer.status == 302
    assert not answer.ok


def test_reading_is_tried_again_and_writing_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_READ_PAUSE", 0)
    with serving(lambda call: Said(hang_up=True)) as stub:
        calls = Transport(stub.url, allow_loopback=True)
        with pytest.raises(AnswerLost):
            calls.read("/", headers={})
        assert len(stub.calls) == 3
        with pytest.raises(AnswerLost):
            calls.write("POST", "/", headers={}, data={"a": "b"})
        assert len(stub.calls) == 4


def test_nothing_listening_is_not_reached() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(NotReached):
        Transport(f"http://127.0.0.1:{port}", allow_loopback=True).write("POST", "/", headers={})


def test_an_answer_that_never_ends_in_size_or_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_LARGEST_ANSWER", 1000)
    with serving(lambda call: Said(body=b"x" * 5000)) as stub, pytest.raises(AnswerLost, match="more than"):
        Transport(stub.url, allow_loopback=True).write("POST", "/", headers={})
    monkeypatch.setattr(transport, "_LONGEST_ANSWER", -1.0)
    with serving(lambda call: Said(body=b"x")) as stub, pytest.raises(AnswerLost, match="took longer"):
        Transport(stub.url, allow_loopback=True).write("POST", "/", headers={})


def test_an_answer_broken_off_in_the_middle_is_lost() -> None:
    with serving(lambda call: Said(body=b"{", size=100)) as stub:
        answering = stub.answer

        def broken(call: Call) -> Said:
            said = answering(call)
            said.headers["Connection"] = "close"
            return said

        stub.answer = broken
        with pytest.raises(AnswerLost):
            Transport(stub.url, allow_loopback=True).write("POST", "/", headers={})


def test_secrets_are_struck_out_of_words_and_kept_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    calls = Transport("https://graph.facebook.com", secrets=("EAAB123", ""))
    assert calls.redact("Malformed access token EAAB123") == "Malformed access token [secret]"
    assert len(calls.redact("x" * 1000)) == 300
    with serving(lambda call: Said(body={})) as stub:
        Transport(stub.url, allow_loopback=True).read("/", params={"proof": "hush-hush"}, headers={})
    assert "hush-hush" not in caplog.text


def test_a_platform_without_a_folder_is_named_as_such() -> None:
    for ask in (
        lambda: parse("myspace", "posts", b"{}"),
        lambda: capabilities("../x"),
        lambda: connector_for("x", base_url="", account="", secrets={}),
    ):
        with pytest.raises(PlatformNotConnected, match="It can to: bluesky, facebook"):
            ask()


@pytest.mark.parametrize("platform", ["facebook", "bluesky"])
def test_missing_secrets_are_told_before_anything_is_called(platform: str) -> None:
    with pytest.raises(DomainError) as refused:
        connector_for(platform, base_url="", account="a", secrets={})
    assert refused.value.code == "secrets_missing"
