"""What comes of it when items fail, on top of all that is wrong already."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from cmdb.dependencies import Register
from cmdb.graph import Graph
from cmdb.impact import Impact, State
from cmdb.localtime import local
from cmdb.tenancy import everything
from cmdb.weak_points import shared_upstream, single_points
from servicedesk.tickets import standing

_GROUPS = 50


@dataclass(frozen=True)
class Failure:
    """`found` is how everything is then, `hit` the keys of what is worse than it was before.

    `already` would have been hit, but an outage, planned work or an incident made it so before.
    """

    found: Impact
    hit: dict[int, State]
    already: dict[int, State]


@dataclass(frozen=True)
class WeakPoints:
    """Keys of items whose loss alone is felt by a service, with what it makes of the service.

    `shared` is by group with a spare what breaks the group by itself; `graph` is all above.
    """

    single: dict[int, State]
    shared: dict[tuple[int, str], dict[int, State]]
    graph: Graph


def what_if(
    said: Mapping[int, State],
    now: dt.datetime,
    at: dt.datetime | None = None,
    planned: int | None = None,
) -> Failure:
    """What fails with the items in `said`, over all municipalities; as of `at`, or as of now.

    `at` may lie ahead; `planned` is the key of the planned work that is the question itself. The
    answer names items that the asker may not see.
    """
    moment = at or now
    with everything():
        running = standing.worst(standing.said(moment, now, planned))
        known_at = moment if moment < now else None
        graph = Register(local(moment).date(), known_at).below({*running, *said})
    alone = graph.impact(said)
    if not running:
        return Failure(alone, alone.states, {})
    before, found = graph.impact(running), graph.impact(_worst(running, said))
    hit = {key: state for key, state in found.states.items() if state > before.state(key)}
    hit |= {key: found.state(key) for key in said}
    return Failure(found, hit, {key: found.state(key) for key in alone.states.keys() - hit.keys()})


def weak_points(key: int, now: dt.datetime, at: dt.datetime | None = None) -> WeakPoints:
    """What the item with this key hangs on by a thread, over all municipalities.

    The answer names items that the asker may not see. The groups of the nearest come first; when
    there are very many, the farthest are left out.
    """
    with everything():
        graph = Register(local(at or now).date(), at).above([key])
    nearest = {each: place for place, each in enumerate([key, *graph.upstream(key)])}
    groups = sorted(graph.groups(nearest), key=lambda group: nearest[group.dependent])[:_GROUPS]
    shared = {
        (group.dependent, group.label): points
        for group, points in shared_upstream(graph, groups).items()
    }
    return WeakPoints(single_points(graph, key), shared, graph)


def _worst(first: Mapping[int, State], second: Mapping[int, State]) -> dict[int, State]:
    return {
        key: max(first.get(key, State.OK), second.get(key, State.OK)) for key in {**first, **second}
    }

