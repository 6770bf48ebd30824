"""A channel that takes `{"text": …}` by POST: Slack's incoming webhooks and their like."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from golive.kernel.networks import overheard
from golive.ports.notifier import Message, NotTaken, Unclear

_SECONDS = 15.0
_LATER = (408, 429, 503)


class Webhook:
    """`golive.ports.notifier.Notifier`: one message for everybody who reads the channel."""

    channel = "webhook"
    personal = False

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url

    def send(self, message: Message) -> str:
        url = self._url()
        where = urlsplit(url).hostname or ""
        if overheard(url):
            raise NotTaken("the webhook's address must be https://", again=False, where=where)
        key = hashlib.sha256(message.key.encode()).hexdigest()[:32]
        try:
            answer = httpx.post(
                url,
                json={"text": f"{_plain(message.text)}\n{_plain(message.link)}"},
                headers={"idempotency-key": key},
                timeout=_SECONDS,
                trust_env=False,
                follow_redirects=False,
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise NotTaken("the webhook's address is none", again=False, where=where) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotTaken("the channel can't be reached", again=True, where=where) from error
        except httpx.HTTPError as error:
            raise Unclear("no answer after the message was handed over", where=where) from error
        if answer.is_success:
            return str(answer.status_code)
        if answer.status_code >= 500 and answer.status_code not in _LATER:
            raise Unclear(f"the channel answered {answer.status_code}", where=where)
        again = answer.status_code in _LATER
        raise NotTaken(f"the channel answered {answer.status_code}", again=again, where=where)


def _plain(text: str) -> str:
    """As Slack's guide to message text asks: or a title with `<!channel>` in it calls everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
