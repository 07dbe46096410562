"""`_()` in templates: the language of the reader, and safe HTML."""

from flask_babel import force_locale, get_translations


def write(app, source: str, **values) -> str:
    with app.test_request_context("/"):
        return app.jinja_env.from_string(source).render(**values)


def test_variables_are_escaped_and_the_message_is_not(app):
    source = '{% autoescape true %}{{ _("<b>%(name)s</b>", name=name) }}{% endautoescape %}'
    assert write(app, source, name="<i>") == "<b>&lt;i&gt;</b>"


def test_mail_is_plain_text(app):
    source = '{% autoescape false %}{{ _("%(name)s & co", name=name) }}{% endautoescape %}'
    assert write(app, source, name="<i>") == "<i> & co"


def test_a_percent_sign_reads_the_same_with_and_without_variables(app):
    assert write(app, '{{ _("100 %%") }} {{ _("%(n)s %%", n=5) }}') == "100 % 5 %"


def test_each_language_has_its_own_words(app):
    with app.test_request_context("/"):
        template = app.jinja_env.from_string('{{ _("morgenochtend") }}')
        dutch = template.render()
        with force_locale("fy"):
            get_translations()._catalog["morgenochtend"] = "moarnier"
            frisian = template.render()
        assert (dutch, frisian, template.render()) == ("morgenochtend", "moarnier", "morgenochtend")


def test_a_macro_that_is_drawn_once_knows_arguments_and_language(app):
    source = '{% macro _say(word) %}{{ _("dag") }} {{ word }}{% endmacro %}{% set say = drawn_once(_say) %}'
    source += '{{ say("<a>") }} {{ say("b") }} {{ say(word="b") }}'
    with app.test_request_context("/"):
        template = app.jinja_env.from_string(source)
        with force_locale("fy"):
            get_translations()._catalog["dag"] = "dei"
            assert template.render() == "dei &lt;a&gt; dei b dei b"
        assert template.render() == "dag &lt;a&gt; dag b dag b"


def test_a_macro_without_words_is_drawn_once_for_all_languages(app):
    drawn = []
    source = "{% macro _dot(n) %}<i>{{ note(n) }}</i>{% endmacro %}{% set dot = drawn_alike(_dot) %}"
    with app.test_request_context("/"):
        template = app.jinja_env.from_string(source + '{{ dot("<") }}{{ dot("<") }}{{ dot("b") }}')
        assert template.render(note=lambda n: drawn.append(n) or n) == "<i>&lt;</i><i>&lt;</i><i>b</i>"
    assert drawn == ["<", "b"]
