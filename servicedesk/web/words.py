"""Moments, spans, sizes and states in words, for every template."""

import datetime as dt
import re
from typing import NamedTuple

from flask import Flask, url_for
from flask_babel import get_locale
from markupsafe import Markup

from cmdb.database import utc_now
from servicedesk.language import gettext as _
from servicedesk.moments import (
    clock_time,
    day,
    duration,
    moment,
    month_short,
    weekday_short,
    written_day,
    written_moment,
)
from servicedesk.tickets import labels
from servicedesk.web import translations

# A deadline is amber once four fifths of the promise are used up.
_AMBER = 0.8
_NUMBER = re.compile(r"\b(M\d{4}-\d{4,9})\b", re.ASCII)


def init_app(app: Flask) -> None:
    translations.init_app(app)
    app.add_template_filter(moment)
    app.add_template_filter(clock_time)
    app.add_template_filter(day)
    app.add_template_filter(duration)
    app.add_template_filter(file_size)
    app.add_template_filter(weekday_short)
    app.add_template_filter(month_short)
    app.add_template_filter(written_day)
    app.add_template_filter(written_moment)
    app.add_template_filter(midsentence)
    app.add_template_filter(ticket_links)
    app.add_template_global(labels, "labels")
    app.add_template_global(utc_now, "now")


def ticket_links(text: str) -> Markup:
    """`text` in which each number of a ticket leads to its page at the desk."""
    parts = _NUMBER.split(text)  # what stands between the numbers, and the numbers
    return Markup("").join(
        Markup('<a href="{}">{}</a>').format(url_for("desk.ticket", number=part), part)
        if index % 2
        else part
        for index, part in enumerate(parts)
    )


def midsentence(label: str) -> str:
    """A label as it stands inside a sentence: a word loses its capital, an abbreviation keeps it."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def file_size(size: int) -> str:
    """A size in kB or MB, with the decimal mark of the language."""
    if size < 1000 * 1000:
        return f"{max(1, round(size / 1000))} kB"
    text = f"{size / 1_000_000:.1f} MB"
    return text if get_locale() and get_locale().language == "en" else text.replace(".", ",")


class Chip(NamedTuple):
    """A deadline in a few words, and in full; `kind` chooses its colour and drawing."""

    kind: str
    text: str
    title: str


def sla_chip(
    due_at: dt.datetime | None,
    state: str | None,
    used_share: float,
    breached: bool,
    now: dt.datetime,
) -> Chip:
    """The chip of a deadline.

    Args:
        state: of the clock: running, paused, stopped, cancelled; None when nothing is promised.
        used_share: the part of the target that is used up, 1.0 at the deadline.
    """
    title = _("Streefdatum %(moment)s", moment=moment(due_at, now)) if due_at else ""
    if state == "paused":
        return Chip("pause", _("gepauzeerd"), title)
    if state == "running" and due_at:
        left = int((due_at - now).total_seconds())
        if left <= 0:
            return Chip("late", _("%(span)s te laat", span=duration(-left)), title)
        text = _("nog %(span)s", span=duration(left))
        return Chip("warn" if used_share >= _AMBER else "ok", text, title)
    if state == "stopped":
        if breached:
            return Chip("missed", _("te laat klaar"), title)
        return Chip("met", _("op tijd klaar"), title)
    return Chip("none", _("geen afspraak"), title)
