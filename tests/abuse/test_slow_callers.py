"""D4: slow callers, before the reverse proxy exactly as docs/install.md sets it up."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.servicedesk.test_serve import ROOT, made, started

pytestmark = pytest.mark.no_database

HOST = "servicedesk.example.org"
FOLDERS = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
SHARE = 100  # of one address, by the configuration
CUT_OFF_WITHIN = 60  # seconds; the configuration says 10, the machine may be busy

# What Debian's own nginx.conf puts around a site, in a folder of the test.
AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""
HEADER = f"Host: {HOST}\r\n".encode()
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n"
# How many are slow in which way, each with what it sends before it stops.
SLOW = {
    "header": (50, b"GET /signin HTTP/1.1\r\n" + HEADER + b"X-Slow: "),
    "body": (40, b"POST /signin HTTP/1.1\r\n" + HEADER + FORM + b"\r\nlogin="),
    "answer": (40, b"GET /api/v1/openapi.json HTTP/1.1\r\n" + HEADER + b"\r\n"),
}


def site_of_the_docs(**here: str) -> str:
    """The configuration in docs/install.md, with the ports and files of this test in place of its own."""
    text = (ROOT / "docs" / "install.md").read_text("utf-8")
    (site,) = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
    for there, ours in {
        "443 ssl": f"127.0.0.1:{here['port']} ssl",
        "/etc/ssl/servicedesk.pem": here["certificate"],
        "/etc/ssl/private/servicedesk.key": here["key"],
        "http://127.0.0.1:8000": here["product"],
    }.items():
        assert site.count(there) == 1, there
        site = site.replace(there, ours)
    return site


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """The port of an nginx before the product, and its certificate."""
    nginx = shutil.which("nginx", path=FOLDERS)
    if nginx is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("nginx is not installed: apt-get install nginx-light")
    known = made(tmp_path_factory.mktemp("instance"))
    known |= {"SERVICEDESK_URL": f"https://{HOST}", "SERVICEDESK_PROXIES": "1"}
    folder = tmp_path_factory.mktemp("proxy")
    with started(known) as (_process, address), before(address, nginx, folder) as there:
        yield there


@contextlib.contextmanager
def before(product: str, nginx: str, folder: Path):
    """An nginx that stands before the product, with everything that it writes in the folder."""
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-out", certificate, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = site_of_the_docs(port=str(port), certificate=certificate, key=key, product=product)
    user = "user root;\n" if os.geteuid() == 0 else ""  # else its processes cannot enter the folder
    (folder / "nginx.conf").write_text(user + AROUND.format(folder=folder, site=site))
    command = [nginx, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        wait_for(port, process)
        yield port, certificate
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, process) -> None:
    for _ in range(100):
        assert process.poll() is None, "nginx refuses the configuration of docs/install.md"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError("nginx does not listen")


def connection(proxy, source: str = "127.0.0.1") -> ssl.SSLSocket:
    port, certificate = proxy
    plain = socket.socket()
    # So little lies between that who reads nothing is noticed.
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    plain.bind((source, 0))
    plain.settimeout(20)
    plain.connect(("127.0.0.1", port))
    return ssl.create_default_context(cafile=certificate).wrap_socket(plain, server_hostname=HOST)


def quick(proxy, source: str = "127.0.0.1") -> tuple[int, float]:
    """The status that somebody gets who asks for a page, and after how many seconds."""
    begin = time.monotonic()
    with connection(proxy, source) as caller:
        caller.sendall(b"GET /signin HTTP/1.1\r\nConnection: close\r\n" + HEADER + b"\r\n")
        answer = b"".join(iter(lambda: caller.recv(65536), b""))
    assert b"</html>" in answer, "the whole page"
    return int(answer.split()[1]), time.monotonic() - begin


def held(proxy, callers) -> int:
    """How many of these connections nginx still holds."""
    ports = {caller.getsockname()[1] for caller in callers}
    return sum(
        one.laddr.port == proxy[0] and one.raddr.port in ports
        for one in psutil.net_connections("tcp")
        if one.raddr and one.status == psutil.CONN_ESTABLISHED
    )


def test_d4_slow_callers_hinder_nobody_and_are_cut_off(proxy):
    """Half a header, half a body, an answer that nobody reads; the product has eight threads."""
    with contextlib.ExitStack() as opened:
        callers = []
        for count, sent in SLOW.values():
            for _ in range(count):
                callers.append(opened.enter_context(connection(proxy)))
                callers[-1].sendall(sent)
        time.sleep(1)  # until each is where it waits
        for _ in range(3):
            status, seconds = quick(proxy)
            assert status == 200 and seconds < 8
        begin = time.monotonic()
        while held(proxy, callers):
            assert time.monotonic() - begin < CUT_OFF_WITHIN, f"{held(proxy, callers)} hold on"
            time.sleep(0.5)


def test_d4_one_address_has_no_more_than_its_share(proxy):
    """Who drips stands never still: so many at once, and no more, and only that address is told so."""
    with contextlib.ExitStack() as opened:
        callers = [opened.enter_context(connection(proxy, "127.0.0.2")) for _ in range(SHARE)]
        for caller in callers:
            caller.sendall(SLOW["body"][1])
        time.sleep(1)
        assert quick(proxy, "127.0.0.2")[0] == 429
        for _ in range(3):
            for caller in callers:
                caller.sendall(b"x")
            status, seconds = quick(proxy, "127.0.0.3")
            assert status == 200 and seconds < 8
