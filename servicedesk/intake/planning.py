"""What an import would do to the register: each row is new, changed, the same or refused."""

from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb import authority, item_state, registry
from cmdb.database import db
from cmdb.item_parts import Fill, IdentifierKind, ItemIdentifier
from cmdb.items import Item
from cmdb.key_lists import batches
from cmdb.reconcile import ASSET_TAG, FQDN, MAC, SERIAL, UID, UUID, Mark, Match, mark, match
from servicedesk.intake.columns import Column, columns_of
from servicedesk.intake.proposals import Cell, Plan, Planned, Proposal, Refusal, Verdict, name_mark
from servicedesk.intake.references import References
from servicedesk.intake.sheets import key_mark, key_text
from servicedesk.language import gettext as _

_STEP = 100  # rows between two tellings how far it is
_IDENTIFIERS = {IdentifierKind.UUID: UUID, IdentifierKind.MAC: MAC, IdentifierKind.FQDN: FQDN}


@dataclass(frozen=True)
class Known:
    """The items of one owner that rows may be about, and how each is told."""

    items: Mapping[int, Item]
    identifiers: Mapping[int, set[tuple[IdentifierKind, str]]]
    owner_id: int | None
    columns: Mapping[str, Mapping[str, Column]]


def known_items(owner_id: int | None, class_keys: Iterable[str], references: References) -> Known:
    """The items of these classes that the owner has; None is the centre."""
    keys = sorted(class_keys)
    specs = registry.classes()
    mine = Item.municipality_id == owner_id, Item.class_key.in_(keys)
    items = {item.id: item for item in db.session.scalars(sa.select(Item).where(*mine))}
    identifiers: dict[int, set] = defaultdict(set)
    for some in batches(list(items)):
        columns = ItemIdentifier.item_id, ItemIdentifier.kind, ItemIdentifier.value
        rows = sa.select(*columns).where(ItemIdentifier.item_id.in_(some))
        for item_id, kind, value in db.session.execute(rows):
            identifiers[item_id].add((kind, value))
    return Known(
        items, identifiers, owner_id, {key: columns_of(specs[key], references) for key in keys}
    )


def plan(
    proposals: Iterable[Proposal],
    known: Known,
    source: str,
    keys: Sequence[str] = (),
    reports_missing: bool = False,
) -> Plan:
    """Compare what a source says with the register; nothing is written.

    Args:
        source: who says it, as `cmdb.authority` ranks it.
        keys: the columns that together tell an item; without, marks do.
        reports_missing: whether the source names all that there is.
    """
    return finish(plan_steps(proposals, known, source, keys, reports_missing))


def plan_steps(
    proposals: Iterable[Proposal],
    known: Known,
    source: str,
    keys: Sequence[str] = (),
    reports_missing: bool = False,
) -> Generator[int, None, Plan]:
    """As `plan`; yields now and then how many rows are done, of which reading is the first half."""
    read = []
    for proposal in proposals:
        read.append(proposal)
        if len(read) % _STEP == 0:
            yield len(read) // 2
    proposals = read
    marks = {key: _marks(item, known, keys) for key, item in known.items.items()}
    matches = match([proposal.marks for proposal in proposals], marks)
    taken = _taken_elsewhere(proposals, known)
    told = authority.sources([each.item for each in matches if each.item is not None])
    rules, rows = authority.rules(source), []
    for at, (proposal, found) in enumerate(zip(proposals, matches, strict=True)):
        if at % _STEP == 0:
            yield (len(proposals) + at) // 2
        doubt = proposal.refusals or _doubt(proposal, found, known, proposals, taken)
        if doubt:
            rows.append(_refused(proposal, doubt, known))
        else:
            item = known.items.get(found.item)
            judge = _Judge(source, told.get(found.item, {}), rules)
            rows.append(_planned(proposal, item, known, judge))
    seen = {key for each in matches for key in (each.item, *each.rivals)}
    missing = sorted(item.uid for key, item in known.items.items() if key not in seen)
    return Plan(rows, missing if reports_missing else [])


def finish(steps: Generator[int, None, Any]) -> Any:
    """Take all steps; what they come to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _marks(item: Item, known: Known, keys: Sequence[str]) -> list[Mark]:
    columns = known.columns[item.class_key]
    if keys:
        found = [key_mark([key_text(columns[key].of(item), columns[key]) for key in keys])]
    else:
        found = [
            mark(UID, item.uid),
            mark(SERIAL, item.serial),
            mark(ASSET_TAG, item.asset_tag),
            mark(MAC, item.attributes.get("mac")),
            name_mark(item.class_key, item.name),
            *(
                mark(_IDENTIFIERS[kind], value)
                for kind, value in known.identifiers.get(item.id, ())
                if kind in _IDENTIFIERS
            ),
        ]
    return [one for one in found if one]


def _taken_elsewhere(proposals: Iterable[Proposal], known: Known) -> set[str]:
    """The numbers among those given that belong to an item of another class or owner."""
    ours = {item.uid for item in known.items.values()}
    given = [each.values["uid"] for each in proposals if each.values.get("uid")]
    strange = sorted(set(given) - ours)
    taken: set[str] = set()
    for some in batches(strange):
        taken.update(db.session.scalars(sa.select(Item.uid).where(Item.uid.in_(some))))
    return taken


def _doubt(
    proposal: Proposal,
    found: Match,
    known: Known,
    proposals: Sequence[Proposal],
    taken: set[str],
) -> tuple[Refusal, ...]:
    """Why it is not known which item a row is about, if so."""
    field, reason = None, ""
    if found.twins:
        rows = ", ".join(str(proposals[at].row) for at in found.twins)
        reason = _("Deze rij gaat over hetzelfde object als rij %(rows)s.", rows=rows)
    elif found.rivals:
        uids = ", ".join(sorted(known.items[key].uid for key in found.rivals)[:5])
        reason = _(
            "Deze rij past bij meer dan één object: %(uids)s. Vul het objectnummer in.", uids=uids
        )
    elif proposal.values.get("uid") in taken:
        field, reason = "uid", _("Dit objectnummer is van een andere soort of eigenaar.")
    elif found.item is None and not {**proposal.defaults, **proposal.values}.get("name"):
        field, reason = "name", _("Geef het object een naam.")
    return (Refusal(proposal.row, field, reason),) if reason else ()


def _refused(proposal: Proposal, refusals: tuple[Refusal, ...], known: Known) -> Planned:
    columns = known.columns[proposal.class_key]
    reasons = {refusal.field: refusal.reason for refusal in refusals if refusal.field}
    cells = [
        Cell(key, columns[key].label, "", _shown(value, columns[key]), Verdict.SAME)
        for key, value in proposal.values.items()
        if key not in reasons and key in columns
    ]
    cells += [
        Cell(key, columns[key].label if key in columns else key, "", "", Verdict.REFUSED, reason)
        for key, reason in reasons.items()
    ]
    return Planned(proposal, Verdict.REFUSED, cells=tuple(cells), refusals=refusals)


def _planned(proposal: Proposal, item: Item | None, known: Known, judge: "_Judge") -> Planned:
    columns = known.columns[item.class_key if item else proposal.class_key]
    values = proposal.values if item else {**proposal.defaults, **proposal.values}
    cells, written, refusals = [], {}, []
    for key, value in values.items():
        if key not in columns:
            continue
        cell = _cell(columns[key], item, value, judge)
        cells.append(cell)
        if cell.verdict == Verdict.REFUSED:
            refusals.append(Refusal(proposal.row, key, cell.reason))
        elif cell.verdict != Verdict.SAME:
            written[key] = value
    fresh = _fresh_identifiers(proposal, item, known)
    verdict = Verdict.NEW if item is None else Verdict.CHANGED if written or fresh else Verdict.SAME
    planned = Planned(proposal, verdict, item, written, fresh, tuple(cells), tuple(refusals))
    if verdict == Verdict.SAME:
        return planned
    try:
        item_state.accepted(
            fields(planned, columns), registry.classes()[planned_class(planned)], item
        )
    except ValueError as error:
        return _refused(proposal, (Refusal(proposal.row, None, str(error)),), known)
    return planned


@dataclass(frozen=True)
class _Judge:
    """Whether a source may write: who told the fields last, and what was said of each field."""

    source: str
    told: Mapping[str, str]
    rules: Mapping[str, Fill]

    def objection(self, key: str, is_filled: bool) -> str:
        """Why the source may not write this field; blank when it may."""
        name, rule = self.source.partition(" ")[0], self.rules.get(key)
        if rule == Fill.NEVER:
            return _("Dit veld vullen wij niet uit %(source)s.", source=name)
        if rule == Fill.EMPTY and is_filled:
            return _("Dit veld is al gevuld. Uit %(source)s vullen wij het alleen als het leeg is.",
                     source=name)  # fmt: skip
        told_by = self.told.get(key, "")
        if told_by and not authority.may_overwrite(self.source, told_by):
            return _precedence(told_by)
        return ""


def _cell(column: Column, item: Item | None, value: Any, judge: _Judge) -> Cell:
    new = _shown(value, column)
    former = None if item is None else column.of(item)
    old = _shown(former, column)
    if item is not None and (former == value or (column.key == "uid" and item.uid == value)):
        return Cell(column.key, column.label, old, new, Verdict.SAME)
    if objection := judge.objection(column.key, bool(old)):
        return Cell(column.key, column.label, old, new, Verdict.REFUSED, objection)
    verdict = Verdict.NEW if item is None else Verdict.CHANGED
    return Cell(column.key, column.label, old, new, verdict)


def _precedence(told_by: str) -> str:
    if told_by == authority.CONFIRMED:
        return _("Iemand heeft dit zelf bevestigd. Wijzig het op de pagina van het object.")
    if told_by == authority.HAND:
        return _("Iemand heeft dit zelf ingevuld. Wijzig het op de pagina van het object.")
    return _("Dit veld komt van %(source)s, en dat gaat voor.", source=told_by)


def _shown(value: Any, column: Column) -> str:
    return "" if value is None else column.write(value)


def _fresh_identifiers(
    proposal: Proposal, item: Item | None, known: Known
) -> tuple[tuple[IdentifierKind, str], ...]:
    there = known.identifiers.get(item.id, set()) if item else set()
    return tuple(pair for pair in proposal.identifiers if pair not in there)


def planned_class(row: Planned) -> str:
    return row.item.class_key if row.item else row.proposal.class_key


def fields(row: Planned, columns: Mapping[str, Column]) -> dict[str, Any]:
    """What is to be written, as the fields of an `Item`."""
    values: dict[str, Any] = {}
    attributes = dict(row.item.attributes) if row.item else {}
    for key, value in row.values.items():
        if columns[key].is_attribute:
            attributes[key] = value
        else:
            values[columns[key].field] = value
    return {
        **values,
        "attributes": {key: one for key, one in attributes.items() if one is not None},
    }
