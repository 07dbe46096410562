"""Bring the catalogs under servicedesk/translations up to date with the code and the templates.

For developers: `make translations`. Message ids are the Dutch texts themselves, so Dutch needs no
catalog. New messages get an empty translation to fill in, messages that no page says any more are
dropped, and nothing is guessed. The .mo files are committed beside the .po files, so neither
installing nor serving compiles anything. tests/test_translations.py says what is still missing.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cmdb.classes import DECLARED
from cmdb.classes_common import COMMON
from cmdb.relations import BUILT_IN

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "servicedesk" / "translations"
LOCALES = ("en", "fy")
SOURCES = {
    "python": ("servicedesk/**/*.py", "sla/**/*.py", "cmdb/**/*.py"),
    "jinja2": ("templates/**/*.html", "templates/**/*.txt"),
}
KEYWORDS = DEFAULT_KEYWORDS | {
    "lazy_gettext": None, "lazy_ngettext": (1, 2), "Said": None, "Unfit": None,
}  # fmt: skip
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
# What would change in each run, though no message does.
VOLATILE = re.compile(rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By):.*\n', re.MULTILINE)
STAMP = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HEADER = "# The texts of Servicepunt; see .ci/translations.py."


def messages() -> Catalog:
    """All messages of the code and the templates, untranslated."""
    found = Catalog(fuzzy=False)
    for method, patterns in SOURCES.items():
        options = OPTIONS if method == "jinja2" else {}
        for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
            extracted = extract_from_file(method, path, KEYWORDS, options=options)
            for _line, message, _comments, context in extracted:
                found.add(message, context=context)
    for word in vocabulary():
        found.add(word)
    return found


def vocabulary() -> Iterator[str]:
    """The words of the built-in classes and relations, which are data and no calls."""
    for spec in DECLARED:
        yield spec.name
    for attribute in (*(one for spec in DECLARED for one in spec.attributes), *COMMON):
        yield attribute.label
        yield from attribute.choices
    for kind in BUILT_IN.values():
        yield kind.name
        yield kind.reverse


def path_of(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    """The catalog of a language as it is committed; an empty one when it is new."""
    path = path_of(locale)
    content = path.read_bytes() if path.exists() else b""
    catalog = read_po(io.BytesIO(content), locale=locale)
    catalog.header_comment, catalog.fuzzy = HEADER, False
    catalog.project, catalog.version = "servicedesk", ""
    catalog.language_team, catalog.last_translator = catalog.locale_identifier, "the maintainers"
    catalog.msgid_bugs_address = ""
    catalog.creation_date = catalog.revision_date = STAMP
    return catalog


def updated(locale: str, template: Catalog) -> Catalog:
    """The catalog of a language with the messages of `template`, and no others."""
    catalog = read(locale)
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def po(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, no_location=True, sort_output=True, ignore_obsolete=True)
    return VOLATILE.sub(b"", buffer.getvalue())


def mo(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def main() -> None:
    """Write every catalog, and say how many messages still wait for a translation."""
    template = messages()
    for locale in LOCALES:
        catalog = updated(locale, template)
        path = path_of(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po(catalog))
        path.with_suffix(".mo").write_bytes(mo(catalog))
        texts = [message for message in catalog if message.id]
        empty = sum(not all(message.string if message.pluralizable else [message.string]) for message in texts)
        print(f"{locale}: {len(texts)} messages, {empty} not translated")


if __name__ == "__main__":
    main()
