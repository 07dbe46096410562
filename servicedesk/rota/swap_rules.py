"""Who has the last word on a swap: the rule of a team, or the general one."""

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model, db
from cmdb.people import Membership
from cmdb.tenancy import Walled
from servicedesk.rota import loading
from servicedesk.rota.models import SwapRequest


class SwapRule(Walled, Model):
    """Whether a planner approves the swaps of a team; a team without a row has the general rule."""

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
    needs_approval: Mapped[bool]


def set_rules(rules: Mapping[int, bool]) -> None:
    """Per team whether a planner approves; a team that is not named has the general rule."""
    db.session.execute(sa.delete(SwapRule))
    db.session.add_all(SwapRule(team_id=key, needs_approval=rule) for key, rule in rules.items())
    db.session.flush()


def need_approval(request: SwapRequest) -> bool:
    """Whether a planner has the last word: as the teams of either side say, else the general rule.

    Of several teams the strictest counts. What a planner asked needs no approval.
    """
    if request.is_ask:
        return False
    rules = defaultdict(list)
    chosen = (
        sa.select(Membership.person_id, SwapRule.needs_approval)
        .join(SwapRule, SwapRule.team_id == Membership.team_id)
        .where(Membership.person_id.in_((request.by_id, request.to_id)))
    )
    for person_id, rule in db.session.execute(chosen):
        rules[person_id].append(rule)
    general = loading.setting().swaps_need_approval
    return any(any(rules.get(key, [general])) for key in (request.by_id, request.to_id))
