"""The round of whoever is signed in: the few items to confirm, or to correct, on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from cmdb import drift, item_state, registry
from cmdb.database import db, utc_now
from cmdb.item_parts import Observation
from cmdb.items import Item
from cmdb.permissions import Permission, visible
from servicedesk.access import me, requires
from servicedesk.inventory import entry, fields, words
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _
from servicedesk.quality import rounds
from servicedesk.quality.models import Question
from servicedesk.web.quality_tabs import tabs

pages = Blueprint("item_rounds", __name__)


@dataclass
class Line:
    """A field of an item on the form: as it stands in the register, and as it is typed."""

    field: Field
    name: str
    agreed: str
    typed: str
    error: str = ""

    @property
    def is_changed(self) -> bool:
        return self.typed != self.agreed


@dataclass
class Block:
    """An item to confirm; `seen` are the sentences of what an inventory saw otherwise."""

    question: Question
    item: Item
    lines: list[Line]
    is_right: bool
    seen: Sequence[str] = ()
    error: str = ""
    values: list[tuple[Field, Any]] = field(default_factory=list)

    @property
    def version_name(self) -> str:
        return f"{self.question.id}-version"


@pages.get("/items/round")
@requires(Permission.ITEM_CERTIFY)
def index():
    return _page(_blocks({}))


@pages.post("/items/round")
@requires(Permission.ITEM_CERTIFY)
def answer():
    now, blocks = utc_now(), _blocks(request.form)
    chosen = [block for block in blocks if block.is_right]
    for block in chosen:
        _read(block)
    if any(block.error or any(line.error for line in block.lines) for block in chosen):
        return _page(blocks, _("Niet alles is te bewaren. Kijk bij de rode teksten.")), 422
    if not chosen:
        return _page(blocks, _("Zet een vinkje bij wat klopt.")), 422
    answers = [
        rounds.Answer(block.question, block.item, entry.put(block.item, block.values), [
            line.field.name for line in block.lines if line.typed
        ])
        for block in chosen
    ]  # fmt: skip
    try:
        rounds.answer(answers, me(), now)
    except ValueError as error:
        db.session.rollback()
        return _page(_blocks(request.form), str(error)), 422
    db.session.commit()
    said = ngettext("%(num)d object is bevestigd.", "%(num)d objecten zijn bevestigd.", len(chosen))
    flash(said, "success")
    return redirect(url_for(".index"), 303)


def _read(block: Block) -> None:
    """Take what was typed as values, or say per field what is wrong with it."""
    if request.form.get(block.version_name, type=int) != block.item.version:
        block.error = _("Een collega heeft dit object net gewijzigd. Controleer het nog een keer.")
    for line in block.lines:
        if line.is_changed:
            try:
                block.values.append((line.field, entry.read(line.field, line.typed)))
            except ValueError as error:
                line.error = str(error)


def _blocks(typed: Mapping[str, str]) -> list[Block]:
    """The open questions with the fields that count, and the state of the item."""
    asked = [one for one in rounds.current(me()) if one.done_at is None]
    mine = visible(Item, me(), Permission.ITEM_CERTIFY).where(
        Item.id.in_([one.item_id for one in asked])
    ).options(sa.orm.joinedload(Item.municipality))
    items = {item.id: item for item in db.session.scalars(mine)}
    known = {item.id: _fields(item) for item in items.values()}
    states = {key: item_state.written(item) for key, item in items.items()}
    names = words.names_for(states.values(), {one.key: one for several in known.values()
                                              for one in several}.values())  # fmt: skip
    seen = _seen(list(items))
    return [
        Block(
            one,
            items[one.item_id],
            [_line(one, each, states[one.item_id], names, typed) for each in known[one.item_id]],
            f"{one.id}-right" in typed,
            seen.get(one.item_id, ()),
        )
        for one in asked
        if one.item_id in items
    ]


def _fields(item: Item) -> list[Field]:
    counted = registry.classes()[item.class_key].counted
    return fields.named(dict.fromkeys(["status", "manager_id", *counted]), item.class_key)


def _line(
    one: Question, each: Field, state: Mapping[str, Any], names: words.Names,
    typed: Mapping[str, str],
) -> Line:  # fmt: skip
    name = f"{one.id}-{each.name}"
    agreed = words.text_of(words.value_of(state, each), each, names)
    return Line(each, name, agreed, typed.get(name, agreed).strip())


def _seen(keys: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = sa.select(Observation).where(Observation.item_id.in_(keys), drift.is_open())
    for row in db.session.scalars(rows.options(sa.orm.joinedload(Observation.item))):
        known = fields.of_list(row.item.class_key)
        each = known.get(row.field) or fields.unknown(row.field, row.field)
        text = words.with_unit(words.text_of(row.value, each, {}), each)
        found.setdefault(row.item_id, []).append(
            _("%(field)s gezien als %(value)s door %(source)s", field=each.label, value=text,
              source=row.source)
        )  # fmt: skip
    return found


def _page(blocks: Sequence[Block], refused: str = "") -> str:
    asked = rounds.current(me())
    return render_template(
        "items/round.html",
        tabs=tabs(),
        blocks=blocks,
        refused=refused,
        done=sum(one.done_at is not None for one in asked),
        total=len(asked),
        asked_on=asked[0].asked_on if asked else None,
        why=_why,
        class_name=lambda item: _(registry.classes()[item.class_key].name),
    )


def _why(question: Question) -> str:
    """Why an item was chosen, in words."""
    told = {
        "never": lambda n: _("nog nooit bevestigd"),
        "age": lambda n: ngettext(
            "%(num)d maand geleden bevestigd", "%(num)d maanden geleden bevestigd", n
        ),
        "critical": lambda n: _("hoogste BIV-niveau"),
        "incidents": lambda n: ngettext(
            "%(num)d storing in 90 dagen", "%(num)d storingen in 90 dagen", n
        ),
        "conflicts": lambda n: ngettext(
            "%(num)d tegenspraak", "%(num)d keer tegengesproken", n
        ),
    }  # fmt: skip
    return ", ".join(told[word](number) for word, number in question.reasons if word in told)
