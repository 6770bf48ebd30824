"""The sample, and what it supports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from golive.drillkit.acknowledgements import Standing
from golive.drillkit.aliases import Alias, aliases
from golive.drillkit.cells import cell
from golive.drillkit.sampling import Support, population_digest, select, support
from golive.drills.legal.committing import completions, in_force, table
from golive.drills.legal.learning import Completions, differences
from golive.drills.legal.params import Ctx, learning, pages
from golive.drills.legal.records import InForce, owed, wrongly_claimed
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339


def sample(ctx: Ctx) -> Json:
    """Draw, keep everything under pseudonyms, and judge."""
    committed = ctx.memo.get("population")
    if not isinstance(committed, Mapping):
        ctx.at_least("sample_size", "as many people were drawn as were asked for", 1, None)
        return None
    documents, standings = in_force(ctx), table(ctx)
    people = owed(standings, documents)
    ctx.holds(
        "commitment-kept",
        "the population is the one that was committed to before the draw",
        population_digest(people) == committed["populationSha256"],
    )
    lms = completions(ctx)
    drawn = select(str(committed["seed"]), people, ctx.params.sample)
    book = _Book(documents, lms, aliases())
    lacking = {person: book.lacking(people[person]) for person in drawn}
    deviating = [person for person in drawn if lacking[person]]
    result = support(len(people), len(drawn), len(deviating))
    _keep(ctx, book, standings, people, drawn, result, committed)
    _judge(ctx, standings, documents, len(people), result)
    _reconcile(ctx, book, standings, people)
    ctx.log(result.words())
    return {"deviations": len(deviating), "words": result.words()}


@dataclass(frozen=True)
class _Book:
    """What an acknowledgement is held against, and the names that people bear in the vault."""

    documents: Mapping[str, InForce]
    lms: Completions | None
    alias: Alias

    def acknowledged(self, one: Standing) -> bool:
        """With the service for these very words, or with the learning system since they are in
        force: it keeps no version."""
        document = self.documents[one.policy]
        if document.held_by(one):
            return True
        at = self.lms.done.get((one.email, one.policy)) if self.lms else None
        since = _moment(document.published_at)
        return at is not None and since is not None and at >= since

    def lacking(self, owes: Sequence[Standing]) -> Sequence[Standing]:
        return [one for one in owes if not self.acknowledged(one)]


def _keep(
    ctx: Ctx,
    book: _Book,
    standings: Sequence[Standing],
    people: Mapping[str, Sequence[Standing]],
    drawn: Sequence[str],
    result: Support,
    committed: JsonObject,
) -> None:
    fidelity = pages(ctx).fidelity
    rows = [
        (book.alias(one.person), one.role, one.policy, one.state, one.version, one.sha256, one.at)
        for one in standings
        if one.policy in book.documents
    ]
    header = ("person", "role", "policy", "state", "version", "content_sha256", "acknowledged_at")
    ctx.save("acknowledgements", _csv(header, sorted(rows)), fidelity=fidelity)
    open_ones = [
        (
            book.alias(one.person),
            one.role,
            one.policy,
            one.state,
            "yes" if person in drawn else "no",
        )
        for person, owes in people.items()
        for one in book.lacking(owes)
    ]
    columns = ("person", "role", "policy", "state", "drawn")
    ctx.save("outstanding", _csv(columns, sorted(open_ones)), fidelity=fidelity)
    document: JsonObject = {
        "commitment": {
            name: committed[name] for name in ("seed", "population", "populationSha256")
        },
        "drawn": [
            {
                "person": book.alias(person),
                "owes": [one.policy for one in people[person]],
                "lacks": [one.policy for one in book.lacking(people[person])],
            }
            for person in drawn
        ],
        "deviations": result.deviations,
        "confidence": result.confidence,
        "method": result.method,
        "upperBound": result.bound,
        "words": result.words(),
    }
    ctx.save_json("sample", document, fidelity=fidelity)


def _judge(
    ctx: Ctx,
    standings: Sequence[Standing],
    documents: Mapping[str, InForce],
    population: int,
    result: Support,
) -> None:
    wanted = min(ctx.params.sample, population)
    ctx.at_least(
        "sample_size",
        "as many people were drawn as were asked for, or everybody",
        wanted,
        result.sample or None,
        unit="people",
        detail=result.words(),
    )
    wrong = wrongly_claimed(standings, documents)
    policies = sorted({f"{one.policy} {one.version or '(no version)'}" for one in wrong})
    ctx.at_most(
        "wrong_version_acks",
        "what counts as acknowledged is bound to the version and words in force",
        0,
        len(wrong) if standings else None,
        unit="acknowledgements",
        detail=", ".join(policies),
    )
    if "deviations" in ctx.expect:
        ctx.at_most(
            "deviations",
            "those drawn have acknowledged what they must",
            0,
            result.deviations if result.sample else None,
            unit="people",
            detail=result.words(),
        )


def _reconcile(
    ctx: Ctx,
    book: _Book,
    standings: Sequence[Standing],
    people: Mapping[str, Sequence[Standing]],
) -> None:
    """The two records side by side."""
    source = learning(ctx)
    if book.lms is None or source is None:
        return
    covered = {
        slug: _moment(book.documents[slug].published_at)
        for slug in source.format.policies
        if slug in book.documents
    }
    ours = {
        (one.email, one.policy): book.documents[one.policy].held_by(one)
        for owes in people.values()
        for one in owes
        if one.policy in covered
    }
    # also those who owe nothing: the service knows them all the same
    names = {one.email: one.person for one in standings}
    found = list(differences(ours, book.lms, covered, names))
    rows = [
        (book.alias(names.get(email, email)), policy, difference)
        for email, policy, difference in found
    ]
    differing = _csv(("person", "policy", "difference"), sorted(rows))
    ctx.save("lms", differing, fidelity=source.fidelity)
    completed = [
        (book.alias(names.get(email, email)), policy, rfc3339(at))
        for (email, policy), at in book.lms.done.items()
    ]
    table = _csv(("person", "policy", "completed_at"), sorted(completed))
    ctx.save("lms_completions", table, fidelity=source.fidelity)
    ctx.at_most(
        "lms_unread",
        "every line of the learning system's export could be read",
        0,
        len(book.lms.unread),
        unit="lines",
        detail="; ".join(book.lms.unread[:10]),
    )
    ctx.at_most(
        "lms_differences",
        "service and learning system agree on who has acknowledged what",
        0,
        len(found) if book.lms.learners else None,
        unit="differences",
        detail=", ".join(sorted({difference for _, _, difference in found})),
    )


def _moment(text: str) -> datetime | None:
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(one) for one in row] for row in rows)
    return out.getvalue()
