"""What a page says to who sent in as much as one day allows."""

from flask import current_app

from servicedesk.allowance import Kind, TooMuch
from servicedesk.language import gettext as _
from servicedesk.web.forms import Form


def sentence(error: TooMuch) -> str:
    """What was too much, and what to do."""
    phone = current_app.config["CENTRE_PHONE"]
    if error.kind == Kind.MESSAGES:
        return _(
            "U hebt vandaag al %(most)s meldingen en berichten gestuurd; meer kan niet op één dag."
            " Probeer het morgen weer. Kan het niet wachten? Bel %(phone)s.",
            most=error.most, phone=phone,
        )  # fmt: skip
    if error.kind == Kind.FILES:
        return _(
            "Met deze bestanden erbij hebt u vandaag meer dan %(most)s bestanden gestuurd; zoveel kan"
            " niet op één dag. Verstuur ze morgen. Kan het niet wachten? Bel %(phone)s.",
            most=error.most, phone=phone,
        )  # fmt: skip
    return _(
        "Met deze bestanden erbij hebt u vandaag meer dan %(size)s aan bestanden gestuurd; zoveel kan"
        " niet op één dag. Verstuur ze morgen. Kan het niet wachten? Bel %(phone)s.",
        size=f"{error.most // 1024 // 1024} MB", phone=phone,
    )  # fmt: skip


def tell(form: Form, error: TooMuch) -> None:
    """Say it in the form, at its files when it is about those, else at what was written."""
    text = "body" if "body" in form else "reason"
    form["files" if error.kind != Kind.MESSAGES else text].errors = [sentence(error)]
