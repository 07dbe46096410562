"""What the queue costs to fetch, told by Chromium: requests and bytes over the network."""

from playwright.sync_api import Page

FIRST, SECOND = (
    (8, 200_000),
    (8, 15_000),
)  # requests, bytes; a later visit has the assets in its cache


def test_the_queue_is_light(visit):
    page = visit("daan")
    for budget in (FIRST, SECOND):
        sizes = fetched(page, "/desk?view=all&status=any")
        assert page.locator(".row").count() == 50
        assert len(sizes) <= budget[0]
        assert sum(sizes) <= budget[1]


def fetched(page: Page, url: str) -> list[int]:
    """The bytes of each answer that went over the network, headers included."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    cached, sizes = set(), {}
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on(
        "Network.responseReceived",
        lambda event: (
            cached.add(event["requestId"]) if event["response"].get("fromDiskCache") else None
        ),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(url, wait_until="networkidle")
    session.detach()
    return [size for key, size in sizes.items() if key not in cached]
