"""What a right answer to a case is, written apart from the product.

A seat is one person needed on a date at a desk shift or a site. It exists on each day of the range
that is a weekday of the shift or a visit day of the site, and no holiday (a visit may be moved).
An answer to a plan or a replan is {"assignments": [{date, kind: desk|site, shift|site, person}],
"gaps": [{date, kind, shift|site, n}]}.
The deviation of a person is their own desk seats - all filled desk seats * own free days / all free
days, where a free day is a day with desk seats on which the person works (any part), is not absent
all day and has no own fixed visit as primary. Spread = largest - smallest deviation. Changes = sum,
over the shifts and visits still needed, of max(persons removed, persons added).
"""

import datetime as dt
from collections import defaultdict

from tests.servicedesk.rota.check_feed import check_ical

D = dt.date.fromisoformat
NOON = "12:30"


def days(c):
    d, end = D(c["range"]["from"]), D(c["range"]["to"])
    while d <= end:
        yield d
        d += dt.timedelta(1)


def visits(c, d):
    """[(site, visit)] due on date d, after holidays and moves."""
    out = []
    for s in c.get("sites", []):
        moved_away = {m["from"] for m in c.get("moves", []) if m["site"] == s["id"]}
        for v in s["visits"]:
            due = d.isoweekday() == v["weekday"] and d.isoformat() not in c.get("holidays", [])
            if due and v.get("every", 1) > 1:
                due = (d - D(v["anchor"])).days // 7 % v["every"] == 0
            if due and d.isoformat() not in moved_away and d.isoformat() not in s.get("closed", []):
                out.append((s, v))
        for m in c.get("moves", []):
            if m["site"] == s["id"] and m["to"] == d.isoformat():
                wd = D(m["from"]).isoweekday()
                out += [(s, v) for v in s["visits"] if v["weekday"] == wd]
    return out


def seats(c, d):
    """{(kind, id): dict(n, need, from, to, site/shift object)} required on date d."""
    out = {}
    if d.isoformat() not in c.get("holidays", []):
        for s in c.get("shifts", []):
            if d.isoweekday() in s["weekdays"]:
                out["desk", s["id"]] = dict(
                    n=s["seats"], need=s.get("need", {}), t=(s["from"], s["to"]), o=s, v=None
                )
    for s, v in visits(c, d):
        out["site", s["id"]] = dict(n=1, need={}, t=(v["from"], v["to"]), o=s, v=v)
    return out


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1]


def part_span(part):
    return {"day": ("00:00", "24:00"), "am": ("00:00", NOON), "pm": (NOON, "24:00")}[part]


def present(c, p, d, span):
    """Does person p normally work during all of span on d, without absence?"""
    if p.get("from") and d < D(p["from"]) or p.get("to") and d > D(p["to"]):
        return False
    w = p["works"].get(str(d.isoweekday()))
    if not w:
        return False
    ws = part_span(w)
    if not (ws[0] <= span[0] and span[1] <= ws[1]):
        return False
    return not any(
        a["person"] == p["id"]
        and D(a["from"]) <= d <= D(a["to"])
        and overlap(part_span(a.get("part", "day")), span)
        for a in c.get("absences", [])
    )


def may(c, p, d, key, seat):
    """Everything but double booking and the skill mix of a shift."""
    if not present(c, p, d, seat["t"]):
        return False
    return p.get("desk", True) if key[0] == "desk" else p["id"] in seat["o"]["qualified"]


def clash(c, x, y):
    return c.get("rules", {}).get("one_duty_per_day", True) or overlap(x["t"], y["t"])


def unskilled_cap(seat):
    return {k: seat["n"] - n for k, n in seat["need"].items()}


def table(rows):
    t = defaultdict(list)
    for r in rows:
        t[r["date"], r["kind"], r.get("shift") or r.get("site")].append(r["person"])
    return {k: sorted(v) for k, v in t.items()}


def hard(c, ans):
    """Properties of any right plan."""
    err, P = [], {p["id"]: p for p in c["people"]}
    t = table(ans["assignments"])
    gap = defaultdict(int)
    for g in ans.get("gaps", []):
        gap[g["date"], g["kind"], g.get("shift") or g.get("site")] += g.get("n", 1)
    seen = set()
    weekly, hours, desk_days = defaultdict(int), defaultdict(float), defaultdict(set)
    for d in days(c):
        ss, held = seats(c, d), defaultdict(list)
        for k, seat in ss.items():
            key = (d.isoformat(), *k)
            seen.add(key)
            who = t.get(key, [])
            if len(who) + gap[key] != seat["n"]:
                err.append(
                    f"{key}: {len(who)} persons + {gap[key]} reported open, {seat['n']} needed"
                )
            for w in who:
                if w not in P:
                    err.append(f"{key}: unknown person {w}")
                    continue
                forced = any(
                    o["date"] == key[0]
                    and o["kind"] == k[0]
                    and (o.get("shift") or o.get("site")) == k[1]
                    and o["person"] == w
                    for o in c.get("overrides", [])
                )
                if not (present(c, P[w], d, seat["t"]) if forced else may(c, P[w], d, k, seat)):
                    err.append(f"{key}: {w} is absent, not at work or not authorised")
                if any(h == k or clash(c, seat, ss[h]) for h in held[w]):
                    err.append(f"{key}: {w} is booked twice")
                held[w].append(k)
                a, b = (int(x[:2]) * 60 + int(x[3:]) for x in seat["t"])
                hours[w, d.isocalendar()[:2]] += (b - a) / 60
                if k[0] == "desk":
                    weekly[w, d.isocalendar()[:2]] += 1
                    desk_days[w].add(d)
            for s, cap in unskilled_cap(seat).items():
                if sum(1 for w in who if w in P and s not in P[w].get("skills", [])) > cap:
                    err.append(f"{key}: too few with skill {s}")
        for o in c.get("overrides", []):
            if o["date"] == d.isoformat() and o["person"] in P:
                k = (o["kind"], o.get("shift") or o.get("site"))
                if (
                    k in ss
                    and present(c, P[o["person"]], d, ss[k]["t"])
                    and o["person"] not in t.get((o["date"], *k), [])
                ):
                    err.append(f"{o['date']} {k}: override to {o['person']} not kept")
    err += [f"{k}: nothing is needed here" for k in {*t, *(g for g in gap if gap[g])} - seen]
    r = c.get("rules", {})
    if r.get("max_desk_per_week"):
        err += [
            f"{w} week {k}: {n} desk seats"
            for (w, k), n in weekly.items()
            if n > r["max_desk_per_week"]
        ]
    if r.get("respect_hours"):
        err += [
            f"{w} week {k}: {n} h, contract {P[w]['hours']}"
            for (w, k), n in hours.items()
            if w in P and n > P[w]["hours"]
        ]
    if r.get("max_consecutive_desk_days"):
        work = [d for d in days(c) if any(k[0] == "desk" for k in seats(c, d))]
        for w, s in desk_days.items():
            run = 0
            for d in work:
                run = run + 1 if d in s else 0
                if run > r["max_consecutive_desk_days"]:
                    err.append(
                        f"{w}: more than {r['max_consecutive_desk_days']} desk days in a row at {d}"
                    )
                    break
    return err


def free_days(c):
    out = {}
    for p in c["people"]:
        n = 0
        for d in days(c):
            ss = seats(c, d)
            if not p.get("desk", True) or not any(k[0] == "desk" for k in ss):
                continue
            if any(s["v"] and s["v"].get("primary") == p["id"] for s in ss.values()):
                continue
            n += any(present(c, p, d, part_span(x)) for x in ("day", "am", "pm"))
        out[p["id"]] = n
    return out


def spread(c, rows, people=None, shift=None):
    f, cnt = free_days(c), defaultdict(int)
    for r in rows:
        if r["kind"] == "desk" and (not shift or r["shift"] == shift):
            cnt[r["person"]] += 1
    ids = people or [i for i in f if f[i]]
    F, T = sum(f[i] for i in ids), sum(cnt[i] for i in ids)
    dev = [cnt[i] - T * f[i] / F for i in ids]
    return max(dev) - min(dev)


def changes(c, old, new):
    a, b, n, where = table(old), table(new), 0, set()
    for k in {*a, *b}:
        if D(c["range"]["from"]) <= D(k[0]) <= D(c["range"]["to"]) and tuple(k[1:]) in seats(
            c, D(k[0])
        ):
            x, y = list(a.get(k, [])), list(b.get(k, []))
            for p in list(x):
                if p in y:
                    x.remove(p)
                    y.remove(p)
            m = max(len(x), len(y))
            n += m
            if m:
                where.add(k[0])
    return n, where


def check(case, ans, answers):
    c, err = case["input"], []
    ask = case.get("ask", "plan")
    if ask in ("plan", "replan"):
        err += hard(c, ans)
    rows = ans.get("assignments", [])
    T = table(rows)
    for e in case["expect"]:
        p = e["p"]
        if p == "gaps":
            n = sum(g.get("n", 1) for g in ans.get("gaps", []))
            if n != e["total"]:
                err.append(f"open seats {n}, expected {e['total']}")
        elif p == "gap_at":
            if not any(
                g["date"] == e["date"] and (g.get("shift") or g.get("site")) == e["of"]
                for g in ans.get("gaps", [])
            ):
                err.append(f"open seat of {e['of']} on {e['date']} not reported")
        elif p == "spread":
            s = spread(c, rows, e.get("people"), e.get("shift"))
            if s > e["limit"] + 1e-9:
                err.append(f"spread {s:.2f} > {e['limit']}")
        elif p == "shift_balance":
            for i in e.get("people") or [q["id"] for q in c["people"]]:
                n = [
                    sum(r["person"] == i and r.get("shift") == s for r in rows) for s in e["shifts"]
                ]
                if max(n) - min(n) > e["limit"]:
                    err.append(f"{i}: {dict(zip(e['shifts'], n))}")
        elif p == "primary_when_present":
            P = {q["id"]: q for q in c["people"]}
            for d in days(c):
                for s, v in visits(c, d):
                    if e.get("sites") and s["id"] not in e["sites"]:
                        continue
                    k = ("site", s["id"])
                    for who in (v["primary"], v.get("deputy") if e.get("deputy") else None):
                        if who and may(c, P[who], d, k, seats(c, d)[k]):
                            if T.get((d.isoformat(), *k)) != [who]:
                                err.append(
                                    f"{d} {s['id']}: {T.get((d.isoformat(), *k))}, expected {who}"
                                )
                            break
        elif p == "exact":
            for k, who in e["seats"]:
                if T.get(tuple(k), []) != sorted(who):
                    err.append(f"{k}: {T.get(tuple(k), [])} != {sorted(who)}")
        elif p == "never":
            err += [
                f"{r['person']} on {r['date']} {r.get('shift') or r.get('site')}"
                for r in rows
                if r["person"] == e["person"] and e["from"] <= r["date"] <= e["to"]
            ]
        elif p == "cycle":
            seq = [T[k] for k in sorted(T) if k[1] == "desk" and k[2] == e["shift"]]
            for i in range(len(seq) - e["window"] + 1):
                if len({x for s in seq[i : i + e["window"]] for x in s}) != e["window"]:
                    err.append(f"window at {i}: {seq[i : i + e['window']]}")
                    break
        elif p == "changes":
            n, _ = changes(c, c["published"], rows)
            if n > e["limit"]:
                err.append(f"{n} changes > {e['limit']} (least possible {e.get('least')})")
        elif p == "same_outside":
            _, where = changes(c, c["published"], rows)
            err += [
                f"changed on {d}"
                for d in sorted(where)
                if not any(a <= d <= b for a, b in e["windows"])
            ]
        elif p == "agrees_with":
            o = table(answers.get(e["case"], {}).get("assignments", []))
            bad = [k for k in {*o, *T} if e["from"] <= k[0] <= e["to"] and o.get(k) != T.get(k)]
            if not o or bad:
                err.append(f"differs from {e['case']} at {sorted(bad)[:3]}")
        elif p == "candidates":
            got = ans.get("candidates", [])
            if sorted(got) != sorted(e["set"]):
                err.append(f"candidates {got} != {e['set']}")
            if e.get("first") and (not got or got[0] not in e["first"]):
                err.append(f"first of {got} not in {e['first']}")
        elif p == "swap":
            if (
                ans.get("state") != e["state"]
                or e.get("reason")
                and ans.get("reason") not in e["reason"]
            ):
                got = ans.get("state"), ans.get("reason")
                err.append(f"{got}, expected {e['state']}/{e.get('reason')}")
            if e["state"] == "accepted":
                err += hard(c, dict(assignments=rows, gaps=e.get("gaps", [])))
            if table(rows) != table(e["after"]):
                err.append("schedule after the request is not as expected")
        elif p == "who":
            for q, got, want in zip(
                c["questions"], ans.get("answers", []), e["answers"], strict=True
            ):
                if sorted(got) != sorted(want):
                    err.append(f"{q}: {got} != {want}")
        elif p == "ical":
            err += check_ical(c, e, ans["feeds"])
        else:
            err.append("unknown property " + p)
    return err
