"""Where the console listens and under which address people know it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from golive.kernel.errors import BadInput
from golive.kernel.networks import is_loopback, overheard

_MIB = 1024 * 1024


@dataclass(frozen=True)
class ConsoleSettings:
    """BadInput from `checked` where the console would be reachable without protection."""

    state: Path
    host: str = "127.0.0.1"
    port: int = 8400
    public_url: str = ""
    """The origin that people type: `https://rehearsal.example`; host and port where empty."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: str = ""
    """The address of the proxy in front that ends TLS."""
    upload_limit: int = 25 * _MIB
    form_limit: int = 64 * 1024
    idle: timedelta = timedelta(hours=1)
    life: timedelta = timedelta(hours=10)
    invitation_life: timedelta = timedelta(hours=48)

    @property
    def folder(self) -> Path:
        """What the console itself keeps."""
        return self.state / "console"

    @property
    def origin(self) -> str:
        """Scheme, host and port as a browser sends them in `Origin` (RFC 6454 §7)."""
        if self.public_url:
            parts = urlsplit(self.public_url)
            return f"{parts.scheme}://{parts.netloc}".lower()
        scheme = "https" if self.tls_cert else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[scheme]
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def authority(self) -> str:
        """What requests must name as their `Host`."""
        return urlsplit(self.origin).netloc

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """Browsers don't tell ports apart when they send cookies, so the name does. `__Host-`
        binds it to TLS and this very host (RFC 6265bis §4.1.3.2)."""
        return "__Host-golive" if self.secure else f"golive-{self.port}"

    def checked(self) -> ConsoleSettings:
        """These settings, if nobody but this machine can listen in."""
        self._check_public_url()
        if (self.tls_cert is None) != (self.tls_key is None):
            raise BadInput("TLS needs both", hint="--tls-cert FILE and --tls-key FILE")
        if self.trusted_proxy:
            self._check_proxy()
        elif not is_loopback(self.host) and self.tls_cert is None:
            raise BadInput(
                f"{self.host} can be reached by others, and nothing would be encrypted",
                hint="stay on 127.0.0.1, give --tls-cert and --tls-key, or name the proxy that "
                "ends TLS with --trusted-proxy ADDRESS and --public-url https://…",
            )
        if self.public_url and overheard(self.public_url):
            raise BadInput(
                f"{self.public_url} would send passphrases unencrypted",
                hint="an https:// address",
            )
        return self

    def _check_public_url(self) -> None:
        if not self.public_url:
            return
        parts = urlsplit(self.public_url)
        extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme not in ("http", "https") or not parts.hostname or extra:
            raise BadInput(
                f"{self.public_url!r} is not an origin", hint="like https://rehearsal.example"
            )

    def _check_proxy(self) -> None:
        try:
            ipaddress.ip_address(self.trusted_proxy)
        except ValueError as error:
            raise BadInput(
                f"--trusted-proxy {self.trusted_proxy}", hint="its IP address"
            ) from error
        if not self.public_url.startswith("https://"):
            raise BadInput(
                "a trusted proxy ends TLS, so people come by https",
                hint="--public-url https://…",
            )
