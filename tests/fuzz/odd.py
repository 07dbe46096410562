"""What nobody types by accident: values, names of files and headers that programs stumble over."""

from random import Random

VALUES = [
    "", " ", "\0", "a\0b", "\ud800", "\r\nSet-Cookie: a=b", "\x1b[31mrood", "\u202e\u200b", "e\u0301" * 50, "💩",
    "\ufeff", "\u2028", "ﬃ", "İ", "ß", "²", "½", "٣", "Ⅷ", "1_000", " 1 ", "+1", "-1", "-0", "0", "0x10", "1e9",
    "1e400", "NaN", "inf", "1,5", "1.5", "-1,5", "99999999999999999999", "2147483648", "9223372036854775808",
    "9" * 5000, "true", "null", "None", "[]", "{}", "[[[[", "x" * 3000, "a" * 120_000, "%", "_", "%%", "\\",
    "'", '"', "''", "' OR 1=1--", "1; DROP TABLE ticket", "\")", "((((", "*", "a*", "NEAR(", "AND", "-", "^a",
    "{{7*7}}", "${7*7}", "%(x)s", "%s%n", "{0.__class__}", "<img src=x onerror=alert(1)>", "</textarea><b>",
    "javascript:alert(1)", "//evil.example", "/\\evil.example", "https:evil.example", "\t//evil.example",
    "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "../../etc/passwd", "C:\\con", "0001-01-01", "9999-12-31",
    "31-02-2026", "2026-02-30", "01-01-0001", "31-12-9999", "0000-00-00", "2026-13-01", "24:00", "25:61",
    "2026-11-29T00:00", "0001-01-01T00:00", "9999-12-31T23:59", "2026-W53", "2026-W99", "0-1", "2026-00",
    "99999-01", "10.0.0.0/8", "::/0", "1.2.3.4/99", "M2611-0001", "M9999-9999999999", "APP-0001", "APP-" + "9" * 30,
    "aaaa" * 200 + "!", "1" * 200 + "x", "- " * 200, "low", "high", "incident", "phone", "resolved", "asc", "desc",
    "name", "-name", "owner", "all", "mine", "1", "2", "3", "on",
]  # fmt: skip

FILE_NAMES = [
    "../../x", "C:\\con.txt", "a\0b.txt", "x" * 300 + ".pdf", "\u202egpj.exe", ".", "..", "", "a\r\nb.txt",
    'quote".html', "nul", "café ✓.html", ";.csv", "%00.xlsx",
]  # fmt: skip

FILE_DATA = [
    b"", b"\0", b"naam;serienummer\nLaptop 14;S14X\n", b"PK\x03\x04" + b"\0" * 40, b"\xff\xfe", b"%PDF-1.7",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"{}", b"[" * 3000, b"{\"content\": 1}",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><nmaprun>&b;</nmaprun>", b"a;b\n\"", b"\r\n" * 5000,
    b"naam\n" + b"=1+1\n" * 50, b"\x89PNG\r\n\x1a\n<html>", b"\xd0\xcf\x11\xe0", "naam\n\ud800".encode("utf-8", "surrogatepass"),
]  # fmt: skip

HEADERS = [
    {}, {}, {}, {"HX-Request-Type": "partial"}, {"HX-Request": "true"}, {"HX-Request-Type": "full"},
    {"Accept-Language": "xx-" + "y" * 500}, {"Accept-Language": "*;q=0,;;,en;q=a"}, {"Accept": "\xff"},
    {"Referer": "javascript:alert(1)"}, {"X-Forwarded-For": "evil, 1.2.3.4"}, {"X-Forwarded-Host": "evil.example"},
    {"X-HTTP-Method-Override": "DELETE"}, {"X-Remote-User": "ada"}, {"User-Agent": "\xff\x01"},
    {"If-None-Match": "*"}, {"If-Modified-Since": "x"}, {"Range": "bytes=5-1"}, {"Cookie": "servicedesk=x"},
    {"Content-Type": "application/json"}, {"Content-Type": "multipart/form-data"}, {"Content-Length": "x"},
    {"If-Match": "*"}, {"If-Match": '"1"'}, {"If-Match": "x"}, {"Idempotency-Key": "k"}, {"Origin": "null"}, {"Accept-Encoding": "identity;q=x"},
]  # fmt: skip


def value(chance: Random) -> str:
    """An odd value, or now and then two in one or what chance makes."""
    kind = chance.random()
    if kind < 0.75:
        return chance.choice(VALUES)
    if kind < 0.9:
        return chance.choice(VALUES)[:200] + chance.choice(VALUES)[:200]
    return "".join(chr(chance.randrange(1, 0x3000)) for _ in range(chance.randrange(1, 20)))
