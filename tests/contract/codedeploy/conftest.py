"""A controller for each test, over one real proxy for each file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from golive.stage.balancer import AT_REST
from stage_world import bench


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.Proxy]:
    with bench.proxy(tmp_path_factory.mktemp("proxy")) as made:
        yield made


@pytest.fixture
def controller(proxy: bench.Proxy, tmp_path: Path) -> Iterator[bench.Controller]:
    proxy.balancer.shift(AT_REST.weights)
    proxy.balancer.validate(AT_REST.validation)
    made = bench.Controller(tmp_path, proxy)
    yield made
    made.stop()


@pytest.fixture
def aws(controller: bench.Controller) -> Any:
    return controller.client()
