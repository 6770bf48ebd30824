"""`python -m golive.stage.controller FOLDER`: the controller of the stage in FOLDER."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn

from golive.stage import credentials
from golive.stage.addresses import HOST
from golive.stage.balancer import Balancer
from golive.stage.controller import groundwork
from golive.stage.controller.cloudwatch import CloudWatch
from golive.stage.controller.deployments import Deployments
from golive.stage.controller.ecs import Ecs
from golive.stage.controller.engine import Engine
from golive.stage.controller.resources import Resources
from golive.stage.controller.store import Store
from golive.stage.controller.tags import Tags
from golive.stage.controller.wire import Wire
from golive.stage.layout import Layout
from golive.stage.settings import Settings, load
from golive.stage.signature import Key


def application(store: Store, engine: Engine, folder: Path, key: Key) -> Wire:
    """The wire over `store` and `engine`, for the stage in `folder` and the holder of `key`."""
    resources = Resources(store)
    groundwork.lay(store, resources)
    deployments = Deployments(store, resources, engine)
    watch = CloudWatch(store, engine.minute, lambda: engine.firing)
    engine.forced = watch.forced

    async def home() -> Mapping[str, Any]:
        await engine.home()
        return {}

    stage = {
        "GET /stage": lambda: {"folder": str(folder), "minute": engine.minute},
        "GET /stage/hooks": lambda: {"hooks": engine.open_hooks()},
        "POST /stage/home": home,
    }
    services: Mapping[str, list[object]] = {
        "codedeploy": [resources, Tags(store, resources), deployments],
        "cloudwatch": [watch],
        "ecs": [Ecs(store, engine.traffic)],
    }
    return Wire(services, stage, key)


async def serve(layout: Layout, settings: Settings) -> None:
    store = Store(layout.controller)
    balancer = Balancer(layout.admin, settings.ports, layout.traffic)
    engine = Engine(store, balancer, settings.ports, settings.minute)
    config = uvicorn.Config(
        application(store, engine, layout.folder, credentials.key(layout)),
        host=HOST,
        port=settings.ports["codedeploy"],
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    resuming = asyncio.create_task(engine.resume())
    try:
        await uvicorn.Server(config).serve()
    finally:
        resuming.cancel()
        store.close()


def main(folder: str) -> int:
    """0 after SIGTERM; 1 where the folder holds no stage."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    layout = Layout(Path(folder))
    settings = load(layout)
    if settings is None:
        logging.error("%s holds no stage", folder)
        return 1
    asyncio.run(serve(layout, settings))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
