"""Files that go out: to be kept, never to be shown."""

from typing import BinaryIO

from flask import Response, send_file


def as_download(data: BinaryIO, name: str, content_type: str) -> Response:
    """A file to keep, that a browser never shows as a page of this site."""
    answer = send_file(
        data, mimetype=content_type, as_attachment=True, download_name=name, etag=False
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer
