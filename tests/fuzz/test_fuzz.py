"""Everybody sends odd requests to every door: no failure of ours, and no word of somebody else.

The requests follow from the seed. They come in blocks that are taken back: within a block what one
stored is what another reads. In every second block the desk only looks, so that nothing becomes
shared, and no word of Oosterveen may reach who has no part in it.
"""

import io
import json
import time
import urllib.parse
from collections import Counter
from random import Random

from cmdb.database import db, utc_now
from servicedesk import heartbeat
from servicedesk.api.door import _HEADERS, OPERATIONS
from servicedesk.web.request import _CSP
from tests.fuzz import odd, shaped
from tests.servicedesk.web import api_doors
from tests.servicedesk.web.doors import ACCESS, ALL, BESIDES, DESK
from tests.servicedesk.web.test_routes import World, body_of, routes

__all__ = ["routes"]  # a fixture

BLOCK = 20
SLOW = 10  # seconds; a request that takes longer hangs
POLICIES = (_CSP, _HEADERS["Content-Security-Policy"], "default-src 'none'; sandbox")
MARK = "<img src=x"
HERS, ITS = "geheim van Anna", ("geheim van Oosterveen", "geheim werk", "Laptop 12")
SECRETS = {"nobody": (HERS, *ITS), "carla": (HERS, *ITS), "bram": (HERS,)}


def test_odd_requests_are_answered_and_tell_nothing(
    request, app, cast, sign_in, routes
):
    fuzz = Fuzz(app, cast, sign_in, routes[0], Random(request.config.getoption("--seed", 1)))
    asked = request.config.getoption
    chosen = [asked("--who", None)] if asked("--who", None) else ["nobody", *sorted(ALL)]
    if each := asked("--each", 0):
        for who in chosen:
            fuzz.run(each, [who])
            print(f"\n{fuzz.told()}", flush=True)
    else:
        fuzz.run(asked("--requests", 300), chosen)
        print(f"\n{fuzz.told()}")
    assert not fuzz.faults, "\n".join(fuzz.faults)
    assert {"2xx", "3xx", "4xx"} <= set(fuzz.answers), "nobody got anywhere"


class Fuzz:
    """Sends requests, counts the answers, and keeps what was wrong with them."""

    def __init__(self, app, cast, sign_in, rules, chance):
        self.app, self.rules, self.chance = app, rules, chance
        world = World(cast, sign_in, with_roster=True)
        self.values = {name: plain(world.values(rule)) for name, rule in rules.items()}
        self.forms = {name: plain(world.form(name)) for name in rules}
        self.names = sorted({field for form in self.forms.values() for field in form})
        self.keys = {who: key_of(sign_in(getattr(cast, who))) for who in sorted(ALL)}
        self.programs = api_doors.Programs(app, cast)
        for who in sorted(ALL):  # a token that a block makes is taken back with it
            self.programs.headers(who)
        self.bodies = {name: api_doors.body(name, world) for name in rules if name.startswith("api.")}
        self.doors = sorted(
            (name, method)
            for name, rule in rules.items()
            for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        )
        self.known = sorted(
            {world.item.uid, world.switch.uid, cast.application.uid, cast.oosterveen.code,
             cast.daan.login, cast.anna.login, "needs", "server", "memory", "network", "10.0.0.0/24",
             "memory.gt=1", "relation.needs=none", "name", "-memory", "Werkplek", "support_until.past"}
        )  # fmt: skip
        self.answers, self.people, self.faults = Counter(), Counter(), []

    def run(self, requests: int, people: list[str]) -> None:
        """Send so many, each by one of `people` as chance has it."""
        connection = db.session.connection()
        db.session.commit()
        for start in range(0, requests, BLOCK):
            desk_works = start // BLOCK % 2 == 0
            block = connection.begin_nested()
            heartbeat.beat("test", utc_now())  # so that /health has nothing to say
            db.session.commit()
            for _ in range(min(BLOCK, requests - start)):
                self.ask(self.chance.choice(people), desk_works)
            block.rollback()
            db.session.expire_all()

    def ask(self, who: str, desk_works: bool) -> None:
        chance = self.chance
        name, method = chance.choice(self.doors)
        if chance.random() < 0.6 and who not in ACCESS[name]:
            name, method = chance.choice([door for door in self.doors if who in ACCESS[door[0]]])
        if method != "GET" and who in DESK and not desk_works:
            name, method = chance.choice([door for door in self.doors if door[1] == "GET"])
        sent = self.sent(name, method)
        browser = self.app.test_client()
        if who != "nobody":
            with browser.session_transaction() as cookie:
                cookie["key"] = self.keys[who]
        if name.startswith("api."):
            sent["headers"] |= self.programs.headers(who)
        label = f"{who} {method} {sent['path'][:300]!a} {str(sent.get('data'))[:600]!a} {sent['headers']}"
        begin = time.monotonic()
        try:
            answer = browser.open(method=method, buffered=True, **sent)
        except Exception as error:  # it left the application: worse than a 500
            self.faults.append(f"{type(error).__name__}: {error}: {label}")
            return
        self.people[who] += 1
        self.answers[f"{answer.status_code // 100}xx"] += 1
        for fault in self.faults_of(who, name, answer, desk_works):
            self.faults.append(f"{fault}: {label}")
        if time.monotonic() - begin > SLOW:
            self.faults.append(f"took {time.monotonic() - begin:.0f} s: {label}")
        self.learn(answer)

    def sent(self, name: str, method: str) -> dict[str, object]:
        chance, rule = self.chance, self.rules[name]
        values = dict(self.values[name])
        path = rule.rule
        if values and chance.random() < 0.7:
            path = self.app.url_map.bind("localhost").build(name, values)
        else:
            for part in [part for part in path.split("/") if part.startswith("<")]:
                path = path.replace(part, escaped(odd.value(chance))[:2000] or "x")
        if chance.random() < 0.7:
            asked = self.asked(name)
            path += "?" + "&".join(f"{escaped(key)}={escaped(text)}" for key, text in asked)[:8000]
        sent = {"path": path, "headers": dict(chance.choice(odd.HEADERS))}
        if method != "GET":
            sent["data"] = self.data(name)
            if name.startswith("api."):
                told = OPERATIONS[name.removeprefix("api.")]
                sent["content_type"] = chance.choice([*told.file_types, "application/json"])
        return sent

    def asked(self, name: str) -> list[tuple[str, str]]:
        """Parameters of an address: those that an operation declares, or whatever."""
        chance, told = self.chance, OPERATIONS.get(name.removeprefix("api."))
        if told and told.query and chance.random() < 0.7:
            found = shaped.of({"properties": told.query}, chance, self.known)
            if isinstance(found, dict):
                return [
                    (key, str(one))
                    for key, each in found.items()
                    for one in (each if isinstance(each, list) else [each])
                ]
        return [(chance.choice(self.names), self.word(name)) for _ in range(chance.randrange(1, 6))]

    def json(self, name: str) -> bytes:
        """A body of an operation: as its schema asks, or one that is right but for some values."""
        told = OPERATIONS[name.removeprefix("api.")]
        if told.file_types:
            return self.chance.choice(odd.FILE_DATA)
        if told.body and self.chance.random() < 0.6:
            return json.dumps(shaped.of(told.body, self.chance, self.known)).encode()
        body = dict(self.bodies[name])
        for _ in range(self.chance.randrange(0, 4)):
            key = self.chance.choice([*body, *self.names])
            body[key] = self.chance.choice(
                [odd.value(self.chance), None, -1, 1e99, True, [], {}, [odd.value(self.chance)]]
            )
        return json.dumps(body).encode()

    def word(self, name: str) -> str:
        """Mostly something odd, else what some form says."""
        if self.chance.random() < 0.7:
            return odd.value(self.chance)
        return str(self.chance.choice(list(self.forms[name].values())))

    def data(self, name: str):
        chance = self.chance
        if name.startswith("api.") and chance.random() < 0.8:
            return self.json(name)
        if chance.random() < 0.03:
            return chance.choice([b"\xff\xfe\x00", b"[" * 20_000, b"a=%ED%A0%80&b=%", b"--x\r\n\r\n"])
        form: dict[str, object] = dict(self.forms[name])
        for _ in range(chance.randrange(0, 5)):
            form[chance.choice([*self.forms[name], *self.names])] = self.word(name)
        for _ in range(chance.randrange(0, 3)):
            form.pop(chance.choice(list(form)), None)
        if chance.random() < 0.2:
            key = chance.choice(list(form))
            form[key] = [str(form[key]), odd.value(chance), odd.value(chance)]
        if chance.random() < 0.25:
            file = io.BytesIO(chance.choice(odd.FILE_DATA)), chance.choice(odd.FILE_NAMES)
            return {key: storable(text) for key, text in form.items()} | {
                chance.choice(["files", "file", "inventory", "reply-files"]): file
            }
        return urllib.parse.urlencode(form, doseq=True, errors="surrogatepass").encode()

    def faults_of(self, who: str, name: str, answer, desk_works: bool):
        if answer.status_code >= 500 and answer.status_code != BESIDES.get(name):
            yield f"status {answer.status_code}"
        if answer.headers.get("Content-Security-Policy") not in POLICIES:
            yield "no policy"
        location = answer.headers.get("Location", "/")
        for site in (self.app.config["SITE_URL"], "http://localhost"):
            location = location.removeprefix(site)
        if not location.startswith("/") or location.startswith(("//", "/\\")):
            yield f"sent to {location}"
        if not (answer.mimetype or "").startswith(("text/", "application/json")):
            return
        text = body_of(answer)
        if answer.mimetype == "text/html" and MARK in text:
            yield "markup of somebody"
        if not desk_works:
            yield from (f"told {word!r}" for word in SECRETS.get(who, ()) if word in text)

    def learn(self, answer) -> None:
        """The names of fields that pages have are worth sending too."""
        if answer.status_code == 200 and answer.mimetype == "text/html" and len(self.names) < 400:
            known = set(self.names)
            found = {part.split('"')[0] for part in answer.text.split(' name="')[1:]}
            self.names += sorted(found - known - {"viewport", "csrf_token"})

    def told(self) -> str:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(self.answers.items()))
        people = ", ".join(f"{who} {count}" for who, count in sorted(self.people.items()))
        return f"{sum(self.answers.values())} requests: {counts}; {people}; {len(self.faults)} faults"


def plain(values: dict) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}


def key_of(browser) -> str:
    with browser.session_transaction() as cookie:
        return cookie["key"]


def escaped(text: str) -> str:
    return urllib.parse.quote(text, safe="", errors="surrogatepass")


def storable(text):
    """What a form of parts can carry: no half characters."""
    if isinstance(text, list):
        return [storable(part) for part in text]
    return text.encode(errors="replace").decode()
