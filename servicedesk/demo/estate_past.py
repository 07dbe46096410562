"""What changed in the demo's register since the first inventory, so that the past differs."""

import datetime as dt

from cmdb import register
from cmdb.costs import WHOLE, apportion
from cmdb.item_parts import Duty
from cmdb.items import ItemStatus
from servicedesk.demo.estate_plan import Plan, short

# Days ago, application, its version since then.
_UPGRADES = (
    (310, "Zaaksysteem", "6.2"), (190, "Zaaksysteem", "6.3"), (34, "Zaaksysteem", "6.4"),
    (150, "Belastingen", "12.1"), (75, "Burgerzaken", "9.0"), (21, "Archief", "3.3"),
)  # fmt: skip


def play(plan: Plan, now: dt.datetime) -> None:
    """Change what changed, in order of time."""
    deeds = [(310, _assign_functional_managers), (120, _move_shares), (60, _replace_stations),
             (45, _grow_host)]  # fmt: skip
    deeds += [
        (days, lambda plan, at, name=name, version=version: _upgrade(plan, at, name, version))
        for days, name, version in _UPGRADES
    ]
    for days, deed in sorted(deeds, key=lambda pair: -pair[0]):
        deed(plan, now - dt.timedelta(days=days))


def _begin(plan: Plan, at: dt.datetime, reason: str, who: str = "Karim Saïdi"):
    return register.begin(plan.organisation.person(who), "hand", at, reason)


def _upgrade(plan: Plan, at: dt.datetime, name: str, version: str) -> None:
    item, change_set = plan.items[name], _begin(plan, at, f"{name} bijgewerkt naar {version}")
    attributes = item.attributes | {"product_version": version}
    register.change(item, change_set, attributes=attributes, confirmed_on=at.date())


def _assign_functional_managers(plan: Plan, at: dt.datetime) -> None:
    change_set = _begin(plan, at, "Functioneel beheerders vastgelegd", "Tessa van Dijk")
    for item in plan.items.values():
        if item.class_key == "application":
            home = item.municipality_id or plan.rng.choice(plan.municipalities).id
            register.set_role(item, Duty.FUNCTIONAL_MANAGER, change_set,
                              person=plan.rng.choice(plan.organisation.staff[home]))  # fmt: skip


def _move_shares(plan: Plan, at: dt.datetime) -> None:
    """Maasbrugge takes more of the tax application since it added its sewage charges."""
    chosen = [m for m in plan.municipalities if m.name in ("Lindhoven", "Maasbrugge", "Veenakker")]
    parts = apportion(WHOLE, [m.inhabitants * (2 if m.name == "Maasbrugge" else 1) for m in chosen])
    shares = {m.id: part for m, part in zip(chosen, parts, strict=True)}
    change_set = _begin(plan, at, "Maasbrugge heft nu ook rioolheffing")
    register.share_among(plan.items["Belastingen"], shares, change_set)


def _replace_stations(plan: Plan, at: dt.datetime) -> None:
    """The oldest workstations of Duinwijk were replaced."""
    duinwijk = short(plan.organisation.municipality("Duinwijk"))
    change_set = _begin(plan, at, "Vervanging oude werkstations Duinwijk", "Lotte Visser")
    old = [plan.items[f"WP-{duinwijk}-{number:03d}"] for number in range(1, 13)]
    register.change_many([(item, {"status": ItemStatus.RETIRED}) for item in old], change_set)
    plugs = [(item.name, f"sw-duinwijk-{1 + number % 3}") for number, item in enumerate(old, 1)]
    register.unrelate([plan.relations[plug] for plug in plugs], change_set)


def _grow_host(plan: Plan, at: dt.datetime) -> None:
    """A host got more memory; its former size stays on record."""
    host = plan.items["vl-host-b4"]
    change_set = _begin(plan, at, "Geheugen uitgebreid", "Bram Hofstra")
    register.change(host, change_set, attributes=host.attributes | {"memory": 786_432})
