"""How alike municipalities are, per function: makes, models, versions, DBMSs, suppliers, contracts.

A function is what an application does (its GEMMA reference component), else the class of items.
An application that a municipality shares is one of its own here; of machines only its own count.
Who has two products for one function has both: that is one way to do it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemConsumer, ItemVersion
from cmdb.tenancy import everything
from cmdb.uniformity import Uniformity, compare
from servicedesk.reports.holdings import consumed, in_life

CLASSES = {
    "application": ("product", "product_version", "supplier", "contract"),
    "website": ("supplier", "contract"),
    "dbms-instance": ("engine", "product_version"),
    "server": ("make", "model", "operating_system", "os_version"),
    "workstation": ("make", "model", "os_version", "supplier", "contract"),
    "smartphone": ("make", "model", "contract"),
    "printer": ("make", "model", "supplier"),
    "switch": ("make", "model"),
    "firewall": ("make", "model"),
    "access-point": ("make", "model"),
    "wan-line": ("technology", "supplier", "contract"),
}
"""The classes that are compared, each with the aspects in which it may differ."""

# A version or a model says nothing without what it is one of.
_OF = {
    "product_version": ("product", "engine"),
    "model": ("make",),
    "os_version": ("operating_system",),
}
_AS_A_WHOLE = ("application", "website")
_REFERRED = {"supplier": "supplier_id", "contract": "contract_id"}
_ATTRIBUTES = sorted({one for several in CLASSES.values() for one in several} - _REFERRED.keys())


@dataclass(frozen=True)
class Likeness:
    """How alike municipalities are in one aspect of a function; `counts` is by municipality."""

    class_key: str
    function: str
    aspect: str
    result: Uniformity
    counts: Mapping[int, Mapping[str, int]]


def likenesses(day: dt.date, at: dt.datetime) -> list[Likeness]:
    """Every aspect of every function that at least two municipalities have, as of a moment."""
    counts: dict[tuple[str, str, str], dict[int, dict[str, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    with everything():
        for municipality_id, class_key, function, values, number in _counted(at, day):
            for aspect in CLASSES[class_key]:
                if value := _full(values, aspect):
                    counts[class_key, function, aspect][municipality_id][value] += number
    for (class_key, _function, _aspect), by_town in counts.items():
        if class_key in _AS_A_WHOLE:
            by_town |= {town: {" + ".join(sorted(held)): 1} for town, held in by_town.items()}
    order = {key: place for place, key in enumerate(CLASSES)}
    return [
        Likeness(*key, result, counts[key])
        for key in sorted(counts, key=lambda key: (order[key[0]], key[1]))
        if (result := compare(counts[key]))
    ]


def _full(values: Mapping[str, str | None], aspect: str) -> str:
    if not values[aspect]:
        return ""
    words = (*(values[key] for key in _OF.get(aspect, ())), values[aspect])
    return " ".join(word for word in words if word)


def _counted(at: dt.datetime, day: dt.date) -> Iterator[tuple[int, str, str, dict[str, str], int]]:
    """Municipality, class, function and values, with how many items have these."""
    names = _names()
    own = sa.select(ItemVersion.municipality_id).where(ItemVersion.municipality_id.is_not(None))
    owner = sa.func.coalesce(ItemVersion.municipality_id, 0)
    shared = (
        sa.select(ItemConsumer.municipality_id)
        .join(ItemVersion, ItemVersion.item_id == ItemConsumer.item_id)
        .where(consumed(day), owner != ItemConsumer.municipality_id)
    )
    state = ItemVersion.state
    held = [state["attributes"][key].as_string() for key in ("reference_component", *_ATTRIBUTES)]
    referred = [state[key].as_integer() for key in _REFERRED.values()]
    columns = (ItemVersion.class_key, *held, *referred)
    for chosen, classes in ((own, CLASSES), (shared, _AS_A_WHOLE)):
        [who] = chosen.selected_columns
        rows = (
            chosen.add_columns(*columns, sa.func.count())
            .where(in_life(at), ItemVersion.class_key.in_(classes))
            .group_by(who, *columns)
        )
        for municipality_id, class_key, component, *values, number in db.session.execute(rows):
            words = dict(zip(_ATTRIBUTES, values[: len(_ATTRIBUTES)], strict=True))
            keys = values[len(_ATTRIBUTES) :]
            words |= {aspect: names.get(key) for aspect, key in zip(_REFERRED, keys, strict=True)}
            yield municipality_id, class_key, component or "", words, number


def _names() -> dict[int, str]:
    """The names of suppliers and contracts, by key."""
    rows = sa.select(Item.id, Item.name).where(Item.class_key.in_(_REFERRED))
    return dict(db.session.execute(rows).all())
