"""Static files: one stylesheet, addresses with a hash, compressed once."""

import gzip
import re

import pytest
from flask import Flask

from servicedesk.assets import STATIC, STYLESHEETS, Assets, init_assets, minify


@pytest.fixture
def client():
    app = Flask(__name__, static_folder=None)
    init_assets(app)
    return app.test_client()


@pytest.fixture
def assets():
    return Assets()


def test_every_part_of_the_stylesheet_is_joined():
    assert {path.stem for path in (STATIC / "css").glob("*.css")} == set(STYLESHEETS)


def test_minify_keeps_strings_and_meaning():
    css = '/* note */\n.a > .b :hover,\n.c { content: ", ;  {x}";\n  width: calc(1px + 2px); }\n'
    assert minify(css) == '.a > .b :hover,.c{content: ", ;  {x}";width: calc(1px + 2px)}'


def test_the_stylesheet_points_at_hashed_neighbours(client, assets):
    css = client.get(assets.url("app.css")).text
    inside = re.findall(r'url\("\.\./([^"]+)"\)', css)
    assert len(inside) >= 2
    for address in inside:
        answer = client.get(f"/static/{address}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_text_is_sent_compressed_to_who_accepts_it(client, assets):
    packed = client.get(assets.url("app.css"), headers={"Accept-Encoding": "gzip"})
    plain = client.get(assets.url("app.css"))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_a_font_is_not_compressed_again(client, assets):
    url = assets.url("vendor/source-sans-3-latin-wght-normal.woff2")
    answer = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.mimetype == "font/woff2"
    assert "Content-Encoding" not in answer.headers


def test_an_address_of_an_older_release_still_works_but_is_not_kept(client):
    answer = client.get("/static/0123456789ab/app.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["no.css", "css/base.css", "../assets.py", "vendor.lock.json"])
def test_only_known_names_are_served(client, name):
    assert client.get(f"/static/0123456789ab/{name}").status_code == 404


def test_own_styles_stay_small(assets):
    assert len(assets.files["app.css"].gzipped) < 16_000
    assert len(assets.files["app.js"].gzipped) < 3_200
