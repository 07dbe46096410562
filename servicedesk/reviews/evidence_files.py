"""The proof as one ZIP file: a page to read first, all of it as JSON, and each table as CSV."""

import datetime as dt
import html
import io
import json
import zipfile
from collections.abc import Iterable, Mapping

from cmdb.localtime import local
from servicedesk.reports import sheets
from servicedesk.reviews import evidence
from servicedesk.reviews.evidence import Part
from servicedesk.reviews.measures import MEASURES, UNNUMBERED

ZIP_TYPE = "application/zip"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem;font-size:.9rem}"
    "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}"
)


def as_zip(config: Mapping[str, object], now: dt.datetime) -> bytes:
    """Everything of `evidence.parts`; in scope `EVERYTHING`, reading only."""
    found = evidence.parts(config, now)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("index.html", _page(found, config, now))
        book.writestr("bewijs.json", json.dumps(_as_json(found, now), ensure_ascii=False, indent=1))
        for part in found:
            book.writestr(f"{part.key}.csv", sheets.as_csv(part.sheets))
    return stream.getvalue()


def name(now: dt.datetime) -> str:
    return f"bio2-bewijs-{local(now):%Y-%m-%d}.zip"


def _as_json(found: Iterable[Part], now: dt.datetime) -> dict[str, object]:
    return {
        "made_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "source": "BIO2 v1.3, 2026-01-09",
        "measures": [
            {"numbers": one.numbers.split(", "), "asks": one.asks, "parts": one.parts, "note": one.note}
            for one in MEASURES
        ],
        "parts": {part.key: {"title": part.title, "note": part.note, "tables": _tables(part)}
                  for part in found},
    }  # fmt: skip


def _tables(part: Part) -> list[dict[str, object]]:
    return [
        {
            "title": sheet.title,
            "columns": [column.label for column in sheet.columns],
            "rows": [[_plain(cell.value) for cell in row] for row in sheet.rows],
        }
        for sheet in part.sheets
    ]


def _plain(value: sheets.Value) -> str | int | float | None:
    return value.isoformat() if isinstance(value, dt.date) else value


def _page(found: list[Part], config: Mapping[str, object], now: dt.datetime) -> str:
    titles = {part.key: part.title for part in found}
    measures = [
        [one.numbers, one.asks, ", ".join(titles[key] for key in one.parts) or "geen", one.note]
        for one in MEASURES
    ]
    lines = [
        "<!DOCTYPE html>", '<html lang="nl"><head><meta charset="utf-8">',
        f"<title>Bewijs voor BIO2, {_text(config['CENTRE_NAME'])}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Bewijs voor BIO2: {_text(config['CENTRE_NAME'])}</h1>",
        f"<p>Gemaakt op {local(now):%d-%m-%Y om %H:%M} door het product zelf. De nummers zijn die van de"
        " overheidsmaatregelen in BIO2, versie 1.3 van 9 januari 2026. De officiële tekst staat op"
        " bio-overheid.nl. Wat het product niet doet of niet weet, staat er ook bij.</p>",
        "<h2>Maatregelen</h2>",
        _table(["Nummer", "Wat gevraagd wordt", "Bewijs in", "Opmerking"], measures),
        f"<p>Zonder nummer in onze bron, wel gevraagd: {', '.join(titles[key] for key in UNNUMBERED)}.</p>",
    ]  # fmt: skip
    for part in found:
        lines += [f'<h2 id="{part.key}">{_text(part.title)}</h2>', f"<p>{_text(part.note)}</p>"]
        for sheet in part.sheets:
            rows = [[cell.value for cell in row] for row in sheet.rows]
            lines += [f"<h3>{_text(sheet.title)}</h3>"] * (len(part.sheets) > 1)
            lines.append(_table([column.label for column in sheet.columns], rows))
        lines.append(f"<p>Ook in {part.key}.csv en in bewijs.json.</p>")
    return "\n".join([*lines, "</body></html>\n"])


def _table(columns: list[str], rows: list[list[object]]) -> str:
    head = "".join(f'<th scope="col">{_text(label)}</th>' for label in columns)
    if not rows:
        return "<p>Niets vastgelegd.</p>"
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_text(value)}</td>" for value in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(value: object) -> str:
    return "" if value is None else html.escape(str(value))
