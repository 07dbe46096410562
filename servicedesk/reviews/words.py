"""Permissions, how far they reach, and what was decided of them, in words."""

from cmdb.permissions import Permission, Reach
from servicedesk.language import lazy_gettext as _
from servicedesk.reviews.models import Decision, Outcome, Rhythm

PERMISSION = {
    Permission.ACCESS_READ: _("Zien en ophalen wie welke rechten heeft"),
    Permission.ACCESS_REVIEW: _("Rechten van personen nakijken en aftekenen"),
    Permission.ACCESS_VIEW_AS: _("Meekijken als iemand anders"),
    Permission.DIRECTORY_WRITE: _("Directory’s van gemeenten instellen"),
    Permission.ITEM_CERTIFY: _("Objecten bevestigen"),
    Permission.ITEM_READ: _("Objecten zien en ophalen"),
    Permission.ITEM_WRITE: _("Objecten wijzigen en inlezen"),
    Permission.OUTAGE_READ: _("Storingen zien"),
    Permission.OUTAGE_REPORT: _("Zeggen dat men last heeft van een storing"),
    Permission.OUTAGE_WRITE: _("Storingen en gepland werk bekendmaken"),
    Permission.PERSON_WRITE: _("Medewerkers van het centrum uitnodigen en uitschakelen"),
    Permission.QUEUE_READ: _("De werkvoorraad zien"),
    Permission.REPORT_READ: _("Rapportages zien en ophalen"),
    Permission.ROTA_ABSENCE: _("Afwezigheid invoeren"),
    Permission.ROTA_FEED: _("Het rooster in de eigen agenda zetten"),
    Permission.ROTA_PLAN: _("Het rooster maken"),
    Permission.ROTA_READ: _("Het rooster zien"),
    Permission.ROTA_SWAP: _("Diensten ruilen"),
    Permission.SITE_READ: _("Zien wie er op locatie komt"),
    Permission.TICKET_ACCEPT: _("Een oplossing aannemen, heropenen of intrekken"),
    Permission.TICKET_FILE: _("Meldingen doen"),
    Permission.TICKET_FILE_FOR_OTHERS: _("Meldingen doen voor een ander"),
    Permission.TICKET_NOTE: _("Interne notities lezen en schrijven"),
    Permission.TICKET_READ: _("Meldingen lezen, met hun bestanden"),
    Permission.TICKET_REPLY: _("Antwoorden op meldingen"),
    Permission.TICKET_WORK: _("Meldingen behandelen"),
}
REACH = {
    Reach.OWN: _("van zichzelf"),
    Reach.MUNICIPALITY: _("van de eigen gemeente"),
    Reach.EVERYWHERE: _("van iedereen"),
}
# Files with names of people: who has which rights, and the tickets of the reports.
EXPORTS_PERSONAL_DATA = frozenset({Permission.ACCESS_READ, Permission.REPORT_READ})

RHYTHM = {Rhythm.QUARTERLY: _("Elk kwartaal"), Rhythm.YEARLY: _("Elk jaar")}
DECISION = {
    Decision.KEEP: _("Behouden"),
    Decision.TAKE_AWAY: _("Toegang stoppen"),
    Decision.CHANGE: _("Andere rol"),
}
OUTCOME = {
    Outcome.NOTHING: _("Niets gewijzigd"),
    Outcome.STOPPED: _("Toegang gestopt, sessies beëindigd"),
    Outcome.CHANGED: _("Rol gewijzigd, sessies beëindigd"),
    Outcome.DIRECTORY: _("Wijzig het in de groep van de directory"),
    Outcome.OVERTAKEN: _("Al eerder gewijzigd"),
}
