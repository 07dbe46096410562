"""What tests of accounts share: a local password, the mail with a link, and an app that makes codes."""

import base64
import re

import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from cmdb.database import db, utc_now
from servicedesk.notify import delivery
from servicedesk.notify.models import Message
from servicedesk.signin import forgotten, second_step
from servicedesk.signin.passwords import is_password_of, set_password

PASSWORD = "correct paard batterij"
NEW = "vier groene fietsen"
HOME = "198.51.100.7"


def with_password(person):
    set_password(person, PASSWORD)
    db.session.commit()
    return person


def fits(person, password) -> bool:
    """Whether that is the password now, whoever set it."""
    db.session.refresh(person)
    return is_password_of(person, password)


def post(browser, path, address=HOME, **form):
    return browser.post(path, data=form, environ_overrides={"REMOTE_ADDR": address})


def give(browser, login, password=PASSWORD, address=HOME, target="/signin"):
    return post(browser, target, address, login=login, password=password)


def mails(person) -> list[Message]:
    chosen = sa.select(Message).where(Message.recipient_id == person.id).order_by(Message.id)
    return list(db.session.scalars(chosen))


def link_of(message: Message) -> str:
    """The path in the mail as it leaves."""
    text = delivery.compose(message, "desk@example.org", "Desk").get_content()
    return re.search(r"http://localhost:8000(/password/\S+)", text)[1]


def ask_link(browser, name, person, address=HOME) -> str:
    """Forget a password, let the worker answer, and read the mail."""
    assert post(browser, "/password/forgotten", address, name=name).status_code == 200
    forgotten.answer(utc_now())
    return link_of(mails(person)[-1])


def is_in(browser) -> bool:
    return browser.get("/account/sessions").status_code == 200


def code_of(person, drift=0) -> str:
    """What the app of `person` shows now, or `drift` half minutes later."""
    seed = base64.b32decode(second_step.of(person).seed.reveal())
    moment = utc_now().timestamp() + drift * second_step.PERIOD
    return TOTP(seed, 6, SHA1(), second_step.PERIOD).generate(int(moment)).decode()
