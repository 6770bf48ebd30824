"""`golive serve` and `golive invite`. Heavy things are imported where they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golive.kernel.errors import BadInput

State = Annotated[Path, typer.Option("--state", help="Where runs are kept.", file_okay=False)]
PublicUrl = Annotated[
    str, typer.Option("--public-url", help="The address that people type, if it is another one.")
]
_DEFAULT_STATE = Path("state")


def serve(
    state: State = _DEFAULT_STATE,
    public_url: PublicUrl = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.", min=0, max=65535)] = 8400,
    tls_cert: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
    trusted_proxy: Annotated[
        str, typer.Option(help="The address of the proxy in front that ends TLS.")
    ] = "",
    rehearse: Annotated[
        Path | None,
        typer.Option(
            help="Begin an attended rehearsal of this playbook, with the sample people of its "
            "roster, and print each one's invitation.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    vault_root: Annotated[Path, typer.Option(file_okay=False)] = Path(),
    notify: Annotated[
        Path | None,
        typer.Option(
            help="Tell people by e-mail or webhook, as this file says (notify.toml).",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Serve the console, where people take part in the rehearsals.

    On this machine alone, unless TLS or a trusted proxy protects what people type.
    """
    from golive.console.serving import Wanted, run
    from golive.console.settings import ConsoleSettings

    settings = ConsoleSettings(
        state=state,
        host=host,
        port=port,
        public_url=public_url,
        tls_cert=tls_cert,
        tls_key=tls_key,
        trusted_proxy=trusted_proxy,
    ).checked()
    run(Wanted(settings, rehearse, vault_root, notify))


def invite(
    person: Annotated[str, typer.Argument(help="The person's id on the roster.")],
    people: Annotated[Path, typer.Option("--people", help="The roster (people.toml).")] = Path(
        "people.toml"
    ),
    state: State = _DEFAULT_STATE,
    public_url: PublicUrl = "http://127.0.0.1:8400",
    own_key: Annotated[
        bool, typer.Option("--own-key", help="They sign on a machine of their own.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Their passphrase is lost: a new one, with a new key."),
    ] = False,
) -> None:
    """Print a link by which one person enters the console, once.

    It holds for two days. Makes their signing key, which the server keeps encrypted under the
    passphrase that they then choose, and writes its fingerprint on the roster.
    """
    from golive.console.invitations import invite as make
    from golive.console.settings import ConsoleSettings

    if not public_url:
        raise BadInput("the link needs the console's address", hint="--public-url")
    settings = ConsoleSettings(state=state, public_url=public_url).checked()
    typer.echo(make(settings, people, person, own_key=own_key, again=again))
