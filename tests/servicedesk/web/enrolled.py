"""What tests of passkeys share: making one as a browser does, and answering with it."""

import json
import re

import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.signin import passkeys
from servicedesk.signin.account_models import AccountEvent, Deed
from servicedesk.signin.passkey_models import Passkey
from tests.authenticator import Authenticator
from tests.servicedesk.web.accounts import HOME, post

ASK, SIGN_IN, CODE = "/signin/passkey/ask", "/signin/passkey", "/signin/code"


def enrol(person, name="Laptop", **how) -> Authenticator:
    """A passkey of `person`, made as a browser does."""
    key = Authenticator(**how)
    challenge, question = passkeys.begin(person, HOME, utc_now())
    key.papers = passkeys.add(person, challenge, key.make(question), name, utc_now())
    db.session.commit()
    return key


def asked(browser) -> dict:
    answer = post(browser, ASK)
    assert answer.status_code == 200
    return answer.json


def by(browser, key, target=SIGN_IN):
    return post(browser, target, credential=key.sign(asked(browser)))


def deeds() -> list[Deed]:
    return list(db.session.scalars(sa.select(AccountEvent.deed).order_by(AccountEvent.id)))


def only() -> Passkey:
    return db.session.scalars(sa.select(Passkey)).one()


def question_on(page) -> dict:
    found = re.search(r'data-question="([^"]+)"', page.text)[1]
    return json.loads(found.replace("&#34;", '"').replace("&amp;", "&"))
