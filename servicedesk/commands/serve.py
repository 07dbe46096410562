"""`servicedesk run` and `servicedesk worker`: the processes of the product."""

import contextlib
import ctypes
import errno
import functools
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import click
from flask.cli import ScriptInfo

from servicedesk import jobs, logs
from servicedesk.commands.doctor import is_migrated

WEB = (
    "gunicorn",
    "--preload",  # the processes share what they loaded
    "--worker-class=gthread",
    "--threads=4",
    "--graceful-timeout=5",
    "--no-control-socket",
    "--log-level=warning",
)
STOP_WITHIN = 15  # seconds
LONG_LIFE = 60  # seconds; a worker that died sooner is started again after a longer pause

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@click.command("worker")
@click.pass_obj
def worker(info: ScriptInfo):
    """Run the jobs: deadlines, mail, tidying. Any number of workers may run."""
    logs.start()
    metronome = jobs.scheduler(info.load_app())

    def stop(signum, frame):
        # In a thread of its own: the main thread may hold the scheduler's locks right now.
        threading.Thread(target=_shut_down, args=(metronome,)).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    metronome.start()


@click.command("run")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port; 0 takes a free one.")
@click.option(
    "--workers", default=2, show_default=True, help="Web processes, of four threads each."
)
@click.pass_obj
def run(info: ScriptInfo, host: str, port: int, workers: int):
    """Serve the pages and run the jobs, in one command; Ctrl-C stops both."""
    if not is_migrated(info.load_app()):
        raise click.ClickException(
            "The database has no tables, or old ones: run servicedesk db upgrade first."
        )
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    environment = {"SERVICEDESK_URL": address} | os.environ
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as children:
        web = children.enter_context(
            _Child(
                (*WEB, f"--workers={workers}", f"--bind=fd://{listener.fileno()}", "wsgi:app"),
                environment,
                pass_fds=[listener.fileno()],
            )
        )
        jobs_worker = children.enter_context(_Child(("servicedesk.cli", "worker"), environment))
        with contextlib.suppress(KeyboardInterrupt):
            _wait_for_answer(web, host, port)
            click.echo(f"Servicedesk runs on {address} (Ctrl-C stops it)")
            _watch_over(web, jobs_worker)
        # From here to the end, a second Ctrl-C would only leave children behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        failed = web.has_ended
    if failed:
        raise click.ClickException("The web server stopped by itself; the lines above say why.")
    click.echo("Stopped.")


class _Child:
    """A Python module as a process in a group of its own, so that Ctrl-C reaches us alone.

    It ends when this process does, also when that is killed.
    """

    def __init__(self, module: tuple[str, ...], environment: dict[str, str], pass_fds=()):
        self._command = [sys.executable, "-m", *module]
        self._options = {"env": environment, "pass_fds": pass_fds, "process_group": 0}
        if _LIBC:
            self._options["preexec_fn"] = functools.partial(_end_with, os.getpid())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, **self._options)
        self.started = time.monotonic()

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def code(self) -> int | None:
        return self._process.returncode


def _end_with(parent: int) -> None:
    """In the new process: let Linux send it SIGTERM when `parent` ends, which may be already."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _watch_over(web: _Child, jobs_worker: _Child) -> None:
    """Start the worker again whenever it ends; return when the web server has."""
    pause = 1
    while not web.has_ended:
        time.sleep(0.5)
        if jobs_worker.has_ended:
            pause = 1 if time.monotonic() - jobs_worker.started > LONG_LIFE else min(2 * pause, 60)
            click.echo(
                f"The worker ended (code {jobs_worker.code}); it starts again in {pause} s",
                err=True,
            )
            time.sleep(pause)
            jobs_worker.start()


def _wait_for_answer(web: _Child, host: str, port: int) -> None:
    """Return when a page comes back, or the web server gave up."""
    while not web.has_ended:
        asked = http.client.HTTPConnection(host, port, timeout=5)
        try:
            asked.request("GET", "/health")
            asked.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
        finally:
            asked.close()


def _listen(host: str, port: int) -> socket.socket:
    """The socket that the web server inherits; one clear sentence when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"Port {port} is taken by another program: choose another, as in"
            f" servicedesk run --port {port + 1} (make run PORT={port + 1}).",
            errno.EACCES: f"Port {port} is for root only: choose one above 1023 with --port,"
            " and let a web server such as nginx stand before it.",
        }
        sentence = reasons.get(
            error.errno, f"{host} is not an address of this machine: {error.strerror}."
        )
        raise click.ClickException(sentence) from None
    return listener


def _shut_down(metronome) -> None:
    if metronome.running:
        metronome.shutdown(wait=True)
