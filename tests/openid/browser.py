"""A browser at the provider, as far as its pages need one: cookies, redirects and plain forms."""

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


class Browser:
    """Goes on by itself at the provider, and stops where the provider sends it elsewhere."""

    def __init__(self):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar, _Stay, urllib.request.ProxyHandler({}))
        self.url = self.text = ""
        self.status = 0

    def open(self, url: str, form: dict | None = None) -> str:
        """Go there; the address elsewhere to which that leads, or "" when there is a page."""
        origin = urllib.parse.urlsplit(url)[:2]
        while True:
            data = None if form is None else urllib.parse.urlencode(form).encode()
            try:
                answer = self._opener.open(url, data, timeout=20)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                self.url, self.status, self.text = url, answer.status, answer.read().decode()
                target = answer.headers.get("Location")
            if not target:
                return ""
            url, form = urllib.parse.urljoin(url, target), None
            if urllib.parse.urlsplit(url)[:2] != origin:
                return url

    def submit(self, **values) -> str:
        """Send the first form of the page, with these values in it."""
        action, hidden = self.form()
        return self.open(action, hidden | values)

    def form(self) -> tuple[str, dict[str, str]]:
        """Where the first form of the page goes, and what is hidden in it."""
        action = html.unescape(re.search(r'<form[^>]*action="([^"]*)"', self.text)[1])
        hidden = {}
        for tag in re.findall(r"<input[^>]*>", self.text):
            found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            if found.get("type") == "hidden":
                hidden[found["name"]] = html.unescape(found["value"])
        return urllib.parse.urljoin(self.url, action), hidden
