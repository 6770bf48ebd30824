"""PDF by typst in a process of its own. Typst puts no clock into what it makes: the same source and
inputs give the same bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from golive.drillkit.apart import CAN_T, done_apart, end_with_parent, module


def typeset(source: str, inputs: Mapping[str, str]) -> bytes:
    """`source` with `sys.inputs`. ValueError where typst refuses it; GoliveError where no child can
    make it."""
    told = json.dumps([source, dict(inputs)]).encode()
    return done_apart(module("golive.drillkit.typst_apart"), told, "the page can't be made")


def main() -> None:
    """The child: source and inputs on standard input, the PDF on standard output."""
    end_with_parent()
    import typst

    source, inputs = json.load(sys.stdin.buffer)
    try:
        made: bytes = typst.compile(source.encode(), sys_inputs=inputs)
    except typst.TypstError as error:
        sys.stderr.write(str(error))
        raise SystemExit(CAN_T) from None
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
