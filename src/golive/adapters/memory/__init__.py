"""The time-zero stage: every port in memory, for engine tests, drill tests and our users' own.

    memory = MemoryTarget(faults=[Fault.INCOMING_SLOW])
    target = memory.build()
    ...
    memory.effects          # everything that was changed from outside, in order

Nothing moves by itself: a deployment goes one step further at each `Deployer.get`, and the load
makes requests whenever something looks at it or traffic is about to move. So a test decides how
time passes, and the world outlives any rehearsal that is killed in front of it.
"""

from golive.adapters.memory.target import MemoryEnvironment, MemoryTarget
from golive.adapters.memory.tools import MemoryCommands, MemoryHttp, MemoryPlanner
from golive.adapters.memory.world import Effect, Fault, World

__all__ = [
    "Effect",
    "Fault",
    "MemoryCommands",
    "MemoryEnvironment",
    "MemoryHttp",
    "MemoryPlanner",
    "MemoryTarget",
    "World",
]
