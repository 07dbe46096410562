"""Static files: one stylesheet joined from its parts, and addresses that carry a content hash.

Everything happens once, when the application starts, and without Node: the files are small enough
to keep in memory. A page asks `asset("app.css")`; the answer may be cached for ever, because a
changed file gets another address.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Response, abort, request

STATIC = Path(__file__).parent / "static"
STYLESHEETS = (
    "tokens",
    "base",
    "layout",
    "rail",
    "buttons",
    "badges",
    "filters",
    "tabs",
    "tables",
    "detail",
    "forms",
    "messages",
    "portal",
    "duty",
    "report",
    "item",
    "inventory",
    "quality",
    "choosing",
    "facets",
    "stickers",
    "account",
    "search",
    "impact",
    "roster",
    "roster_month",
    "roster_parts",
    "states",
    "access",
    "narrow",
    "print",
)
FOREVER = "public, max-age=31536000, immutable"
MIMETYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
STRING_OR_NOISE = re.compile(r'("[^"\n]*")|/\*.*?\*/|\s+', re.DOTALL)
AROUND_PUNCTUATION = re.compile(r'("[^"\n]*")|\s*([{};,])\s*')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: `url` holds the first 12 hexadecimal digits of its SHA-256."""

    url: str
    digest: str
    mimetype: str
    body: bytes
    gzipped: bytes | None


def minify(css: str) -> str:
    """Leave out comments and superfluous white space; strings are left alone."""
    css = STRING_OR_NOISE.sub(lambda found: found[1] or " ", css)
    css = AROUND_PUNCTUATION.sub(lambda found: found[1] or found[2], css)
    return css.replace(";}", "}").strip()


def pack(name: str, body: bytes, prefix: str = "") -> Asset:
    """The asset for `body`; text is compressed once, here."""
    mimetype = MIMETYPES[Path(name).suffix]
    digest = hashlib.sha256(body).hexdigest()[:12]
    gzipped = None if mimetype.startswith("font/") else gzip.compress(body, mtime=0)
    return Asset(f"{prefix}/static/{digest}/{name}", digest, mimetype, body, gzipped)


class Assets:
    """The static files of the product by name (`vendor/icons.svg`), read once from `folder`."""

    def __init__(self, folder: Path = STATIC, prefix: str = ""):
        self.files = {
            path.relative_to(folder).as_posix(): pack(
                path.relative_to(folder).as_posix(), path.read_bytes(), prefix
            )
            for path in sorted(folder.rglob("*"))
            if path.suffix in MIMETYPES and path.suffix != ".css"
        }
        self.files["app.css"] = pack("app.css", self._stylesheet(folder), prefix)

    def url(self, name: str) -> str:
        """The address of the file called `name`; KeyError when there is no such file."""
        return self.files[name].url

    def _stylesheet(self, folder: Path) -> bytes:
        parts = [(folder / "css" / f"{name}.css").read_text("utf-8") for name in STYLESHEETS]
        return re.sub(r'url\("\.\./([^"]+)"\)', self._relative, minify("".join(parts))).encode()

    def _relative(self, found: re.Match) -> str:
        """A url() inside the stylesheet, which itself lives at /static/<digest>/app.css."""
        return f'url("../{self.files[found[1]].digest}/{found[1]}")'

    def respond(self, digest: str, name: str) -> Response:
        """The file; kept for ever by the browser, but not when the digest is an older one."""
        found = self.files.get(name) or abort(404)
        packed = found.gzipped is not None and "gzip" in request.accept_encodings
        response = Response(found.gzipped if packed else found.body, mimetype=found.mimetype)
        response.headers["Cache-Control"] = FOREVER if digest == found.digest else "no-cache"
        if found.gzipped is not None:
            response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        return response


def init_assets(app) -> None:
    """Serve the static files of `app` (made with static_folder=None) and give pages `asset()`."""
    assets = Assets(prefix=app.config.get("APPLICATION_ROOT", "/").rstrip("/"))
    app.add_url_rule("/static/<digest>/<path:name>", "assets", assets.respond)
    app.jinja_env.globals["asset"] = assets.url
