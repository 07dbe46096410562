"""What can go wrong between us and a provider, and where."""

import enum


class Step(enum.StrEnum):
    """What is done in turn, so that one can say where it went wrong."""

    NAME = "name"
    REACH = "reach"
    DOCUMENT = "document"
    ISSUER = "issuer"
    KEYS = "keys"
    TOKEN = "token"


TESTED = (Step.NAME, Step.REACH, Step.DOCUMENT, Step.ISSUER, Step.KEYS)


class Failure(Exception):
    """The provider gave no good answer, at `step`; `detail` is technical, in English."""

    def __init__(self, step: Step, host: str, detail: str):
        super().__init__(f"{step} at {host}: {detail}")
        self.step, self.host, self.detail = step, host, detail[:300]


class Refused(Exception):
    """Somebody does not come in, for a `reason` that a page puts in words; `detail` is for the log."""

    def __init__(self, reason: "Reason", detail: str = ""):
        super().__init__(f"{reason}: {detail}"[:500])
        self.reason = reason


class Reason(enum.StrEnum):
    CANCELLED = "cancelled"  # the person pressed cancel there
    NOT_ASSIGNED = "not-assigned"  # the provider does not let this person use the service desk
    PROVIDER = "provider"  # it answered with an error
    STALE = "stale"  # too late, done before, or begun in another browser
    FORGED = "forged"  # what it says of the person does not hold
    INCOMPLETE = "incomplete"  # a claim that is needed is not there
    NO_GROUP = "no-group"
    TOO_MANY_GROUPS = "too-many-groups"
    UNKNOWN = "unknown"  # not in the directory of the municipality
    TAKEN = "taken"  # the sign-in name is somebody else's
    INACTIVE = "inactive"
