"""Who mans the desk, who is where, who can step in.

The rules are pure: `plan(facts, first, last, published)` and its companions know no database and
no clock. What is published is kept in tables, and `servicedesk.rota.actions` alone writes them.
"""
