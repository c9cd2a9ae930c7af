"""A real Bluesky network on this machine, with accounts made by Bluesky's own Python SDK.

The network (identity directory, two account servers, the view of the network, moderation service) is Bluesky's published
packages, brought up by the script in the folder that MOOTHALL_REALNET names. WORK names a folder where its packages are
installed already; without it they are installed once under var/realnet.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from atproto import Client

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "correct horse battery staple"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Network:
    """Where the network's parts are: the account server, and the identity of the moderation service."""

    url: str
    labeler: str
    moderation: str


@dataclass(frozen=True)
class Person:
    """An account with its client."""

    client: Client
    did: str
    handle: str
    password: str = PASSWORD


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.network)


def eventually(look: Callable[[], Found], is_so: Callable[[Found], Any] = bool, seconds: float = 20) -> Found:
    """Return what ``look`` finds once it is so. The network indexes a little later than it accepts."""
    last: object = None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = look()
            if is_so(found):
                return found
            last = found
        except Exception as error:
            last = error
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} seconds; last: {last!r}")


def _leave_out(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The network, brought up for the session and taken down after; one that runs already is used and left running."""
    source = os.environ.get("MOOTHALL_REALNET", "")
    if not source or not Path(source).is_dir():
        _leave_out("MOOTHALL_REALNET does not name the folder with the network's script")
    missing = [tool for tool in ("node", "npm", "redis-server", "g++", "make") if shutil.which(tool) is None]
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        missing.append("postgresql")
    if missing:
        _leave_out(f"missing: {', '.join(missing)}: apt-get install postgresql redis-server g++ make nodejs npm")
    folder = REPOSITORY / "var" / "realnet"
    work = Path(os.environ.get("WORK") or folder / "work")
    known = work / "net.json"
    if _answers() and known.exists():
        yield _network(known)
        return
    if os.geteuid() != 0:
        _leave_out("the network's script starts PostgreSQL as its own user and must be run by root")
    folder.mkdir(parents=True, exist_ok=True)
    for file in Path(source).iterdir():
        if file.is_file():
            shutil.copy(file, folder / file.name)
    script = ["bash", str(folder / "run.sh")]
    environment = os.environ | {"WORK": str(work)}
    log = folder / "fixture.log"
    with log.open("ab") as output:
        if not (work / "node_modules").is_dir():
            subprocess.run(
                [*script, "install"], env=environment, stdout=output, stderr=output, check=True, timeout=1200
            )
        # What a run that was killed left behind would keep the new one from starting.
        subprocess.run([*script, "down"], env=environment, stdout=output, stderr=output, check=False, timeout=60)
        try:
            subprocess.run([*script, "up"], env=environment, stdout=output, stderr=output, check=True, timeout=180)
            eventually(_answers, seconds=60)
            yield _network(known)
        finally:
            subprocess.run([*script, "down"], env=environment, stdout=output, stderr=output, check=False, timeout=60)


def _answers() -> bool:
    try:
        with urlopen("http://localhost:2583/xrpc/_health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _network(known: Path) -> Network:
    found = json.loads(known.read_text())
    return Network(url=found["pds"], labeler=found["ozoneDid"], moderation=found["ozone"])


@pytest.fixture(scope="session")
def new_person(network: Network) -> Iterator[Callable[[str], Person]]:
    """A function that makes an account of a name and signs it in."""
    clients: list[Client] = []

    def make(name: str) -> Person:
        client = Client(base_url=network.url)
        clients.append(client)
        handle = f"{name}{time.time_ns() // 1_000_000 % 10_000_000}.test"
        client.com.atproto.server.create_account(
            {"handle": handle, "email": f"{handle}@example.invalid", "password": PASSWORD}
        )
        # The SDK's sign-in asks for the profile, which appears a moment after the account.
        profile = eventually(lambda: client.login(handle, PASSWORD))
        return Person(client, profile.did, handle)

    yield make
    for client in clients:
        client.request.close()


@pytest.fixture(scope="session")
def council_account(new_person: Callable[[str], Person]) -> Person:
    return new_person("thornbury")


@pytest.fixture(scope="session")
def resident_account(new_person: Callable[[str], Person]) -> Person:
    """Dee, who lives there."""
    return new_person("dee")


@pytest.fixture(scope="session")
def mallory_account(new_person: Callable[[str], Person]) -> Person:
    """Mallory, who is abusive."""
    return new_person("mallory")


@pytest.fixture(scope="session")
def third_account(new_person: Callable[[str], Person]) -> Person:
    """Somebody else, who only looks."""
    return new_person("passer")
