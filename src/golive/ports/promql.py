"""A `Query` in Prometheus' query language. Pure: dashboards and the adapter must ask the same."""

from __future__ import annotations

from golive.ports.series import SIDE, Figure, Query


def promql(query: Query, *, side_label: str = SIDE, window: str = "") -> str:
    """`sum by (instance) (rate(fixnado_http_requests_total{status=~"5.."}[60s]))`.

    `side_label` is what the label `instance` is called there; `window` stands in the place of the
    seconds that rates look back over (Grafana has `$__rate_interval`).
    """
    by = [side_label if label == SIDE else label for label in query.by]
    where = {side_label if name == SIDE else name: text for name, text in query.where.items()}
    matchers = ",".join(f"{name}=~{_quoted(text)}" for name, text in sorted(where.items()))
    chosen = f"{{{matchers}}}" if matchers else ""
    window = f"[{window or f'{query.over:g}s'}]"
    if query.figure is Figure.QUANTILE:
        inner = _over("sum", ["le", *by], f"rate({query.metric}_bucket{chosen}{window})")
        return f"histogram_quantile({query.quantile:g}, {inner})"
    one = f"{query.metric}{chosen}"
    if query.figure is Figure.RATE:
        one = f"rate({one}{window})"
    return _over(query.combine.value, by, one)


def _over(how: str, by: list[str], inner: str) -> str:
    return f"{how} by ({', '.join(by)}) ({inner})" if by else f"{how}({inner})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
