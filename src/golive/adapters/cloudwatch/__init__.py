"""Metrics over time from CloudWatch, through boto3."""

from golive.adapters.cloudwatch.series import CloudWatchSeries

__all__ = ["CloudWatchSeries"]
