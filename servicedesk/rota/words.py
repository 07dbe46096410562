"""The states that rows of the roster can be in, and the table of what may follow what."""

import enum


class AbsenceKind(enum.StrEnum):
    LEAVE = "leave"
    ILLNESS = "illness"
    TRAINING = "training"
    OTHER = "other"


class AbsenceState(enum.StrEnum):
    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"


class FeedScope(enum.StrEnum):
    PERSON = "person"
    TEAM = "team"
    MUNICIPALITY = "municipality"


class SwapState(enum.StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNDONE = "undone"


class Step(enum.StrEnum):
    """What somebody does with a request to swap."""

    ACCEPT = "accept"
    DECLINE = "decline"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    UNDO = "undo"


# What a step makes of a request: the check, the buttons and the API all read this table.
SWAP_STEPS: dict[SwapState, dict[Step, SwapState]] = {
    SwapState.REQUESTED: {
        Step.ACCEPT: SwapState.ACCEPTED,
        Step.DECLINE: SwapState.REJECTED,
        Step.REJECT: SwapState.REJECTED,
        Step.WITHDRAW: SwapState.WITHDRAWN,
        Step.EXPIRE: SwapState.EXPIRED,
    },
    SwapState.ACCEPTED: {
        Step.APPROVE: SwapState.APPROVED,
        Step.REJECT: SwapState.REJECTED,
        Step.WITHDRAW: SwapState.WITHDRAWN,
        Step.EXPIRE: SwapState.EXPIRED,
    },
    SwapState.APPROVED: {Step.UNDO: SwapState.UNDONE},
}
