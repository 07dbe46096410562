"""What a right calendar feed is, written apart from the product: a small strict reader."""

import datetime as dt
from zoneinfo import ZoneInfo


def ical(text):
    """Read strictly: (errors, [event: name -> (params, value)], has_vtimezone)."""
    err, ev, cur, stack, tz, cal = [], [], None, [], False, {}
    if "\n" in text.replace("\r\n", ""):
        err.append("line ends must be CRLF")
    err += [
        f"line longer than 75 octets: {x[:30]}" for x in text.split("\r\n") if len(x.encode()) > 75
    ]
    for line in text.replace("\r\n ", "").replace("\r\n\t", "").split("\r\n"):
        if not line:
            continue
        quoted, cut = False, -1
        for i, ch in enumerate(line):
            quoted ^= ch == '"'
            if ch == ":" and not quoted:
                cut = i
                break
        if cut < 0:
            err.append("no colon: " + line[:40])
            continue
        name, *par = line[:cut].split(";")
        name, val = name.upper(), line[cut + 1 :]
        if name == "BEGIN":
            stack.append(val)
            tz |= val == "VTIMEZONE"
            if val == "VEVENT":
                cur = {}
        elif name == "END":
            if not stack or stack.pop() != val:
                err.append("unbalanced END:" + val)
            if val == "VEVENT":
                ev.append(cur)
                cur = None
        elif cur is not None and stack[-1] == "VEVENT":
            cur[name] = (dict(x.split("=", 1) for x in par), val)
        elif stack == ["VCALENDAR"]:
            cal[name] = val
    if stack or cal.get("VERSION") != "2.0" or "PRODID" not in cal:
        err.append("VCALENDAR must be closed and have VERSION 2.0 and PRODID")
    return err, ev, tz


def instant(prop):
    par, v = prop
    if v.endswith("Z"):
        return dt.datetime.strptime(v, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.timezone.utc)
    return (
        dt.datetime.strptime(v, "%Y%m%dT%H%M%S")
        .replace(tzinfo=ZoneInfo(par["TZID"]))
        .astimezone(dt.timezone.utc)
    )


def check_ical(c, e, feeds):
    err, uids = [], []
    for n, text in enumerate(feeds):
        bad, ev, tz = ical(text)
        err += bad
        live = [x for x in ev if x.get("STATUS", ({}, ""))[1] != "CANCELLED"]
        if any(k not in x for x in ev for k in ("UID", "DTSTAMP", "DTSTART", "SUMMARY")):
            err.append(f"feed {n}: UID, DTSTAMP, DTSTART and SUMMARY are needed in each event")
            continue
        if len({x["UID"][1] for x in ev}) != len(ev):
            err.append(f"feed {n}: UID used twice")
        if any("TZID" in x["DTSTART"][0] for x in ev) and not tz:
            err.append(f"feed {n}: TZID without VTIMEZONE")
        if any(not x["DTSTAMP"][1].endswith("Z") for x in ev):
            err.append(f"feed {n}: DTSTAMP must be UTC")
        got = sorted(
            (instant(x["DTSTART"]).isoformat(), instant(x["DTEND"]).isoformat())
            for x in live
            if "DTEND" in x
        )
        want = sorted((f, t) for f, t in e["spans"][n])
        if got != want:
            err.append(f"feed {n}: spans {got} != {want}")
        err += [
            f"feed {n}: forbidden text {w!r}"
            for w in e.get("forbidden", [])
            if w.lower() in text.lower()
        ]
        flat = text.replace("\r\n ", "").replace("\r\n\t", "")
        err += [f"feed {n}: text {w!r} missing" for w in e.get("contains", []) if w not in flat]
        uids.append({instant(x["DTSTART"]).isoformat(): x["UID"][1] for x in live})
    for a, b in zip(uids, uids[1:]):
        err += [
            f"UID of {k} is not stable"
            for k in a
            if k in b and a[k] != b[k] and k in e.get("stable", [])
        ]
    return err
