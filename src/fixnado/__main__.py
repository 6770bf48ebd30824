"""`python -m fixnado migrate|seed|serve`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fixnado import __version__
from fixnado.platform.errors import StartRefused
from fixnado.platform.settings import (
    EXPORT_CHUNK_BYTES,
    FAULTS,
    HelpDesk,
    Settings,
    database_url,
    read_secret,
    read_token,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 2 when it was refused."""
    options = _parser().parse_args(arguments)
    commands = {"migrate": _migrate, "seed": _seed, "serve": _serve}
    try:
        return commands[options.command](options)
    except StartRefused as error:
        print(f"fixnado {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fixnado", description="The marketplace's operations.")
    commands = parser.add_subparsers(dest="command", required=True)
    database = argparse.ArgumentParser(add_help=False)
    where = database.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--database",
        metavar="URL",
        help="sqlite:////path/to/file.db or postgresql+psycopg://…, without a password",
    )
    where.add_argument(
        "--database-file", type=Path, metavar="FILE", help="one line, the URL (mode 600)"
    )
    commands.add_parser("migrate", parents=[database], help="bring the database up to date")
    seed = commands.add_parser("seed", parents=[database], help="fill it with synthetic business")
    seed.add_argument("--seed", type=int, required=True, help="same seed, same data")
    seed.add_argument("--users", type=int, default=500)
    seed.add_argument("--orders", type=int, default=2_000)
    seed.add_argument("--accounts", type=Path, help="JSON of accounts that can sign in (mode 600)")
    seed.add_argument(
        "--learning", type=Path, metavar="FILE", help="what a learning system would export"
    )
    serve = commands.add_parser("serve", parents=[database], help="answer requests")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, required=True, help="0 takes a free one")
    serve.add_argument("--instance", required=True, help="the name of this instance")
    serve.add_argument("--version", default=__version__)
    serve.add_argument("--runtime", type=Path, required=True, help="folder of readiness.json")
    serve.add_argument("--secret-file", type=Path, required=True, help="32 bytes in hex, mode 600")
    serve.add_argument("--rehearsal", action="store_true", help="allow toggles and faults")
    serve.add_argument("--fault", choices=FAULTS, help="misbehave (needs --rehearsal)")
    serve.add_argument(
        "--fault-traffic", type=Path, metavar="FILE", help="shares by instance, for 5xx-late"
    )
    serve.add_argument("--exports", metavar="WHERE", help="a folder or s3://bucket/prefix")
    serve.add_argument(
        "--export-chunk", type=int, default=EXPORT_CHUNK_BYTES, metavar="BYTES",
        help="where an export's chunk ends",
    )  # fmt: skip
    serve.add_argument("--probe-interval", type=float, default=1.0, metavar="SECONDS")
    _add_help_desk(serve)
    return parser


def _add_help_desk(serve: argparse.ArgumentParser) -> None:
    """The first four belong together; without them escalations are recorded and not sent."""
    serve.add_argument("--chatwoot", metavar="URL", help="the help desk for escalations")
    serve.add_argument("--chatwoot-account", type=int, metavar="ID")
    serve.add_argument("--chatwoot-token-file", type=Path, metavar="FILE", help="mode 600")
    serve.add_argument("--chatwoot-inbox", type=int, metavar="ID")
    serve.add_argument("--chatwoot-team", type=int, metavar="ID", help="whom to assign (optional)")


def _help_desk(options: argparse.Namespace) -> HelpDesk | None:
    names = ("chatwoot", "chatwoot_account", "chatwoot_token_file", "chatwoot_inbox")
    given = [getattr(options, name) for name in names]
    if all(one is None for one in given):
        if options.chatwoot_team is not None:
            raise StartRefused("--chatwoot-team needs --chatwoot")
        return None
    lacking = [name for name, one in zip(names, given, strict=True) if one is None]
    if lacking:
        flags = ", ".join("--" + name.replace("_", "-") for name in lacking)
        raise StartRefused(f"the help desk is half configured: {flags} missing")
    url, account, token_file, inbox = given
    return HelpDesk(url, account, read_token(token_file), inbox, options.chatwoot_team)


def _migrate(options: argparse.Namespace) -> int:
    from fixnado.platform.database import Database
    from fixnado.platform.schema import migrate

    print(f"schema {migrate(Database(database_url(options.database, options.database_file)))}")  # noqa: T201
    return 0


def _seed(options: argparse.Namespace) -> int:
    from fixnado.seed import run

    url = database_url(options.database, options.database_file)
    accounts, report = options.accounts, options.learning
    print(run(url, options.seed, options.users, options.orders, accounts, report))  # noqa: T201
    return 0


def _serve(options: argparse.Namespace) -> int:
    from fixnado.app.server import serve

    settings = Settings(
        database_url=database_url(options.database, options.database_file),
        instance=options.instance,
        version=options.version,
        runtime=options.runtime,
        secret=read_secret(options.secret_file),
        rehearsal=options.rehearsal,
        fault=options.fault,
        fault_traffic=options.fault_traffic,
        probe_interval_s=options.probe_interval,
        help_desk=_help_desk(options),
        exports=options.exports,
        export_chunk_bytes=options.export_chunk,
    )
    return serve(settings, options.host, options.port)


if __name__ == "__main__":
    sys.exit(main())
