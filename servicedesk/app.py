"""Puts the application together."""

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from cmdb import refusal
from cmdb.database import db
from servicedesk import assets, language, logs, paths, tables
from servicedesk.api import subjects as subjects_of_api
from servicedesk.config import settings
from servicedesk.extensions import babel, csrf, login
from servicedesk.web import (
    access_reviews,
    access_rights,
    account,
    calendars,
    desk,
    directories,
    disclosure,
    errors,
    files,
    handover,
    health,
    impact,
    item_bulk,
    item_changes,
    item_classes,
    item_documents,
    item_drift,
    item_duplicates,
    item_life,
    item_people,
    item_ports,
    item_labels,
    item_reports,
    item_rounds,
    item_ties,
    item_views,
    items,
    items_import,
    items_import_rules,
    layout,
    openid_providers,
    outages,
    passkeys,
    passwords,
    people,
    planned_work,
    portal,
    relation_types,
    reports,
    request,
    roster,
    roster_absences,
    roster_balance,
    roster_duties,
    roster_plan,
    roster_rules,
    roster_seats,
    roster_swaps,
    roster_team,
    search,
    second_step,
    signin,
    signin_code,
    signin_passkey,
    sso,
    start,
    subnets,
    templating,
    ticket_readers,
    tokens,
    viewing,
    visits,
    words,
)


def create_app(**overrides) -> Flask:
    """The application; `overrides` replace settings of `servicedesk.config`."""
    app = Flask("servicedesk", template_folder=paths.TEMPLATES, static_folder=None)
    app.config.update(settings())
    app.config.update(overrides)
    app.config["TRUSTED_HOSTS"] = request.trusted_hosts(app.config["SITE_URL"])
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)

    logs.init_app(app)
    app.extensions["tables"] = tables
    db.init_app(app)
    csrf.init_app(app)
    login.init_app(app)
    babel.init_app(
        app,
        default_translation_directories=str(paths.TRANSLATIONS),
        locale_selector=request.chosen_locale,
    )
    refusal.speak(language.gettext)
    Compress(app)
    assets.init_assets(app)
    request.init_app(app)
    viewing.init_app(app)
    errors.init_app(app)
    templating.init_app(app)
    words.init_app(app)
    layout.init_app(app)
    for subject in (
        start, handover, visits,
        signin, sso, openid_providers, portal, desk, directories, calendars, items, items_import, item_ties, item_changes, impact,
        outages, planned_work, reports, item_reports,
        files, health, disclosure, account, subnets, item_classes, item_views, item_bulk, item_documents,
        item_drift, item_life, item_people, item_ports, item_labels, item_rounds,
        item_duplicates, relation_types, search, items_import_rules,
        roster, roster_seats, roster_balance, roster_absences, roster_swaps, roster_plan,
        roster_duties, roster_team, roster_rules, tokens,
        access_reviews, access_rights, ticket_readers, viewing, passwords, signin_code,
        signin_passkey, second_step, passkeys, people,
    ):  # fmt: skip
        app.register_blueprint(subject.pages)
    app.register_blueprint(subjects_of_api.pages)
    csrf.exempt(subjects_of_api.pages)  # it takes no cookie
    return app
