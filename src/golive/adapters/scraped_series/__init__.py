"""Metrics over time from the stage's own tape (`golive.ports.tape`)."""

from golive.adapters.scraped_series.answer import ScrapedSeries

__all__ = ["ScrapedSeries"]
