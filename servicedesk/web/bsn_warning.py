"""The question that a form asks when a burgerservicenummer stands in its text."""

from wtforms import HiddenField

from servicedesk.tickets.bsn import find_bsns, mask, without_bsns

# What to do with the number: the two buttons of the warning.
REMOVE, KEEP = "remove", "keep"


class BsnWarning:
    """For a form with `title` and `body`; `warns` until somebody decided by a button."""

    bsn = HiddenField()

    @property
    def warns(self) -> list[str]:
        """The burgerservicenummers in the text that nobody decided about yet."""
        if self.bsn.data in (REMOVE, KEEP):
            return []
        return find_bsns(f"{self.title.data or ''}\n{self.body.data or ''}")

    def masked(self) -> list[str]:
        """The same, so that their writer knows them again and nobody else reads them."""
        return [mask(number) for number in self.warns]

    def text(self) -> tuple[str, str]:
        """Title and body as they are to be stored."""
        if self.bsn.data == REMOVE:
            return without_bsns(self.title.data), without_bsns(self.body.data)
        return self.title.data, self.body.data
