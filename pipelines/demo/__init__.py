"""The demo: a small bilingual corpus of our own words, with cases planted for the gate to find."""

from pipelines.demo.corpus import PLANTED, Planted
from pipelines.demo.folder import DemoPlan, repair_demo, write_demo

__all__ = ["PLANTED", "DemoPlan", "Planted", "repair_demo", "write_demo"]
