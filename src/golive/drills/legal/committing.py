"""Seed and population, committed to before anybody is drawn."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from golive.drillkit.acknowledgements import NoTable, Standing, read
from golive.drillkit.attempts import attempted, told
from golive.drillkit.sampling import population_digest
from golive.drills.legal.learning import Completions
from golive.drills.legal.learning import read as read_lms
from golive.drills.legal.params import Ctx, learning, pages
from golive.drills.legal.records import InForce, owed
from golive.kernel.errors import NotConfigured
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339

_TABLE = "acknowledgements.csv"
_LMS = "lms-export"
_READ = "the table of acknowledgements says who, what, which version and which words"
_SHOWN = 200
"""Bytes of a wrong table's first line that go into the evidence: a header, no people."""


def population(ctx: Ctx) -> Json:
    """Fetch who has acknowledged what, and commit to seed and population before drawing."""
    market = pages(ctx)
    exported = attempted(
        ctx,
        "acknowledgements-exported",
        "the service exports who has acknowledged what",
        lambda: market.legal_acknowledgements(market.login(ctx.params.role)),
    )
    if exported is None:
        return None
    _put(ctx.work / _TABLE, exported)
    lms = _lms_file(ctx)
    try:
        people = owed(table(ctx), in_force(ctx))
    except NoTable as error:
        shown = exported.partition(b"\n")[0][:_SHOWN].decode("utf-8", "replace")
        ctx.holds("acknowledgements-read", _READ, False, detail=f"{error}; it begins: {shown!r}")
        return None
    ctx.holds("acknowledgements-read", _READ, True)
    _judge_whole(ctx)
    seed = ctx.params.seed or secrets.token_hex(16)
    committed: JsonObject = {
        "committedAt": rfc3339(ctx.clock.now()),
        "seed": seed,
        "seedFrom": "the playbook" if ctx.params.seed else "chance",
        "population": len(people),
        "populationSha256": population_digest(people),
        "selection": "the smallest SHA-256(seed || person id)",
        "sample": min(ctx.params.sample, len(people)),
        "tableSha256": hashlib.sha256(exported).hexdigest(),
        "lmsSha256": hashlib.sha256(lms).hexdigest() if lms is not None else None,
    }
    ctx.save_json("commitment", committed, fidelity=market.fidelity)
    return committed


def _judge_whole(ctx: Ctx) -> None:
    """A list of givers alone would have nobody lacking: those of the rehearsal's own accounts that
    must acknowledge have to be in it, whether they have or not."""
    listed = {(one.email, one.policy) for one in table(ctx)}
    owing = [
        (account.email.casefold(), slug, role)
        for role, account in sorted(ctx.target.config.accounts.items())
        for slug, document in in_force(ctx).items()
        if document.required and role in document.audience
    ]
    if not owing:
        ctx.log("none of the rehearsal's accounts must acknowledge anything: who owes what is read "
                "from the table alone")  # fmt: skip
        return
    absent: list[Json] = [
        f"{role}: {slug}" for email, slug, role in owing if (email, slug) not in listed
    ]
    ctx.equals(
        "acknowledgements-whole",
        "the table has those who owe, not only those who gave: the rehearsal's accounts are in it",
        [],
        absent,
        detail=f"{len(owing)} acknowledgements are owed by the rehearsal's accounts",
    )


def in_force(ctx: Ctx) -> Mapping[str, InForce]:
    """By document: what the publication step found in force."""
    kept = ctx.memo.get("publication")
    said = kept if isinstance(kept, Mapping) else {}
    return {slug: InForce.of(one) for slug, one in said.items()}


def table(ctx: Ctx) -> Sequence[Standing]:
    """Who stands how, from the table that was committed to; NoTable where it is another."""
    return read((ctx.work / _TABLE).read_bytes())


def _lms_file(ctx: Ctx) -> bytes | None:
    """The export's bytes, copied: what is drawn from later is what was committed to."""
    if ctx.params.lms is None:
        return None
    claim = "the learning system's export is there"
    try:
        found = learning(ctx)
        content = found.path.read_bytes() if found is not None else b""
    except (OSError, NotConfigured) as error:
        ctx.holds("lms-there", claim, None, detail=_why(error))
        return None
    ctx.holds("lms-there", claim, True)
    _put(ctx.work / _LMS, content)
    return content


def _why(error: OSError | NotConfigured) -> str:
    if isinstance(error, NotConfigured):
        return told(error)
    return f"{Path(error.filename).name} can't be read: {error.strerror}"


def completions(ctx: Ctx) -> Completions | None:
    """The learning system's export that was committed to; None where there is none."""
    path = ctx.work / _LMS
    if not path.exists():
        return None
    found = learning(ctx)
    return read_lms(path.read_bytes(), found.format) if found is not None else None


def _put(path: Path, content: bytes) -> None:
    """Names are in it: for this user alone."""
    path.touch(mode=0o600)
    path.write_bytes(content)
