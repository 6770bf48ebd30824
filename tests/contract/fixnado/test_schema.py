"""Migrations: what the stores think is what the database has; nothing is taken away."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import fixnado.app.factory
import fixnado.platform.migrations.versions as versions
import fixnado.seed
from fixnado.platform import schema
from fixnado.platform.database import Database, metadata
from fixnado.platform.errors import StartRefused
from fixnado.seed import run

assert fixnado.app.factory


def test_the_migrated_database_has_the_tables_that_the_stores_use(url: str) -> None:
    database = Database(url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [
            found
            for found in compare_metadata(context, metadata)
            # indexes and keys are the migrations' business; tables and columns are shared
            if str(found[0]).endswith(("table", "column"))
        ]
    database.close()
    assert differences == []


def test_two_that_migrate_at_once_both_succeed(empty_url: str) -> None:
    command = [sys.executable, "-m", "fixnado", "migrate", "--database", empty_url]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    for one in both:
        out, err = one.communicate(timeout=60)
        assert one.returncode == 0, err
        assert out.strip() == f"schema {schema.REQUIRED}".encode()


def test_an_old_or_missing_database_is_refused_with_what_to_do(empty_url: str) -> None:
    database = Database(empty_url)
    with pytest.raises(StartRefused, match="migrate"):
        schema.demand(database)
    database.close()


def test_a_newer_database_is_fine(url: str) -> None:
    database = Database(url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert schema.demand(database) == "9999"
    database.close()


def test_seeding_twice_changes_nothing(url: str) -> None:
    assert "already seeded with 7" in run(url, 8, 30, 80, None)


def test_revisions_only_add() -> None:
    """Expand and contract: the version before still reads what it knows."""
    taking = re.compile(r"op\.(drop_|rename_)|DROP (TABLE|COLUMN)|RENAME", re.IGNORECASE)
    files = sorted(Path(str(versions.__file__)).parent.glob("v*.py"))
    assert files
    for file in files:
        assert not taking.search(file.read_text()), file.name
    assert f"v{schema.REQUIRED}" in files[-1].name
