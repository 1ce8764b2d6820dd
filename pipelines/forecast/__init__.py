"""What a run would do, before it starts: counts from listing and ledger, figures from a sample, and whether it would fit."""

from pipelines.forecast.before import forecast, refuse_unfit
from pipelines.forecast.told import told_of_forecast

__all__ = ["forecast", "refuse_unfit", "told_of_forecast"]
