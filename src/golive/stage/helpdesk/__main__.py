"""`python -m golive.stage.helpdesk --port N --database FILE --token-file FILE`."""

from __future__ import annotations

import argparse
import signal
import stat
import sys
from pathlib import Path

from golive.stage.helpdesk.desk import Desk
from golive.stage.helpdesk.filling import fill
from golive.stage.helpdesk.server import Failures, Server


def main(arguments: list[str] | None = None) -> int:
    """Serve on the loopback until SIGTERM; prints one line when it listens."""
    options = _parser().parse_args(arguments)
    try:
        token = _token(options.token_file)
    except (OSError, ValueError) as error:
        print(f"help desk stand-in: {options.token_file}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    labels = frozenset(options.labels.split(",")) if options.labels else None
    desk = Desk(options.database, account=options.account, inbox=options.inbox, labels=labels)
    if options.seed:
        fill(desk)
    failures = Failures(options.fail_first, options.lose_first, options.slow, options.away)
    server = Server(("127.0.0.1", options.port), desk, token, failures)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(  # noqa: T201
        f"help desk stand-in (simulated) listens on http://127.0.0.1:{server.server_port}",
        flush=True,
    )
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        desk.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="golive.stage.helpdesk", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--token-file", type=Path, required=True, help="mode 600")
    parser.add_argument("--account", type=int, default=1)
    parser.add_argument("--inbox", type=int, default=1)
    parser.add_argument("--labels", help="the only labels there are, with commas between them")
    parser.add_argument("--seed", action="store_true", help="with macros, answers and hours")
    parser.add_argument(
        "--away", type=float, default=0.0, help="seconds of 503, from the first request on"
    )
    parser.add_argument("--fail-first", type=int, default=0, help="answer so many with 503")
    parser.add_argument(
        "--lose-first", type=int, default=0, help="do so many writes, and answer nothing"
    )
    parser.add_argument(
        "--slow", type=float, default=0.0, help="seconds between doing and answering"
    )
    return parser


def _token(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError("others can read this token; chmod 600 it")
    token = path.read_text("ascii").strip()
    if not token:
        raise ValueError("there is no token in it")
    return token


if __name__ == "__main__":
    sys.exit(main())
