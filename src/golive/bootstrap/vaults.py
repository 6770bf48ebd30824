"""Where copies of sealed releases go: `s3://bucket/prefix`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from golive.kernel.errors import BadInput, PortError
from golive.ports.copies import Copies

_DAYS = 365


def is_address(text: str) -> bool:
    """Whether a vault's root is an address rather than a folder."""
    return "://" in text


def copies(address: str) -> Copies:
    """What keeps copies at `s3://bucket[/prefix][?days=N]`; reaches nothing yet.

    Credentials, region and endpoint come from boto3's usual chain (`AWS_PROFILE`,
    `AWS_ENDPOINT_URL_S3`, …). BadInput when it isn't such an address.
    """
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        days = int(asked.pop("days", [str(_DAYS)])[0])
    except ValueError:
        raise _misfit(address) from None
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or asked or days < 1:
        raise _misfit(address)
    from golive.adapters.s3_vault import S3Vault

    return S3Vault(parts.netloc, prefix=parts.path, days=days)


def _misfit(address: str) -> BadInput:
    shown = address.split("?")[0].split("@")[-1]
    hint = "write s3://BUCKET, s3://BUCKET/PREFIX or s3://BUCKET/PREFIX?days=N (of the lock)"
    return BadInput("not an address that copies can go to", where=shown, hint=hint)


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """The vault that lies at `address`, as it was first put, in a folder of its own until the
    caller is done with it. PortError when there is nothing, or it can't be read."""
    with (
        closing(copies(address)) as store,
        TemporaryDirectory(prefix="golive-vault-") as folder,
    ):
        root = Path(folder)
        kept = store.kept()
        if not kept:
            raise PortError("no sealed copy lies there", where=address.split("?")[0])
        for rehearsal, number in kept:
            store.pull(rehearsal, number, root / "releases" / rehearsal / str(number))
        if not store.pull_records(root):
            raise PortError(
                "releases lie there without the ledger that holds them together",
                where=address.split("?")[0],
                hint="the copy was cut short: `golive vault copy VAULT ADDRESS` finishes it",
            )
        yield root
