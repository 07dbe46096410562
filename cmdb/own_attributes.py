"""Changing the attributes of the centre's own: their words, their order, and their end.

The kind stays as it was made, since values of it are kept. An attribute that any item holds,
or held, is retired: what was recorded stays. One that nothing holds is removed.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from cmdb import kinds, registry
from cmdb.database import db
from cmdb.items import Item, ItemVersion
from cmdb.kinds import Kind
from cmdb.refusal import Unfit
from cmdb.registry import ItemAttribute


def of_class(class_key: str) -> list[ItemAttribute]:
    """The attributes that the centre made on this class itself, the retired ones last."""
    own = sa.select(ItemAttribute).where(ItemAttribute.class_key == class_key)
    order = ItemAttribute.is_retired, ItemAttribute.position, ItemAttribute.key
    return list(db.session.scalars(own.order_by(*order)))


def change(
    row: ItemAttribute, label: str, unit: str, choices: Sequence[str], required: bool
) -> None:
    """Give an attribute another label, unit or choices; values that are kept stay.

    Raises:
        ValueError: no label, or too few choices; one Dutch sentence.
    """
    label = kinds.clean(label, 80)
    if not label:
        raise Unfit("Vul een naam in.")
    if row.kind == Kind.CHOICE and len(set(choices)) < 2:
        raise Unfit("Geef twee of meer waarden om uit te kiezen.")
    row.label, row.required = label, required
    row.unit = kinds.clean(unit, 20) if row.kind == Kind.NUMBER else ""
    row.choices = [kinds.clean(one, 80) for one in choices] if row.kind == Kind.CHOICE else []
    _stored()


def move(row: ItemAttribute, places: int) -> None:
    """Move an attribute up (negative) or down among those of its class."""
    rows = [one for one in of_class(row.class_key) if not one.is_retired]
    at = rows.index(row)
    rows.insert(max(0, at + places), rows.pop(at))
    for position, one in enumerate(rows):
        one.position = position
    _stored()


def retire(row: ItemAttribute) -> None:
    """Let nobody use it from now on: removed when nothing ever held it, else kept aside."""
    if is_used(row):
        row.is_retired = True
    else:
        db.session.delete(row)
    _stored()


def bring_back(row: ItemAttribute) -> None:
    """Let it be used again."""
    row.is_retired = False
    _stored()


def is_used(row: ItemAttribute) -> bool:
    """Whether an item of the class holds a value, or held one."""
    family = [key for key, spec in registry.classes().items() if spec.is_a(row.class_key)]
    held = Item.attributes[row.key].as_string().is_not(None)
    then = ItemVersion.state[("attributes", row.key)].as_string().is_not(None)
    return any(
        db.session.scalar(sa.select(model.id).where(model.class_key.in_(family), holds).limit(1))
        for model, holds in ((Item, held), (ItemVersion, then))
    )


def _stored() -> None:
    db.session.flush()
    registry.forget()
