"""A person asks for their data: the request, the export to the last byte, the purge that is only
planned."""

from golive.drills.data_governance.drill import DataGovernanceDrill

__all__ = ["DataGovernanceDrill"]
