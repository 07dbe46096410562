"""Single points of failure of a service, and redundancy that is none. Knows no database."""

from cmdb.impact import Graph, Group, Item, State


def single_points(graph: Graph, service: Item) -> dict[Item, State]:
    """The items whose loss alone makes `service` DEGRADED or DOWN, with which of the two.

    Nearest to the service first. The service counts as sound before; what is worse by itself,
    such as a group that can never be met, has no single points.
    """
    inside = graph.above(service)
    sound = inside.impact({}).state(service)
    found: dict[Item, State] = {}
    harmless: set[Item] = set()
    for item in inside.upstream(service):
        if item in harmless:
            continue
        state = _brought_by(inside, item, service, found, harmless)
        if state > max(sound, State.AT_RISK):
            found[item] = state
    return found


def _brought_by(
    graph: Graph, item: Item, service: Item, found: dict[Item, State], harmless: set[Item]
) -> State:
    """What the loss of `item` makes of `service`, no milder than DEGRADED counts.

    What brings down a single point is one too; what a harmless loss brings down is harmless too.
    """
    spread = graph.spread({item: State.DOWN})
    worst = State.OK
    for hit in spread.settle(State.DOWN):
        worst = max(worst, State.DOWN if hit == service else found.get(hit, State.OK))
        if worst is State.DOWN:
            return worst
    down = list(spread.states)
    if worst is State.OK:
        if service in spread.settle(State.DEGRADED):
            return State.DEGRADED
        harmless.update(down)
    return worst


def shared_upstream(graph: Graph, group: Group) -> dict[Item, State]:
    """The items that make the redundancy of `group` a fake: the loss of one breaks its rule.

    With what the dependent would be, were the group hard. Empty for a group without redundancy,
    where the members themselves are the single points.
    """
    if not group.has_spare:
        return {}
    probe = object()
    part = graph.above(group.dependent)
    part.add(Group(probe, group.members, group.rule, capacities=group.capacities))
    points = single_points(part, probe)
    points.pop(group.dependent, None)
    return points
