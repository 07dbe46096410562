"""All classes and relation types there are: the built-in ones, and those the centre made itself.

Whatever must know a class asks here, so that own classes are as good as the built-in ones.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.catalogue import KEY, Attribute, ItemClassSpec, resolved
from cmdb.classes import BUILT_IN, DECLARED
from cmdb.classes_common import COMMON
from cmdb.database import Model, db
from cmdb.items import ItemVersion, RelationVersion, choice
from cmdb.kinds import Kind, clean
from cmdb.refusal import Unfit
from cmdb.relations import BUILT_IN as BUILT_IN_RELATIONS
from cmdb.relations import Cardinality, Effect, RelationKind


class ItemClass(Model):
    """A class of the centre's own; one with a built-in key renames that class."""

    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(3), unique=True)
    parent_key: Mapped[str | None] = mapped_column(sa.String(40))


class ItemAttribute(Model):
    """An attribute of the centre's own, on a class of its own or a built-in one."""

    class_key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    label: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    unit: Mapped[str] = mapped_column(sa.String(20), default="")
    choices: Mapped[list[Any]] = mapped_column(default=list)
    required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    is_retired: Mapped[bool] = mapped_column(default=False)


class RelationType(Model):
    """A relation type of the centre's own."""

    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    reverse: Mapped[str] = mapped_column(sa.String(80))
    sources: Mapped[list[Any]] = mapped_column(default=list)
    targets: Mapped[list[Any]] = mapped_column(default=list)
    cardinality: Mapped[Cardinality] = mapped_column(
        choice(Cardinality), default=Cardinality.MANY_TO_MANY
    )
    effect: Mapped[Effect] = mapped_column(choice(Effect), default=Effect.HARD)


def classes() -> dict[str, ItemClassSpec]:
    """Every class by key, with the attributes of its ancestors; read once a transaction."""
    return _remembered("classes", _read_classes)


def relation_kinds() -> dict[str, RelationKind]:
    """Every relation type by key; read once a transaction."""
    return _remembered("relation_kinds", _read_relation_kinds)


def find_class(key: str) -> ItemClassSpec:
    """The class that items can be of.

    Raises:
        ValueError: there is none with this key, or it only gathers what others share.
    """
    spec = classes().get(key)
    if spec is None or spec.is_abstract:
        raise Unfit("Er is geen soort object %(key)r.", key=key)
    return spec


def add_class(key: str, name: str, prefix: str, parent: str | None = None) -> None:
    """Make a class of the centre's own.

    Raises:
        ValueError: a key, name, prefix or parent that will not do; one Dutch sentence.
    """
    there, name = classes(), _named(name)
    _check_key(key)
    if not (2 <= len(prefix) <= 3 and prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise Unfit("Kies een voorvoegsel van twee of drie hoofdletters.")
    if parent is not None and parent not in there:
        raise Unfit("Kies een bestaande soort als bovenliggende soort.")
    if key in there or any(name.lower() == spec.name.lower() for spec in there.values()):
        raise Unfit("Deze soort bestaat al. Kies een andere naam.")
    if any(prefix == spec.prefix for spec in there.values()):
        raise Unfit("Een andere soort heeft dit voorvoegsel al. Kies een ander.")
    _store(ItemClass(key=key, name=name, prefix=prefix, parent_key=parent))


def add_attribute(class_key: str, attribute: Attribute) -> None:
    """Give a class and its descendants an attribute of the centre's own, after those it has.

    Raises:
        ValueError: no such class, it or a descendant has the attribute, or it cannot be one.
    """
    there = classes()
    _check_key(attribute.key)
    if class_key not in there:
        raise Unfit("Kies een bestaande soort.")
    family = [spec for spec in there.values() if spec.is_a(class_key)]
    retired = db.session.get(ItemAttribute, (class_key, attribute.key))
    if retired or any(spec.attribute(attribute.key) for spec in family):
        raise Unfit("Dit kenmerk bestaat al. Kies een andere naam.")
    if attribute.kind == Kind.CHOICE and len(set(attribute.choices)) < 2:
        raise Unfit("Geef twee of meer waarden om uit te kiezen.")
    _store(
        ItemAttribute(
            class_key=class_key,
            key=attribute.key,
            label=_named(attribute.label),
            kind=attribute.kind,
            unit=attribute.unit if attribute.kind == Kind.NUMBER else "",
            choices=[_named(one) for one in attribute.choices],
            required=attribute.required,
            position=len(there[class_key].attributes),
        )
    )


def add_relation_kind(kind: RelationKind) -> None:
    """Make a relation type of the centre's own.

    Raises:
        ValueError: it exists, or names a class that does not.
    """
    _check_key(kind.key)
    if kind.key in relation_kinds():
        raise Unfit("Dit soort relatie bestaat al. Kies een andere naam.")
    if not {*kind.sources, *kind.targets} <= classes().keys():
        raise Unfit("Kies bestaande soorten voor het begin en het einde.")
    _store(
        RelationType(
            key=kind.key,
            name=_named(kind.name),
            reverse=_named(kind.reverse),
            sources=list(kind.sources),
            targets=list(kind.targets),
            cardinality=kind.cardinality,
            effect=kind.effect,
        )
    )


def rename_relation_kind(key: str, name: str, reverse: str) -> None:
    """Say a relation type of the centre's own in other words.

    Raises:
        ValueError: there is none with this key, or no words; one Dutch sentence.
    """
    row = _own_relation_kind(key)
    row.name, row.reverse = _named(name), _named(reverse)
    db.session.flush()
    forget()


def remove_relation_kind(key: str) -> None:
    """Forget a relation type of the centre's own that nothing has or had.

    Raises:
        ValueError: there is none with this key, or it is used; one Dutch sentence.
    """
    row = _own_relation_kind(key)
    used = sa.select(RelationVersion.id).where(RelationVersion.kind == key).limit(1)
    if db.session.scalar(used) is not None:
        raise Unfit("Deze soort relatie is gebruikt, en blijft daarom in de historie.")
    db.session.delete(row)
    db.session.flush()
    forget()


def rename_class(key: str, name: str) -> None:
    """Give a class another name, also one that came with the product.

    Raises:
        ValueError: no class that items can be of, no name, or that of another; one Dutch sentence.
    """
    spec, there, name = find_class(key), classes(), _named(name)
    if any(name.lower() == one.name.lower() for one in there.values() if one.key != key):
        raise Unfit("Deze soort bestaat al. Kies een andere naam.")
    row = db.session.get(ItemClass, key)
    if row is None:
        _store(ItemClass(key=key, name=name, prefix=spec.prefix, parent_key=spec.parent))
        return
    row.name = name
    db.session.flush()
    forget()


def remove_class(key: str) -> None:
    """Forget a class of the centre's own, with its fields, that no item is or was of.

    Raises:
        ValueError: it came with the product, or something hangs on it; one Dutch sentence.
    """
    row = None if key in BUILT_IN else db.session.get(ItemClass, key)
    if row is None:
        raise Unfit("Kies een eigen soort.")
    was_used = sa.select(ItemVersion.item_id).where(ItemVersion.class_key == key).limit(1)
    if db.session.scalar(was_used) is not None:
        raise Unfit("Van deze soort zijn of waren er objecten: hij blijft in de historie.")
    if any(spec.parent == key for spec in classes().values()):
        raise Unfit("Verwijder eerst de soorten die hieronder vallen.")
    if any(key in (*kind.sources, *kind.targets) for kind in relation_kinds().values()):
        raise Unfit("Een soort relatie noemt deze soort. Verwijder die eerst.")
    db.session.execute(sa.delete(ItemAttribute).where(ItemAttribute.class_key == key))
    db.session.delete(row)
    db.session.flush()
    forget()


def _own_relation_kind(key: str) -> RelationType:
    row = db.session.get(RelationType, key)
    if row is None:
        raise Unfit("Kies een eigen soort relatie.")
    return row


def _check_key(key: str) -> None:
    if not KEY.fullmatch(key) or len(key) > 40:
        raise Unfit("Kies een sleutel van kleine letters, cijfers en streepjes.")


def _named(text: str) -> str:
    text = clean(text, 80)
    if not text:
        raise Unfit("Vul een naam in.")
    return text


def _store(row: Model) -> None:
    db.session.add(row)
    db.session.flush()
    forget()


def forget() -> None:
    """Read the classes anew at the next question: somebody changed them."""
    _forget(db.session())


def _read_classes() -> dict[str, ItemClassSpec]:
    rows = db.session.scalars(sa.select(ItemClass)).all()
    attributes = defaultdict(list)
    used = sa.select(ItemAttribute).where(~ItemAttribute.is_retired)
    for row in db.session.scalars(used.order_by(ItemAttribute.position, ItemAttribute.key)):
        attributes[row.class_key].append(
            Attribute(row.key, row.label, row.kind, row.unit, tuple(row.choices), row.required)
        )
    if not rows and not attributes:
        return BUILT_IN
    declared = {spec.key: spec for spec in DECLARED}
    for row in rows:
        former = declared.get(row.key, ItemClassSpec(row.key, row.name, parent=row.parent_key))
        declared[row.key] = replace(former, name=row.name, prefix=row.prefix)
    own = (
        replace(spec, attributes=(*spec.attributes, *attributes[key]))
        for key, spec in declared.items()
    )
    return resolved(own, COMMON)


def _read_relation_kinds() -> dict[str, RelationKind]:
    own = {
        row.key: RelationKind(
            row.key,
            row.name,
            row.reverse,
            tuple(row.sources),
            tuple(row.targets),
            row.cardinality,
            row.effect,
        )
        for row in db.session.scalars(sa.select(RelationType).order_by(RelationType.name))
    }
    return {**BUILT_IN_RELATIONS, **own}


def _remembered(name: str, read: Callable[[], dict]) -> dict:
    memory = db.session().info.setdefault("registry", {})
    if name not in memory:
        memory[name] = read()
    return memory[name]


@sa.event.listens_for(db.session, "after_transaction_end")
def _forget_at_the_end(session, transaction):
    """Another process may have made a class meanwhile; a flush is a part of a transaction, no end."""
    if transaction.parent is None or transaction.nested:
        _forget(session)


def _forget(session) -> None:
    session.info.pop("registry", None)
