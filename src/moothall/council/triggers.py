"""Rules across rows that no constraint can hold on both databases: triggers, as operations for a migration.

Django rebuilds a SQLite table to alter it and its triggers go with the old one: a later migration that alters such a table
must end with its operation again.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import migrations


def refuse_overlaps(table: str, key: str | None = "key") -> migrations.RunPython:
    """Return an operation after which no two rows with one ``key`` (none: no two rows at all) overlap in time.

    A row stretches from ``starts_at`` (NULL: ever since) to before ``ends_at`` (NULL: for good). An INSERT or UPDATE that
    would make two overlap raises ``django.db.IntegrityError``. An empty stretch overlaps nothing.
    """

    def condition(ever: str, for_good: str) -> str:
        def begins(row: str) -> str:
            return f"COALESCE({row}.starts_at, {ever})"

        def ends(row: str) -> str:
            return f"COALESCE({row}.ends_at, {for_good})"

        same = f'other."{key}" = NEW."{key}" AND ' if key else ""
        return (
            f'EXISTS (SELECT 1 FROM "{table}" other WHERE {same}other.id <> NEW.id '  # noqa: S608 (names of our own tables)
            f"AND {begins('other')} < {ends('NEW')} AND {begins('NEW')} < {ends('other')} "
            f"AND {begins('other')} < {ends('other')} AND {begins('NEW')} < {ends('NEW')})"
        )

    return _refuse(
        table,
        "overlaps",
        sqlite=condition("''", "'9999'"),
        postgresql=condition("'-infinity'::timestamptz", "'infinity'::timestamptz"),
        said="overlaps an entry that is there already",
    )


def versions_apart() -> migrations.RunPython:
    """Return an operation after which versions of the rules that were not withdrawn differ in text and in moment.

    The name of a version stands for one text, also when it was withdrawn. Otherwise ``django.db.IntegrityError``.
    """
    condition = (
        'EXISTS (SELECT 1 FROM "council_policyversion" other WHERE other.id <> NEW.id AND ('
        "(other.version = NEW.version AND other.sha256 <> NEW.sha256) OR "
        "((other.in_force_from = NEW.in_force_from OR other.sha256 = NEW.sha256) AND NOT EXISTS "
        '(SELECT 1 FROM "council_policywithdrawal" back WHERE back.version_id = other.id))))'
    )
    return _refuse(
        "council_policyversion",
        "versions_apart",
        sqlite=condition,
        postgresql=condition,
        said="another version has this moment, this text or this name",
    )


#: What may be written to a registered picture once it is there; all else of it stays as it is.
_OF_ITS_FEATURES: Final = ("features", "features_version")
_OF_ITS_REMOVAL: Final = ("removed_by_id", "removed_at", "removed_because")


def keep_pictures() -> migrations.RunPython:
    """Return an operation after which registered pictures are never deleted, and nothing of them changes but two things.

    Features may be made anew; a removal may be written, once. Anything else raises ``django.db.IntegrityError``, and so does a
    SQLite ``INSERT OR REPLACE`` over a picture that is there.
    """
    table = "council_brandpicture"
    said = f"{table}: a registered picture stays as it is"

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            for verb in ("UPDATE", "DELETE", "TRUNCATE"):
                editor.execute(f'DROP TRIGGER IF EXISTS {table}_keeps_on_{verb} ON "{table}"', None)
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_keeps()", None)
        else:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_keeps_on_{verb}", None)

    def changed(editor: Any) -> str:
        with editor.connection.cursor() as cursor:
            columns = [one.name for one in editor.connection.introspection.get_table_description(cursor, table)]
        differs = "IS DISTINCT FROM" if editor.connection.vendor == "postgresql" else "IS NOT"
        kept = [one for one in columns if one not in (*_OF_ITS_FEATURES, *_OF_ITS_REMOVAL)]
        anything, removal = (
            " OR ".join(f'NEW."{one}" {differs} OLD."{one}"' for one in names) for names in (kept, _OF_ITS_REMOVAL)
        )
        return f"{anything} OR (OLD.removed_at IS NOT NULL AND ({removal}))"

    def add(apps: Any, editor: Any) -> None:
        drop(apps, editor)
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {table}_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END; $$",
                None,
            )
            each = {"UPDATE": f"ROW WHEN ({changed(editor)})", "DELETE": "ROW", "TRUNCATE": "STATEMENT"}
            for verb, which in each.items():
                editor.execute(
                    f'CREATE TRIGGER {table}_keeps_on_{verb} BEFORE {verb} ON "{table}" FOR EACH {which} '
                    f"EXECUTE FUNCTION {table}_keeps()",
                    None,
                )
        else:
            there = (
                f'EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id '  # noqa: S608 (the names are those of our own table)
                "OR (sha256 = NEW.sha256 AND removed_at IS NULL AND NEW.removed_at IS NULL))"
            )
            when = {"INSERT": f"WHEN {there}", "UPDATE": f"WHEN {changed(editor)}", "DELETE": ""}
            for verb, which in when.items():
                editor.execute(
                    f'CREATE TRIGGER {table}_keeps_on_{verb} BEFORE {verb} ON "{table}" {which} '
                    f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
                    None,
                )

    return migrations.RunPython(add, drop)


def _refuse(table: str, name: str, *, sqlite: str, postgresql: str, said: str) -> migrations.RunPython:
    function = f"{table}_{name}"

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f'DROP TRIGGER IF EXISTS {function} ON "{table}"', None)
            editor.execute(f"DROP FUNCTION IF EXISTS {function}()", None)
        else:
            for verb in ("INSERT", "UPDATE"):
                editor.execute(f"DROP TRIGGER IF EXISTS {function}_on_{verb}", None)

    def add(apps: Any, editor: Any) -> None:
        drop(apps, editor)
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {postgresql} THEN "
                f"RAISE EXCEPTION '{table}: {said}' USING ERRCODE = 'integrity_constraint_violation'; "
                "END IF; RETURN NEW; END; $$",
                None,
            )
            editor.execute(
                f'CREATE TRIGGER {function} AFTER INSERT OR UPDATE ON "{table}" '
                f"FOR EACH ROW EXECUTE FUNCTION {function}()",
                None,
            )
        else:
            # After, not before: only then SQLite knows the new row's id.
            for verb in ("INSERT", "UPDATE"):
                editor.execute(
                    f'CREATE TRIGGER {function}_on_{verb} AFTER {verb} ON "{table}" WHEN {sqlite} '
                    f"BEGIN SELECT RAISE(ABORT, '{table}: {said}'); END",
                    None,
                )

    return migrations.RunPython(add, drop)
