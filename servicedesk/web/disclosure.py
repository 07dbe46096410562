"""Where somebody who found a hole may tell it (RFC 9116)."""

import datetime as dt

from flask import Blueprint, Response, current_app

from cmdb.database import utc_now
from servicedesk.access import public

pages = Blueprint("disclosure", __name__)
# RFC 9116 advises less than a year; asked again, it is later.
VALID_FOR = dt.timedelta(days=180)


@pages.get("/.well-known/security.txt")
@public
def security_txt():
    """Whom to write to, in which languages, and until when this holds."""
    config = current_app.config
    expires = (utc_now() + VALID_FOR).replace(hour=0, minute=0, second=0)
    lines = (
        f"Contact: mailto:{config['SECURITY_CONTACT']}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: nl, fy, en",
        f"Canonical: {config['SITE_URL']}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
