"""How the values of a ticket look to a reader: their words and icons."""

from cmdb.items import Hosting, ItemStatus
from cmdb.permissions import Role
from servicedesk.language import lazy_gettext as _
from servicedesk.tickets.workflow import Channel, Status, TicketType, WaitingFor
from sla.priority import Impact, Urgency
from sla.terms import ServiceKind

PRIORITY = {1: _("Kritiek"), 2: _("Hoog"), 3: _("Normaal"), 4: _("Laag")}
STATUS = {
    Status.NEW: _("Nieuw"),
    Status.IN_PROGRESS: _("In behandeling"),
    Status.WAITING: _("Wacht"),
    Status.RESOLVED: _("Opgelost"),
    Status.CLOSED: _("Gesloten"),
    Status.CANCELLED: _("Ingetrokken"),
}
STATUS_ICON = {
    Status.NEW: "circle-dashed",
    Status.IN_PROGRESS: "circle-dot",
    Status.WAITING: "pause",
    Status.RESOLVED: "circle-check",
    Status.CLOSED: "check",
    Status.CANCELLED: "ban",
}
WAITING_FOR = {
    WaitingFor.REQUESTER: _("Wacht op aanmelder"),
    WaitingFor.SUPPLIER: _("Wacht op leverancier"),
    WaitingFor.SITE_DAY: _("Wacht op locatiedag"),
    WaitingFor.CHANGE: _("Wacht op wijziging"),
    WaitingFor.PROBLEM: _("Wacht op probleem"),
}
SERVICE_KIND = {ServiceKind.RESPONSE: _("Reactietijd"), ServiceKind.RESOLUTION: _("Oplostijd")}
TYPE = {TicketType.INCIDENT: _("Incident"), TicketType.SERVICE_REQUEST: _("Aanvraag")}
CHANNEL = {
    Channel.PORTAL: _("Portaal"),
    Channel.PHONE: _("Telefoon"),
    Channel.WALK_IN: _("Aan de balie"),
    Channel.IMPORT: _("Overgenomen"),
}
IMPACT = {
    Impact.PERSON: _("Alleen ik"),
    Impact.TEAM: _("Mijn team"),
    Impact.DEPARTMENT: _("Een hele locatie of afdeling"),
    Impact.PUBLIC: _("Inwoners merken het"),
}
URGENCY = {Urgency.LOW: _("Ja"), Urgency.MEDIUM: _("Met moeite"), Urgency.HIGH: _("Nee")}
ROLE = {
    Role.EMPLOYEE: _("Medewerker"),
    Role.AGENT: _("Behandelaar"),
    Role.MUNICIPALITY_MANAGER: _("Manager gemeente"),
    Role.CENTRE_MANAGER: _("Manager centrum"),
    Role.ADMINISTRATOR: _("Beheerder"),
}
HOSTING = {
    Hosting.CENTRAL: _("Centraal"),
    Hosting.AT_MUNICIPALITY: _("Bij gemeente"),
    Hosting.SPLIT: _("Gesplitst"),
    Hosting.SAAS: _("SaaS"),
}
ITEM_STATUS = {
    ItemStatus.PLANNED: _("Gepland"),
    ItemStatus.IN_STOCK: _("Op voorraad"),
    ItemStatus.IN_USE: _("In gebruik"),
    ItemStatus.IN_REPAIR: _("In reparatie"),
    ItemStatus.RETIRED: _("Afgevoerd"),
}


def status_words(status: Status, waiting_for: WaitingFor | None):
    """The state in words, with what the ticket waits for."""
    return WAITING_FOR[waiting_for] if waiting_for else STATUS[status]
