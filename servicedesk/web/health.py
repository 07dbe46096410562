"""What a supervisor or a monitor asks: does it answer, and does the worker live?"""

from flask import Blueprint, jsonify

from cmdb.database import utc_now
from cmdb.tenancy import everything
from servicedesk.access import public
from servicedesk.heartbeat import is_worker_alive

pages = Blueprint("health", __name__)


@pages.get("/health")
@public
def health():
    """200 while database and worker live, else 503; tells nothing else."""
    with everything():
        alive = is_worker_alive(utc_now())
    return jsonify(worker="ok" if alive else "late"), 200 if alive else 503
