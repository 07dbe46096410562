"""Dutch public holidays by rule, as municipalities take them (CAO Gemeenten, art. 6.6)."""
from datetime import date, timedelta

LIBERATION_DAY_RULES = ("yearly", "lustrum", "never")


def dutch_holidays(year: int, liberation_day: str = "yearly") -> dict[date, str]:
    """Give the public holidays of one year, in order of date, with their Dutch names.

    `liberation_day` says when 5 May is a day off: "yearly" (CAO Gemeenten since 2024), "lustrum"
    (years that five divides) or "never". Good Friday is not a day off. Where two holidays share a
    date, that date stands once, under the name that comes first in the list below. Raises
    ValueError for another rule.
    """
    if liberation_day not in LIBERATION_DAY_RULES:
        raise ValueError(f"liberation_day must be yearly, lustrum or never, not {liberation_day!r}")
    easter = easter_sunday(year)
    named = [
        (date(year, 1, 1), "Nieuwjaarsdag"),
        (easter, "Eerste paasdag"),
        (easter + timedelta(days=1), "Tweede paasdag"),
        (_kings_day(year), "Koningsdag"),
        (easter + timedelta(days=39), "Hemelvaartsdag"),
        (easter + timedelta(days=49), "Eerste pinksterdag"),
        (easter + timedelta(days=50), "Tweede pinksterdag"),
        (date(year, 12, 25), "Eerste kerstdag"),
        (date(year, 12, 26), "Tweede kerstdag"),
    ]
    if liberation_day == "yearly" or (liberation_day == "lustrum" and year % 5 == 0):
        named.append((date(year, 5, 5), "Bevrijdingsdag"))
    holidays: dict[date, str] = {}
    for day, name in named:
        holidays.setdefault(day, name)
    return dict(sorted(holidays.items()))


def easter_sunday(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher, for years after 1582)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _kings_day(year: int) -> date:
    """27 April, or the Saturday before when that is a Sunday."""
    day = date(year, 4, 27)
    return day - timedelta(days=1) if day.isoweekday() == 7 else day
