"""The types of relation there are; the centre's own are made here."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from cmdb import registry
from cmdb.database import db
from cmdb.items import Relation
from cmdb.permissions import Permission
from cmdb.relations import Cardinality, Effect, RelationKind
from servicedesk.access import requires
from servicedesk.inventory import ties
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.web.item_classes import key_of

pages = Blueprint("relation_types", __name__)

CARDINALITY = {
    Cardinality.MANY_TO_MANY: lazy_gettext("zo vaak als nodig"),
    Cardinality.MANY_TO_ONE: lazy_gettext("een object aan het einde"),
    Cardinality.ONE_TO_MANY: lazy_gettext("een object aan het begin"),
    Cardinality.ONE_TO_ONE: lazy_gettext("een aan het begin en een aan het einde"),
}


@pages.get("/items/relation-types")
@requires(Permission.ITEM_WRITE)
def index():
    return _page({})


@pages.post("/items/relation-types")
@requires(Permission.ITEM_WRITE)
def add():
    return _done("new", _add, _("De soort relatie is toegevoegd."))


@pages.post("/items/relation-types/<name>")
@requires(Permission.ITEM_WRITE)
def change(name: str):
    if db.session.get(registry.RelationType, name) is None:
        abort(404)

    def act(typed: Mapping[str, str]) -> None:
        if "remove" in typed:
            registry.remove_relation_kind(name)
        else:
            registry.rename_relation_kind(name, typed.get("name", ""), typed.get("reverse", ""))

    return _done(name, act, _("De soort relatie is gewijzigd."))


def _add(typed: Mapping[str, str]) -> None:
    name, cardinality, effect = (typed.get(key, "") for key in ("name", "cardinality", "effect"))
    if cardinality not in list(Cardinality) or effect not in list(Effect):
        raise ValueError(_("Kies een van de mogelijkheden"))
    registry.add_relation_kind(
        RelationKind(
            key_of(name, registry.relation_kinds().keys(), "-"), name, typed.get("reverse", ""),
            tuple(request.form.getlist("sources")), tuple(request.form.getlist("targets")),
            Cardinality(cardinality), Effect(effect),
        )
    )  # fmt: skip


def _done(form: str, act: Any, said: str):
    try:
        act(request.form)
    except ValueError as error:
        db.session.rollback()
        registry.forget()
        return _page({"form": form, "text": str(error)}), 422
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".index"), 303)


def _page(refused: Mapping[str, str]) -> str:
    kinds, specs = registry.relation_kinds(), registry.classes()
    counted = sa.select(Relation.kind, sa.func.count()).group_by(Relation.kind)
    return render_template(
        "classes/relations.html",
        kinds=sorted(kinds.values(), key=lambda one: one.name),
        own=set(db.session.scalars(sa.select(registry.RelationType.key))),
        counts=dict(db.session.execute(counted).all()),
        names={key: spec.name for key, spec in specs.items()},
        specs=sorted(specs.values(), key=lambda spec: spec.name),
        cardinalities=CARDINALITY,
        effects=ties.EFFECT,
        refused=refused,
        typed=request.form,
    )
