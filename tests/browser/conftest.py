"""A browser in front of a running desk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Request

from tests.browser import borough
from tests.browser.borough import Borough
from tests.integration import cast


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every test names its own address. (The plugin's fixture is written in a way that pytest 9 warns of.)"""


@pytest.fixture
def thornbury(transactional_db: None) -> Borough:
    # The counts of sign-ins a minute are in the cache, and tests sign in faster than people.
    cache.clear()
    return borough.build()


@pytest.fixture
def watched(page: Page, live_server: object) -> Iterator[Page]:
    """A page that fails its test when the browser refused something by policy or asked another host."""
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def only_here(request: Request) -> None:
        if not request.url.startswith((str(live_server), "data:")):
            faults.append(f"asked for {request.url}")

    page.on("request", only_here)
    yield page
    assert faults == []


@pytest.fixture
def signed_in(watched: Page, live_server: object, thornbury: Borough, client: Client) -> Page:
    """Amina at the queue, by the session's cookie alone: that signing in works is shown once, not before every test."""
    client.force_login(thornbury.amina)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(live_server)}
    watched.context.add_cookies([cookie])
    watched.goto(f"{live_server}/")
    return watched


def sign_in(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of a page, when ``MOOTHALL_SCREENSHOTS`` names a folder to keep it in."""
    folder = os.environ.get("MOOTHALL_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            width = (page.viewport_size or {"width": 0})["width"]
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

    return take


@pytest.fixture
def without_javascript(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(java_script_enabled=False).new_page()
