"""Every dataset with personal data in it, from every context.

A new one is exported, counted and purged as soon as it stands here. The order is that of purges:
what others refer to comes last.
"""

from __future__ import annotations

from fixnado.commerce import privacy as commerce
from fixnado.compliance import privacy as compliance
from fixnado.conversations import privacy as conversations
from fixnado.identity import privacy as identity
from fixnado.incidents import privacy as incidents
from fixnado.legal import privacy as legal
from fixnado.platform.personal_data import PersonalDataSource
from fixnado.refunds import privacy as refunds


def personal_data() -> tuple[PersonalDataSource, ...]:
    """The datasets in the order of export and purge."""
    contexts = (compliance, refunds, incidents, legal, conversations, commerce, identity)
    return tuple(source for context in contexts for source in context.SOURCES)
