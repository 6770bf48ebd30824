"""The child: its orders are the first line of standard input; the second ends it."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys

import uvloop

from golive.adapters.probe.client import Generator, Orders


def main() -> int:
    """Exit code 0 after a stop; 1 where the load could not be started (the reason on stderr)."""
    # The terminal's Ctrl-C is the rehearsal's to handle; this process ends with its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Unbuffered: nothing after this line may be swallowed, or the end would go unnoticed.
    with open(0, "rb", buffering=0, closefd=False) as stdin:
        orders = Orders.from_json(json.loads(stdin.readline()))
    try:
        generator = Generator(orders)
    except (OSError, ValueError) as error:
        os.write(2, f"{error}\n".encode())
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(generator.run(stop_on=0, ready_on=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
