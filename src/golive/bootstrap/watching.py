"""What a target file says about metrics over time and dashboards → the adapters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from golive.ports.target import (
    CloudWatchConfig,
    GrafanaConfig,
    PrometheusConfig,
    ScrapedConfig,
    SecretRef,
)

if TYPE_CHECKING:
    from golive.ports.dashboards import Dashboards
    from golive.ports.series import MetricSeries


def series_of(
    config: CloudWatchConfig | PrometheusConfig | ScrapedConfig | None,
) -> MetricSeries | None:
    if isinstance(config, CloudWatchConfig):
        from golive.adapters.aws import CloudWatchSeries

        return CloudWatchSeries(config)
    if isinstance(config, PrometheusConfig):
        from golive.adapters.prometheus_api import PrometheusSeries

        return PrometheusSeries(
            config.url,
            config.fidelity,
            token=_reader(config.token, "the metrics' token") if config.token else None,
            side_label=config.side_label,
            ca=config.ca,
        )
    if isinstance(config, ScrapedConfig):
        from golive.adapters.scraped_series import ScrapedSeries

        return ScrapedSeries(config.file, config.fidelity)
    return None


def dashboards_of(config: GrafanaConfig | None) -> Dashboards | None:
    if config is None:
        return None
    from golive.adapters.grafana import Grafana

    return Grafana(
        config.url,
        _reader(config.token, "Grafana's token"),
        folder=config.folder,
        overwrite=config.overwrite,
        datasource=config.datasource,
        organisation=config.organisation,
        ca=config.ca,
        fidelity=config.fidelity,
    )


def _reader(reference: SecretRef, of: str) -> Callable[[], str]:
    return lambda: reference.read(of)
