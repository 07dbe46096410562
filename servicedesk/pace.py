"""How often a caller may ask: so many times in a stretch, in each process."""

import datetime as dt
from collections import defaultdict, deque


class Pace:
    """At most `limit` calls within `window` from one caller; `most` callers are remembered."""

    def __init__(self, limit: int, window: dt.timedelta, most: int = 10_000):
        self.limit, self.window, self.most = limit, window, most
        self._calls: dict[str, deque[dt.datetime]] = defaultdict(deque)

    def admits(self, caller: str, now: dt.datetime) -> bool:
        """Count a call, unless the caller is over the limit already."""
        if len(self._calls) >= self.most and caller not in self._calls:
            self._calls.clear()
        calls = self._calls[caller]
        while calls and calls[0] <= now - self.window:
            calls.popleft()
        if len(calls) >= self.limit:
            return False
        calls.append(now)
        return True
