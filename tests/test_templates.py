"""Templates obey the strict content security policy and know the stylesheet."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CSS = "".join(path.read_text() for path in (ROOT / "servicedesk/static/css").glob("*.css"))
INLINE = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|javascript:|hx-on")
STYLED = set(re.findall(r"\.([a-z][a-z0-9-]*)", re.sub(r"/\*.*?\*/|url\([^)]*\)", "", CSS)))
# Hooks that need no look of their own.
BARE = {"brand-text", "sla-text", "bar-done", "user-menu", "c-class", "heat-good", "heat-none"}


def written_classes(text):
    """The class names that a template spells out; what Jinja fills in is left out."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "?", text, flags=re.DOTALL)
    for value in re.findall(r'class="([^"]*)"', text):
        yield from (name for name in value.split() if "?" not in name)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(path):
    assert not INLINE.search(path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_class_of_a_template_has_a_style(path):
    assert set(written_classes(path.read_text())) <= STYLED | BARE
