"""Settings → adapters → use cases. The only room that names an adapter, a drill or the stage."""

from golive.bootstrap.drills import registry
from golive.bootstrap.environments import embedded_stage, stage_environment, stage_faults
from golive.bootstrap.homes import config_folder, shipped_playbooks, trust_store
from golive.bootstrap.notifying import notifiers
from golive.bootstrap.papers import approval_paper, report, trend_page
from golive.bootstrap.supplies import REHEARSAL_DOMAINS, Supplies
from golive.bootstrap.targets import build_target, read_target
from golive.bootstrap.timestamps import timestamp_authority
from golive.bootstrap.vaults import copies, fetched, is_address

__all__ = [
    "REHEARSAL_DOMAINS",
    "Supplies",
    "approval_paper",
    "build_target",
    "config_folder",
    "copies",
    "embedded_stage",
    "fetched",
    "is_address",
    "notifiers",
    "read_target",
    "registry",
    "report",
    "shipped_playbooks",
    "stage_environment",
    "stage_faults",
    "timestamp_authority",
    "trend_page",
    "trust_store",
]
