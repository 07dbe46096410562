"""What every page says to who tried too often."""

from servicedesk.language import gettext as _


def too_often() -> str:
    return _("Te vaak geprobeerd. Wacht een kwartier of bel de servicedesk.")
