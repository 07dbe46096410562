"""Every text of the code and the templates can be read in Dutch, English and Frisian."""

import ast
import functools
import html
import io
import re
import runpy
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from jinja2 import Environment, nodes

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).resolve().parent.parent
TOOL = runpy.run_path(ROOT / ".ci" / "translations.py")
LOCALES = TOOL["LOCALES"]
messages, catalog = functools.cache(TOOL["messages"]), functools.cache(TOOL["read"])
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.*") if path.suffix in (".html", ".txt")
)
CODE = sorted(
    path for package in ("servicedesk", "sla", "cmdb") for path in (ROOT / package).rglob("*.py")
)
TRANSLATE = {"_", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)0?\d*[sdf]|%%")
TAG = re.compile(r"</?\w+[^>]*>")
# The same in every language: file formats, the name of a language, P of priority.
NAMES = {"CSV", "XLSX", "Nederlands", "Frysk", "English"}
# Frisian words that happen to be English ones.
LOANS = {"Help", "Directories"}
READ_ALOUD = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')
WORDS = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-ZÀ-Þ][a-zà-ÿ]+|[a-zà-ÿ]{2,} [a-zà-ÿ]{2,}")
# What templates hand to WTForms, to the stylesheet and to htmx.
MARKUP = re.compile(r"Field$|\w-\w|delay:")
# Calls whose texts are read by people.
SAYING = {"flash", "ValidationError", "StopValidation"}


def texts(messages):
    return [message for message in messages if message.id]


def strings(text):
    """The one text of a message, or its singular and plural."""
    return [text] if isinstance(text, str) else list(text)


def pairs(messages):
    return {tuple(strings(message.id)): strings(message.string) for message in texts(messages)}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalog_has_the_messages_of_the_code_and_no_others(locale):
    here = {message.id for message in texts(catalog(locale))}
    assert here == {message.id for message in texts(messages())}, "run make translations"
    assert not catalog(locale).obsolete


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_is_translated_and_nothing_is_guessed(locale):
    for message in texts(catalog(locale)):
        assert all(strings(message.string)), (
            f"{message.id!r} is empty: run make translations, then fill it in"
        )
        assert len(strings(message.string)) == len(strings(message.id)), message.id
        assert not message.fuzzy, message.id


def test_frisian_is_not_english():
    english = pairs(catalog("en"))
    borrowed = [
        said for meant, said in pairs(catalog("fy")).items()
        if said == english[meant] and said != list(meant) and not set(said) <= LOANS
    ]  # fmt: skip
    assert borrowed == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_keeps_placeholders_and_tags(locale):
    for message in texts(catalog(locale)):
        for said, meant in zip(strings(message.string), strings(message.id), strict=True):
            for kind in (PLACEHOLDER, TAG):
                assert sorted(kind.findall(said)) == sorted(kind.findall(meant)), meant
            assert said.count("%") == sum(map(len, re.findall("%+", meant))), meant


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_ends_as_its_message_does(locale):
    """A sentence stays a sentence, a label a label."""
    for message in texts(catalog(locale)):
        for said, meant in zip(strings(message.string), strings(message.id), strict=True):
            assert said == said.strip()
            assert said[-1] == meant[-1] or (said[-1].isalnum() and meant[-1].isalnum()), meant
            assert said[0].isupper() == meant[0].isupper() or not (said[0] + meant[0]).isalpha(), (
                meant
            )


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalog_says_what_the_text_says(locale):
    path = TOOL["path_of"](locale)
    compiled = read_mo(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert pairs(compiled) == pairs(catalog(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_run_of_the_tool_changes_nothing(locale):
    path = TOOL["path_of"](locale)
    assert TOOL["po"](TOOL["updated"](locale, messages())) == path.read_bytes()


def bare_words(source):
    """The words that a template writes itself, in text and in attributes that are read."""
    source = re.sub(r"\{#.*?#\}|\{% block body_class %\}\w*", "", source, flags=re.DOTALL)
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    read = READ_ALOUD.findall(source)
    read.append(re.sub(r"<[^>]*>", " ", source))
    return {word for text in read for word in WORDS.findall(html.unescape(text))}


def without_addresses(path):
    """A mail has no tags, but addresses; what stands in the text is read as it stands."""
    source = path.read_text()
    if path.suffix != ".txt":
        return source
    return re.sub(r"\S*/\S*", "", re.sub(r"\{\{.*?\}\}", "", source))


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix()
)
def test_a_template_writes_no_words_outside_a_message(path):
    assert bare_words(without_addresses(path)) <= NAMES


def literals(node):
    """The texts inside expressions of a template that no message holds."""
    if (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name in TRANSLATE
    ):
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from literals(child)


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix()
)
def test_a_template_passes_on_no_sentence_outside_a_message(path):
    tree = Environment().parse(path.read_text())
    assert (
        not {text for text in literals(tree) if SENTENCE.search(text) and not MARKUP.search(text)}
        - NAMES
    )


def calls(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_says_nothing_to_people_outside_a_message(path):
    for name, call in calls(path):
        if name in SAYING:
            assert call.args and not isinstance(call.args[0], ast.Constant | ast.JoinedStr), (
                ast.unparse(call)
            )


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_message_is_one_whole_text(path):
    """What is put together in the call is in no catalog."""
    for name, call in calls(path):
        if name in TRANSLATE and call.args:
            assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), ast.unparse(call)
