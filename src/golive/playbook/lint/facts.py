"""What several rules need to know of a playbook, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.playbook.catalogue import Catalogue
from golive.playbook.model import DrillBlock, HumanTask, Item, Place, Playbook


@dataclass(frozen=True)
class Output:
    """A file that an item leaves in the vault."""

    item: str
    path: str
    place: Place


@dataclass(frozen=True)
class Facts:
    playbook: Playbook
    catalogue: Catalogue
    blocks: Sequence[DrillBlock]
    """Every drill, also of sections that no row runs."""
    outputs: Sequence[Output]
    """What drills and named uploads leave, in order."""
    by_hand: Mapping[str, HumanTask]
    """The steps that stand for whole rows, by row id."""


def gather(playbook: Playbook, catalogue: Catalogue) -> Facts:
    blocks: list[DrillBlock] = []
    outputs: list[Output] = []
    for section in playbook.sections.values():
        for item in section.items:
            if isinstance(item, DrillBlock):
                blocks.append(item)
            outputs += _outputs(item, catalogue)
    by_hand = {
        activity.id: item
        for activity in playbook.activities
        for item in activity.items
        if isinstance(item, HumanTask) and not item.section
    }
    return Facts(playbook, catalogue, blocks, outputs, by_hand)


def _outputs(item: Item, catalogue: Catalogue) -> Sequence[Output]:
    if isinstance(item, HumanTask):
        return [Output(item.id, path, item.place) for path in item.files]
    card = catalogue.card(item.drill)
    if card is None:
        return [
            Output(item.id, path, item.places.get(f"save.{name}", item.place))
            for name, path in item.save.items()
        ]
    return [
        Output(
            item.id,
            item.save.get(name, path.replace("{item}", item.id)),
            item.places.get(f"save.{name}", item.place),
        )
        for name, path in card.outputs.items()
    ]
