"""The rows of a table as proposals for items of one class."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.catalogue import ItemClassSpec
from cmdb.items import Hosting
from cmdb.organisation import Municipality
from cmdb.reconcile import ASSET_TAG, FQDN, KEY, MAC, SERIAL, UID, Mark, mark
from servicedesk.intake.columns import CLASS, CLEARED, OWNER, Column
from servicedesk.intake.proposals import Proposal, Refusal, name_mark
from servicedesk.intake.tables import LONGEST_CELL, TableRow
from servicedesk.language import gettext as _

# A cell that a spreadsheet would run: =1+1, @SUM(A1), +cmd|'/C calc'!A0; not +31 251 25 62 56.
_FORMULA = re.compile(r"=|[+\-@]\s*[a-z]+\(|[+\-@].*\|.*!", re.IGNORECASE | re.DOTALL)
# What a spreadsheet shows where its formula failed, in English and in Dutch.
_FAILED = re.compile(
    r"#(REF|N/A|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|VERW|N/B|WAARDE|NAAM|DEEL/0|LEEG|GETAL)[!?]?",
    re.IGNORECASE,
)
_LOST = "\ufffd"  # stands for a letter that could not be read
# How our own export keeps a text from being taken for a formula.
_QUOTED = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠])")
_KIND_OF_KEY = {"serial": SERIAL, "asset_tag": ASSET_TAG, "mac": MAC, "hostname": FQDN}


@dataclass(frozen=True)
class Sheet:
    """How a table is read: the class and owner of its items, and the field of each place.

    `keys` are the fields that together tell an item; without, its marks do.
    """

    spec: ItemClassSpec
    owner: Municipality | None
    columns: Mapping[str, Column]
    fields: Mapping[int, str]
    width: int
    keys: Sequence[str] = ()

    def check(self) -> None:
        """Accept the columns and the chosen keys.

        Raises:
            ValueError: no column is a field, or a key is no field or no column; one Dutch sentence.
        """
        if not self.fields:
            raise ValueError(
                _("Geen enkele kolom heet als een veld. Kijk of de koppen op rij 1 staan.")
            )
        for key in self.keys:
            if key not in self.columns:
                raise ValueError(
                    _("'%(key)s' is geen veld van %(name)s.", key=key, name=self.spec.name)
                )
            if key not in self.fields.values():
                raise ValueError(
                    _("Het bestand heeft geen kolom voor de sleutel '%(key)s'.", key=key)
                )


def proposals(rows: Iterable[TableRow], sheet: Sheet) -> Iterator[Proposal]:
    """What each row says; what cannot be read is refused with its reason."""
    for row in rows:
        yield _proposal(row, sheet)


def _proposal(row: TableRow, sheet: Sheet) -> Proposal:
    values: dict[str, Any] = {}
    refusals = []
    if len(row.cells) > sheet.width:
        refusals.append(
            Refusal(row.number, None, _("Deze rij heeft meer cellen dan er koppen zijn."))
        )
    for at, key in sheet.fields.items():
        text = row.cells[at]
        if not text:
            continue
        try:
            if key in (CLASS, OWNER):
                _check_place(key, text, sheet)
            else:
                values[key] = _value(text, sheet.columns[key], sheet.spec)
        except ValueError as error:
            refusals.append(Refusal(row.number, key, str(error)))
    if not refusals:
        refusals = [Refusal(row.number, key, why) for key, why in _unfit(values, sheet)]
    return Proposal(
        row=row.number,
        class_key=sheet.spec.key,
        values=values,
        marks=tuple(_marks(values, sheet)),
        defaults={"hosting": Hosting.AT_MUNICIPALITY if sheet.owner else Hosting.CENTRAL},
        refusals=tuple(refusals),
    )


def _value(text: str, column: Column, spec: ItemClassSpec) -> Any:
    if len(text) > LONGEST_CELL:
        raise ValueError(_("Deze cel heeft meer dan 10.000 tekens. Maak de tekst korter."))
    if text.casefold() in CLEARED:
        if not column.can_be_cleared:
            raise ValueError(_("Dit veld kan niet leeg zijn."))
        return column.empty
    if _FAILED.fullmatch(text):
        raise ValueError(_("Deze cel bevat een fout van Excel. Zet er de waarde zelf in."))
    if _LOST in text:
        raise ValueError(
            _("Deze cel bevat een onleesbaar teken. Sla het bestand op als CSV UTF-8, of herstel het.")
        )
    if _FORMULA.match(text):
        raise ValueError(_("Deze cel bevat een formule. Zet er de waarde zelf in."))
    value = column.read(_QUOTED.sub("", text))
    if column.key == "uid" and not re.fullmatch(rf"{spec.prefix}-\d{{1,9}}", value):
        raise ValueError(
            _("Een objectnummer van deze soort ziet eruit als %(prefix)s-0001.", prefix=spec.prefix)
        )
    return value


def _check_place(key: str, text: str, sheet: Sheet) -> None:
    if key == CLASS:
        names, meant = (sheet.spec.key, sheet.spec.name), sheet.spec.name
    elif sheet.owner:
        names, meant = (sheet.owner.code, sheet.owner.name), sheet.owner.name
    else:
        names, meant = ("", _("Servicecentrum")), _("Servicecentrum")
    if text.casefold() not in [name.casefold() for name in names]:
        raise ValueError(_("Dit bestand is voor %(meant)s.", meant=meant))


def _unfit(values: Mapping[str, Any], sheet: Sheet) -> Iterator[tuple[str, str]]:
    for key in sheet.keys:
        if _key_text(values, key, sheet) is None:
            yield key, _("Vul dit veld in: het is de sleutel waarmee wij het object zoeken.")
    if values.get("deputy") is not None and values["deputy"] == values.get("manager"):
        yield "deputy", _("De vervanger is iemand anders dan de beheerder")


def _marks(values: Mapping[str, Any], sheet: Sheet) -> Iterator[Mark]:
    if sheet.keys:
        if found := key_mark([_key_text(values, key, sheet) for key in sheet.keys]):
            yield found
        return
    for kind, key in ((UID, "uid"), (SERIAL, "serial")):
        if found := mark(kind, values.get(key)):
            yield found
    if found := name_mark(sheet.spec.key, values.get("name") or ""):
        yield found


def key_mark(texts: Sequence[str | None]) -> Mark | None:
    """The mark of chosen keys; None unless all are known."""
    return mark(KEY, "\x1f".join(texts)) if all(texts) else None


def _key_text(values: Mapping[str, Any], key: str, sheet: Sheet) -> str | None:
    return key_text(values.get(key), sheet.columns[key])


def key_text(value: Any, column: Column) -> str | None:
    """A key as it is compared; None when it is blank, or what a maker forgot to fill."""
    text = "" if value is None else column.write(value).strip()
    kind = _KIND_OF_KEY.get(column.key)
    return None if not text or (kind and mark(kind, text) is None) else text
