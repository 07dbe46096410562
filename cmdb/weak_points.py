"""Single points of failure of a service, and redundancy that is none. Knows no database."""

from collections.abc import Collection

from cmdb.graph import Graph
from cmdb.impact import Group, Item, State


def single_points(graph: Graph, service: Item) -> dict[Item, State]:
    """The items whose loss alone makes `service` DEGRADED or DOWN, with which of the two.

    Nearest to the service first. The service counts as sound before; what is worse by itself,
    such as a group that can never be met, has no single points.
    """
    return _points(graph.above(service), {service})[service]


def shared_upstream(graph: Graph, groups: Collection[Group]) -> dict[Group, dict[Item, State]]:
    """By group with a fake redundancy the items that make it so: the loss of one breaks its rule.

    With what the dependent would be, were the group hard. A group without redundancy is left out:
    its members themselves are the single points.
    """
    spare = [group for group in groups if group.has_spare]
    part = graph.above(*(group.dependent for group in spare))
    for group in spare:  # stands for itself, whatever else its dependent needs
        part.add(Group(group, group.members, group.rule, capacities=group.capacities))
    found = _points(part, set(spare))
    for group, points in found.items():
        points.pop(group.dependent, None)
    return {group: points for group, points in found.items() if points}


def _points(graph: Graph, services: Collection[Item]) -> dict[Item, dict[Item, State]]:
    """By service its single points; the services are tried together, an item at a time."""
    before = graph.impact({})
    sound = {service: max(before.state(service), State.AT_RISK) for service in services}
    found: dict[Item, dict[Item, State]] = {service: {} for service in services}
    tried: dict[Item, dict[Item, State]] = {}
    for item in graph.upstream(*services):
        if item not in tried:
            tried[item] = _felt(graph, item, services, tried)
        for service, state in tried[item].items():
            if state > sound[service]:
                found[service][item] = state
    return found


def _felt(
    graph: Graph, item: Item, services: Collection[Item], tried: dict[Item, dict[Item, State]]
) -> dict[Item, State]:
    """What the loss of `item` makes of the services that feel it, no milder than DEGRADED.

    Who feels the loss of what it brings down feels this too. Where nobody feels it, all that it
    brings down has been `tried` at once.
    """
    spread = graph.spread({item: State.DOWN})
    felt: dict[Item, State] = {}
    for hit in spread.settle(State.DOWN):
        if hit in services:
            felt[hit] = State.DOWN
        for service, state in tried.get(hit, {}).items():
            felt[service] = max(state, felt.get(service, State.OK))
    down = list(spread.states)
    if len(felt) < len(services):
        for hit in spread.settle(State.DEGRADED):
            if hit in services:
                felt.setdefault(hit, State.DEGRADED)
    if not felt:
        tried.update(dict.fromkeys(down, felt))
    return felt
