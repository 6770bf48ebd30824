"""What `notify.toml` says → the ways by which people are told."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from golive.kernel.errors import BadInput
from golive.ports.notifier import Notifier
from golive.ports.notify_settings import NotifySettings


def notifiers(file: Path) -> Sequence[Notifier]:
    """BadInput with every mistake in the file. Reaches nothing yet; secrets are read when used."""
    try:
        settings = NotifySettings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"not a file of settings: {error}", where=str(file)) from error
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise BadInput("; ".join(lines), where=str(file), hint="see docs/console.md") from error
    found: list[Notifier] = []
    if settings.smtp:
        from golive.adapters.smtp import Smtp

        secret = settings.smtp.password
        password = (lambda: secret.read("the mail server's password")) if secret else None
        found.append(Smtp(settings.smtp, password))
    if settings.webhook:
        from golive.adapters.webhook import Webhook

        url = settings.webhook.url
        found.append(Webhook(lambda: url.read("the webhook's address")))
    return found
