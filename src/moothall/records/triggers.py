"""Tables whose rows, once written, stay as they are: the database itself refuses to change or remove them."""

from __future__ import annotations

from typing import Any

from django.db import migrations

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION moothall_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END;
$$
"""


def refuse_changes(table: str) -> migrations.RunPython:
    """Return a migration operation after which ``table`` accepts INSERT and nothing else, on SQLite and PostgreSQL.

    UPDATE and DELETE, and TRUNCATE on PostgreSQL, raise ``django.db.IntegrityError``. SQLite's ``INSERT OR REPLACE``
    removes rows without any DELETE trigger, so there an INSERT that meets a kept row in a unique column is refused too.

    Make it the last operation of the migration that creates the table. Django rebuilds a SQLite table to alter it and
    its triggers go with the old one: a later migration that alters the table must end with this operation again.
    """

    def add(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            for statement in (_POSTGRESQL_FUNCTION, *_drop_postgresql(table), *_create_postgresql(table)):
                editor.execute(statement, None)  # no parameters: the text holds per cent signs
        else:
            for statement in (*_drop_sqlite(table), *_create_sqlite(table, _unique_columns(editor, table))):
                editor.execute(statement, None)  # no parameters: the text holds per cent signs

    def drop(apps: Any, editor: Any) -> None:
        for statement in _drop_postgresql(table) if editor.connection.vendor == "postgresql" else _drop_sqlite(table):
            editor.execute(statement, None)  # no parameters: the text holds per cent signs

    return migrations.RunPython(add, drop)


def _create_postgresql(table: str) -> list[str]:
    return [
        f'CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION moothall_refuse_change()",
        f'CREATE TRIGGER {table}_keeps_table BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION moothall_refuse_change()",
    ]


def _drop_postgresql(table: str) -> list[str]:
    return [f'DROP TRIGGER IF EXISTS {table}_keeps_{what} ON "{table}"' for what in ("rows", "table")]


def _create_sqlite(table: str, unique: list[list[str]]) -> list[str]:
    statements = [
        f'CREATE TRIGGER {table}_keeps_rows_on_{verb} BEFORE {verb} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    if unique:
        meets = " OR ".join(
            "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in columns) + ")" for columns in unique
        )
        kept = f'SELECT 1 FROM "{table}" WHERE {meets}'  # noqa: S608 (the names are those of our own tables)
        statements.append(
            f'CREATE TRIGGER {table}_keeps_rows_on_INSERT BEFORE INSERT ON "{table}" WHEN EXISTS ({kept}) '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: a row with this key is there already'); END"
        )
    return statements


def _drop_sqlite(table: str) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {table}_keeps_rows_on_{verb}" for verb in ("UPDATE", "DELETE", "INSERT")]


def _unique_columns(editor: Any, table: str) -> list[list[str]]:
    """Return the column sets of the table's primary key and unique constraints."""
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_constraints(cursor, table).values()
    sets = {tuple(c["columns"]) for c in found if (c["unique"] or c["primary_key"]) and c["columns"]}
    return [list(columns) for columns in sorted(sets) if None not in columns]
