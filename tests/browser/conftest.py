"""One Chromium and one site for all browser tests; every test has browsers of its own."""

import os
import re
import shutil

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.site import Site

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
# Chromium reports each answer that is not 2xx, also where that is the page: a form that came back.
REFUSED = re.compile(r"Failed to load resource: .* status of (404|409|422) ")

PATIENCE = 30_000  # milliseconds; what is right comes at once, but on a busy machine later
expect.set_options(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def session():
    """No transaction around these tests: the site is another process."""


@pytest.fixture(scope="package")
def chromium():
    program = shutil.which("chromium")
    if program is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(request, chromium, tmp_path_factory):
    """The demo, running on the chosen kind of database."""
    instance = tmp_path_factory.mktemp("site")
    if request.config.getoption("--database") == "postgresql":
        urls = request.getfixturevalue("cluster").create("browser")
    else:
        urls = [f"sqlite:///{instance}/site.db"] * 2
    site = Site(*urls, instance)
    yield site
    site.stop()


class Visits:
    """The browsers in which people visit the site, and what their pages reported on the console."""

    def __init__(self, chromium: Browser, site: Site):
        self._chromium, self._site = chromium, site
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def open(self, login: str | None, script: bool = True, **options) -> Page:
        """A page of a new browser in which `login` is signed in; None is anybody."""
        if login:
            options["storage_state"] = self._site.session_of(login, self._chromium)
        context = self._chromium.new_context(
            base_url=self._site.url,
            java_script_enabled=script,
            locale="nl-NL",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda message: _note(message, self.problems))
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        self._contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def visit(chromium: Browser, site: Site):
    """`visit("daan")` opens a browser in which he is signed in; `visit(None)` is anybody.

    Whatever a page reports on its console, a broken Content-Security-Policy among it, fails the test.
    """
    visits = Visits(chromium, site)
    yield visits.open
    visits.close()
    assert not visits.problems


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def script(request) -> bool:
    """Whether the browser runs scripts: every main task works both ways."""
    return request.param


def _note(message: ConsoleMessage, problems: list[str]) -> None:
    address = message.location["url"]
    is_page = message.page and message.page.url == address
    if message.type in ("error", "warning") and not (is_page and REFUSED.match(message.text)):
        problems.append(f"{message.text} ({address})")
