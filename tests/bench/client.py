"""A signed-in browser over one kept connection, as little work as can be."""

import gzip
import http.client
from html.parser import HTMLParser
from urllib.parse import urlencode


class Failed(Exception):
    """An answer that is not what the operation expects."""


class Form(HTMLParser):
    """The fields of the form in `page` that is sent to a path ending in `action`, as they stand there.

    Of radio buttons without a choice the first is taken.
    """

    def __init__(self, page: bytes, action: str):
        super().__init__()
        self._action, self._is_inside, self._select = action, False, ""
        self.path = ""
        self.fields: dict[str, str] = {}
        self.feed(page.decode())
        if not self.path:
            raise Failed(f"no form is sent to {action}")

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        name, value = values.get("name"), values.get("value") or ""
        if tag == "form":
            # Without an action a form is sent to its own page, which is the one that is asked for.
            target = (values.get("action") or self._action).partition("?")[0]
            self._is_inside = not self.path and target.endswith(self._action)
            self.path = target if self._is_inside else self.path
        elif not self._is_inside:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in values or self._select not in self.fields):
            self.fields[self._select] = value
        elif tag == "textarea" and name:
            self.fields[name] = ""
        elif tag == "input" and name:
            self._input(name, value, values)

    def handle_endtag(self, tag):
        if tag == "form":
            self._is_inside = False

    def _input(self, name: str, value: str, values: dict) -> None:
        kind = values.get("type", "text")
        if kind in ("file", "submit") or kind == "checkbox" and "checked" not in values:
            return
        if kind != "radio" or "checked" in values or name not in self.fields:
            self.fields[name] = value


def plain(content: bytes) -> bytes:
    """What was sent, as it is read."""
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


class Client:
    """Keeps its cookies; follows redirects."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def sign_in(
        self, login: str, password: str, path: str = "/signin", field: str = "login"
    ) -> "Client":
        form = Form(self.page(path), path)
        page = self.post(form.path, form.fields | {field: login, "password": password})
        if b'name="password"' in plain(page):
            raise Failed(f"{login} cannot sign in")
        return self

    def get(self, path: str) -> bytes:
        """The page at `path`, compressed, as a browser asks it."""
        return self._request("GET", path)

    def page(self, path: str) -> bytes:
        """The page at `path` as it is read."""
        return plain(self.get(path))

    def post(self, path: str, form: dict[str, str]) -> bytes:
        """Send a form; the page that comes after it, compressed."""
        return self._request("POST", path, urlencode(form))

    def close(self) -> None:
        self._connection.close()

    def _request(self, method: str, path: str, body: str | None = None) -> bytes:
        headers = {
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        response = self._answer(method, path, body, headers)
        content = response.read()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status in (302, 303):
            return self._request("GET", response.headers["Location"])
        if response.status != 200:
            raise Failed(f"{method} {path}: {response.status}")
        return content

    def _answer(self, *request) -> http.client.HTTPResponse:
        """The server closes what was idle for two seconds; a browser then connects again."""
        try:
            self._connection.request(*request)
            return self._connection.getresponse()
        except ConnectionError:
            self._connection.close()
            self._connection.request(*request)
            return self._connection.getresponse()
