"""What a browser fetches at the first and at the second visit of the queue, told by Chromium."""

import shutil
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from tests.bench import load
from tests.bench.operations import QUEUE
from tests.bench.result import Result


def measure(port: int, large: bool) -> Iterator[Result]:
    """Requests and kB over the network, headers included."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        address = f"http://127.0.0.1:{port}"
        signed_in = browser.new_context()
        _sign_in(signed_in.new_page(), address)
        cookies = signed_in.cookies()
        # Signed in already, but with nothing of the site in the cache.
        context = browser.new_context()
        context.add_cookies(cookies)
        page = context.new_page()
        first, second = _visit(page, address + QUEUE), _visit(page, address + QUEUE)
        browser.close()
    bounds = ((8, 4), (200, 80), (3, 1), (15, 10)) if large else ((None, None),) * 4
    yield Result("queue, first visit", "requests", first[0], *bounds[0])
    yield Result("queue, first visit", "kB", first[1], *bounds[1])
    yield Result("queue, second visit", "requests", second[0], *bounds[2])
    yield Result("queue, second visit", "kB", second[1], *bounds[3])


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/signin")
    page.fill("[name=login]", load.AGENT)
    page.fill("[name=password]", load.PASSWORD)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_load_state("load")


def _visit(page: Page, url: str) -> tuple[int, float]:
    """Requests that went over the network, and their kB."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    cached: set[str] = set()
    sizes: dict[str, float] = {}
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on("Network.responseReceived", lambda event: _note_cache(event, cached))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(url, wait_until="networkidle")
    session.detach()
    fetched = [size for key, size in sizes.items() if key not in cached]
    return len(fetched), sum(fetched) / 1000


def _note_cache(event: dict, cached: set[str]) -> None:
    if event["response"].get("fromDiskCache"):
        cached.add(event["requestId"])
