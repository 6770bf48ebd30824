"""`notify.toml`: by which ways people are told. Secrets by reference."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from golive.kernel.networks import is_loopback
from golive.ports.target import SecretRef


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SmtpSettings(_Strict):
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    sender: str = Field(pattern=r"^[^@\s<>]{1,64}@[^@\s<>]{1,255}$")
    security: Literal["starttls", "tls", "plain"] = "starttls"
    """`plain` is for a server on this machine alone."""
    user: str = ""
    password: SecretRef | None = None

    @model_validator(mode="after")
    def _protected(self) -> SmtpSettings:
        if self.security == "plain" and not is_loopback(self.host):
            raise ValueError("security = 'plain' only to a server on this machine")
        if bool(self.user) != (self.password is not None):
            raise ValueError("user and password belong together")
        return self


class WebhookSettings(_Strict):
    url: SecretRef
    """Slack's incoming webhooks, and what takes `{"text": …}` like them. Whoever knows the address
    may write there, so it is a secret."""


class NotifySettings(_Strict):
    smtp: SmtpSettings | None = None
    webhook: WebhookSettings | None = None
