"""What a supervisor or a monitor asks: does it answer, and does the worker do its work?"""

from flask import Blueprint, jsonify

from cmdb.database import utc_now
from cmdb.tenancy import everything
from servicedesk.access import public
from servicedesk.heartbeat import is_worker_alive
from sla import watch

pages = Blueprint("health", __name__)


@pages.get("/health")
@public
def health():
    """200 while database and worker live, else 503; `servicedesk doctor` names faulty clocks."""
    with everything():
        alive = is_worker_alive(utc_now())
        faulty = watch.faulty(limit=1)
    told = {"worker": "ok" if alive else "late", "clocks": "faulty" if faulty else "ok"}
    return jsonify(told), 200 if alive else 503
