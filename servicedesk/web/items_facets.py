"""The facets beside the list of items, and the sentence above it, as the page draws them."""

from collections.abc import Iterable, Mapping

from cmdb import registry
from cmdb.catalogue import concrete
from cmdb.people import Person
from servicedesk.inventory import facets
from servicedesk.inventory.facets import STANDINGS, Counts
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import labels
from servicedesk.web import impact_words
from servicedesk.web.items_asked import Question
from servicedesk.web.numbers import count, whole_share

TITLES = {
    "standing": lazy_gettext("Toestand"),
    "class": lazy_gettext("Soort"),
    "municipality": lazy_gettext("Gemeente"),
    "hosting": lazy_gettext("Hosting"),
}
_AT_FIRST = 8
_AVERAGED = 5000
_SAID = {
    "down": lazy_gettext("%(number)s uitgevallen"),
    "degraded": lazy_gettext("%(number)s verminderd"),
    "at-risk": lazy_gettext("%(number)s kwetsbaar"),
}


def choices(question: Question, towns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The values that a facet offers, with their words; `towns` are those one may choose from."""
    known = registry.classes()
    classes = {spec.key: _(spec.name) for spec in concrete(known)}
    classes |= {key: _(known[key].name) for key in question.facets["class"] if key in known}
    offered = {
        "standing": {
            key: str(impact_words.STATE[state]) for key, state in STANDINGS.items()
        },
        "class": classes,
        "municipality": dict(towns),
        "hosting": {key.value: str(name) for key, name in labels.HOSTING.items()},
    }
    if question.on is not None:
        del offered["standing"]
    return {name: values for name, values in offered.items() if values}


def drawn(
    question: Question, offered: Mapping[str, Mapping[str, str]], counts: Counts | None
) -> list[dict[str, object]]:
    """Each facet with its options: those that hold something, and those that are chosen."""
    found = []
    for name, words in offered.items():
        chosen, numbers = question.facets[name], counts.by_value[name] if counts else {}
        shown = [
            {
                "value": value,
                "text": text,
                "count": count(numbers.get(value, 0)) if counts else "",
                "number": numbers.get(value, 0),
                "chosen": value in chosen,
            }
            for value, text in words.items()
            if name == "standing" or counts is None or numbers.get(value) or value in chosen
        ]
        if name == "class":
            shown.sort(key=lambda one: (not one["chosen"], -one["number"], one["text"]))
        first = max(_AT_FIRST, len(chosen)) if name == "class" else len(shown)
        if shown:
            found.append(
                {"name": name, "title": TITLES[name], "first": shown[:first], "rest": shown[first:]}
            )
    return found


def chips(
    question: Question, offered: Mapping[str, Mapping[str, str]]
) -> Iterable[dict[str, str]]:
    """A chip for each chosen value, with the list without it."""
    for name, words in offered.items():
        for value in question.facets[name]:
            if value in words:
                url = question.without_value(name, value)
                yield {"label": str(TITLES[name]), "value": words[value], "url": url}


def sentence(question: Question, counts: Counts) -> list[dict[str, str]]:
    """How many are how bad, and how complete they are on average: each part with its list."""
    numbers = counts.by_value["standing"]
    parts = [
        {
            "text": words % {"number": count(numbers[key])},
            "url": question.url(without=["standing"], standing=key),
            "look": impact_words.LOOK[STANDINGS[key]][0],
        }
        for key, words in _SAID.items()
        if numbers.get(key)
    ]
    return parts


def average(question: Question, counts: Counts) -> dict[str, str] | None:
    """How complete the items of the list are, with that list, the least complete first."""
    if counts.average is None:
        return None
    text = _("%(percent)s volledig", percent=whole_share(counts.average))
    return {"text": text, "url": question.url(sort="completeness", dir="asc")}


def counted(question: Question, person: Person, size: int) -> Counts:
    """The counts of the list, for somebody who sees a register of so many items in all."""
    return facets.counts(
        question.asked, question.facets, person.municipality_id is None, size <= _AVERAGED
    )
