"""Rows that nobody changes but that go with the comment they are about: a trigger, as an operation for a migration."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def refuse_updates(table: str) -> migrations.RunPython:
    """Return an operation after which an UPDATE of ``table`` raises ``django.db.IntegrityError``; DELETE is left alone.

    Django rebuilds a SQLite table to alter it and its triggers go with the old one: a later migration that alters the table
    must end with this operation again.
    """
    name = f"{table}_keeps_words"

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{table}"', None)
            editor.execute(f"DROP FUNCTION IF EXISTS {name}()", None)
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {name}", None)

    def add(apps: Any, editor: Any) -> None:
        drop(apps, editor)
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{table}: UPDATE refused' USING ERRCODE = 'integrity_constraint_violation'; END; $$",
                None,
            )
            editor.execute(
                f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()', None
            )
        else:
            editor.execute(
                f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table}: UPDATE refused'); END",
                None,
            )

    return migrations.RunPython(add, drop)
