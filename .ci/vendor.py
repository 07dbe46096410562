"""Refresh the third-party files: static/vendor, the lists of signin/guesses, and tests/browser.

For developers, with npm and a network: `python .ci/vendor.py`. Each package is fetched by
`npm pack`, compared with the sha512 integrity in vendor.lock.json, and only the few files that
the pages need are copied. Everything is committed, so neither installing nor serving needs npm.
To upgrade: change the version in PACKAGES and run it again; it writes the new lock.
tests/test_vendor.py compares the committed files with the lock, without a network.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "servicedesk" / "static"
LOCK = STATIC / "vendor.lock.json"
VENDOR = "servicedesk/static/vendor"
GUESSES = "servicedesk/signin/guesses"
FONT = "source-sans-3-latin-wght-normal.woff2"

PACKAGES = {
    "@fontsource-variable/source-sans-3@5.3.0": {
        f"files/{FONT}": f"{VENDOR}/{FONT}",
        "LICENSE": f"{VENDOR}/source-sans-3.LICENSE.txt",
    },
    "htmx.org@4.0.1": {
        "dist/htmx.min.js": f"{VENDOR}/htmx.min.js",
        "LICENSE": f"{VENDOR}/htmx.LICENSE.txt",
    },
    "lucide-static@1.62.0": {"LICENSE": f"{VENDOR}/lucide.LICENSE.txt"},
    "axe-core@4.14.1": {
        "axe.min.js": "tests/browser/axe.min.js",
        "LICENSE": "tests/browser/axe.LICENSE.txt",
    },
    "@zxcvbn-ts/language-common@4.1.3": {"LICENSE.txt": f"{GUESSES}/zxcvbn-ts.LICENSE.txt"},
    "@zxcvbn-ts/language-nl-be@3.0.2": {},
}
# What guessers try first: lists of a package, each kept as sorted lines, to be searched in the file.
LISTS = {
    "@zxcvbn-ts/language-common@4.1.3": {"src/passwords.json": f"{GUESSES}/passwords.txt"},
    "@zxcvbn-ts/language-nl-be@3.0.2": {"src/commonWords.json": f"{GUESSES}/dutch.txt"},
}
SPRITE = f"{VENDOR}/icons.svg"
ICONS = """
    app-window arrow-down arrow-left arrow-left-right arrow-right arrow-up ban book-open briefcase
    building-2 calendar-days calendar-plus chart-column check chevron-down chevron-left
    chevron-right chevron-up circle-alert circle-check circle-dashed circle-dot circle-help
    circle-pause circle-x clipboard-list clock clock-alert columns-3 corner-up-left database
    download ellipsis ellipsis-vertical external-link eye eye-off file file-text filter flag
    git-branch globe hand hard-drive history hourglass house inbox info key-round keyboard
    languages laptop layers life-buoy link list-filter lock log-in log-out mail map-pin megaphone
    menu message-square minus monitor network octagon-x package panel-left paperclip pause pencil
    phone play plus printer refresh-cw rotate-ccw rows-3 save scale search send server settings
    shield shield-alert sun-moon table-2 tag timer timer-off trash-2 trending-down trending-up
    triangle-alert truck undo undo-2 user-check user-plus user-round user-x users-round wifi x
""".split()


def fetch(spec, folder):
    """Download `spec` (name@version) into `folder`; give the path of the tarball."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", spec]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return Path(folder) / done.stdout.split()[-1]


def integrity(blob):
    """The Subresource Integrity string that npm publishes for a tarball."""
    return "sha512-" + base64.b64encode(hashlib.sha512(blob).digest()).decode()


def sprite(tar):
    """One SVG with a <symbol> for every name in ICONS, from the package's own drawings."""
    symbols = []
    for name in sorted(ICONS):
        drawing = tar.extractfile(f"package/icons/{name}.svg").read().decode()
        inner = " ".join(re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.S).group(1).split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def lines(words):
    """The words of a JSON list in small letters, in the order of their bytes, one a line."""
    return b"\n".join(sorted({word.casefold().encode() for word in json.loads(words)})) + b"\n"


def unpack(spec, blob_path):
    """Write the wanted files of one tarball; give the repository paths that were written."""
    with tarfile.open(blob_path) as tar:
        wanted = {
            target: tar.extractfile(f"package/{source}").read()
            for source, target in PACKAGES[spec].items()
        }
        for source, target in LISTS.get(spec, {}).items():
            wanted[target] = lines(tar.extractfile(f"package/{source}").read())
        if spec.startswith("lucide"):
            wanted[SPRITE] = sprite(tar).encode()
    for target, content in wanted.items():
        (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / target).write_bytes(content)
    return list(wanted)


def main():
    """Fetch, verify and copy every package; write the lock."""
    known = json.loads(LOCK.read_text())["packages"] if LOCK.exists() else {}
    packages, files = {}, {}
    for spec in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            tarball = fetch(spec, folder)
            packages[spec] = integrity(tarball.read_bytes())
            if known.get(spec, packages[spec]) != packages[spec]:
                raise SystemExit(f"{spec}: integrity differs from vendor.lock.json")
            for target in unpack(spec, tarball):
                files[target] = hashlib.sha256((ROOT / target).read_bytes()).hexdigest()
    LOCK.write_text(json.dumps({"packages": packages, "files": files}, indent=1) + "\n")


if __name__ == "__main__":
    main()
