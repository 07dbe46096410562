"""Lines of the log: what somebody sent can neither begin a line of its own nor colour a screen."""

import logging
import sys
from types import TracebackType

from flask import Flask
from flask.logging import default_handler

FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


class OneLine(logging.Formatter):
    """Writes control characters as their escapes, and indents the lines of a traceback."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _escaped(record.message)
        return super().formatMessage(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"    {_escaped(line)}" for line in lines)


def init_app(app: Flask) -> None:
    """For the web processes."""
    default_handler.setFormatter(OneLine(FORMAT))
    app.logger.setLevel(logging.WARNING)


def start() -> None:
    """For a process that is no web server: warnings and errors to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _escaped(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
