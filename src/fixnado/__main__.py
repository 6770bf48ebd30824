"""`python -m fixnado migrate|seed|serve`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fixnado import __version__
from fixnado.platform.errors import StartRefused
from fixnado.platform.settings import FAULTS


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
    database.add_argument(
        "--database",
        required=True,
        metavar="URL",
        help="sqlite:////path/to/file.db or postgresql+psycopg://…",
    )
    commands.add_parser("migrate", parents=[database], help="bring the database up to date")
    seed = commands.add_parser("seed", parents=[database], help="fill it with synthetic business")
    seed.add_argument("--seed", type=int, required=True, help="same seed, same data")
    seed.add_argument("--users", type=int, default=500)
    seed.add_argument("--orders", type=int, default=2_000)
    seed.add_argument("--accounts", type=Path, help="JSON of accounts that can sign in (mode 600)")
    serve = commands.add_parser("serve", parents=[database], help="answer requests")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, required=True, help="0 takes a free one")
    serve.add_argument("--instance", required=True, help="the name of this instance")
    serve.add_argument("--version", default=__version__)
    serve.add_argument("--runtime", type=Path, required=True, help="folder of readiness.json")
    serve.add_argument("--secret-file", type=Path, required=True, help="32 bytes in hex, mode 600")
    serve.add_argument("--rehearsal", action="store_true", help="allow toggles and faults")
    serve.add_argument("--fault", choices=FAULTS, help="misbehave (needs --rehearsal)")
    serve.add_argument("--exports", metavar="WHERE", help="a folder or s3://bucket/prefix")
    serve.add_argument("--probe-interval", type=float, default=1.0, metavar="SECONDS")
    return parser


def _migrate(options: argparse.Namespace) -> int:
    from fixnado.platform.database import Database
    from fixnado.platform.schema import migrate

    print(f"schema {migrate(Database(options.database))}")  # noqa: T201
    return 0


def _seed(options: argparse.Namespace) -> int:
    from fixnado.seed import run

    print(run(options.database, options.seed, options.users, options.orders, options.accounts))  # noqa: T201
    return 0


def _serve(options: argparse.Namespace) -> int:
    from fixnado.app.server import serve
    from fixnado.platform.settings import Settings, read_secret

    settings = Settings(
        database_url=options.database,
        instance=options.instance,
        version=options.version,
        runtime=options.runtime,
        secret=read_secret(options.secret_file),
        rehearsal=options.rehearsal,
        fault=options.fault,
        probe_interval_s=options.probe_interval,
        exports=options.exports,
    )
    return serve(settings, options.host, options.port)


if __name__ == "__main__":
    sys.exit(main())
