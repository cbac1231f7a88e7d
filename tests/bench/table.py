# SPDX-License-Identifier: MIT
"""The rows of the table: each has its figure, its goal, and whether the goal was met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

COLUMNS = ("floor", "module", "pycurl", "requests")


@dataclass(frozen=True)
class Goal:
    """A limit that a figure may reach but not exceed."""

    limit: float
    least: bool = False  # the limit is a minimum
    form: str = ".2f"
    unit: str = ""

    def is_met(self, value: float) -> bool:
        """Return whether this figure meets the goal."""
        return value >= self.limit if self.least else value <= self.limit

    def show(self, value: float) -> str:
        """Return a figure in a readable format."""
        return f"{value:{self.form}}{self.unit}"

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {self.show(self.limit)}"


@dataclass(frozen=True)
class Row:
    """One figure; without a goal it is for comparison only."""

    what: str
    value: float
    goal: Goal
    figures: Mapping[str, str] = field(default_factory=dict)  # the figures of the clients, by column
    judged: bool = True

    @property
    def verdict(self) -> str:
        """Return the result as the table shows it."""
        if not self.judged:
            return ""
        return "met" if self.goal.is_met(self.value) else "missed"

    @property
    def cells(self) -> list[str]:
        """Return the texts of the row from left to right."""
        goal = str(self.goal) if self.judged else ""
        others = [self.figures.get(column, "") for column in COLUMNS]
        return [self.what, self.goal.show(self.value), goal, self.verdict, *others]


def middle(values: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median of each client."""
    return {name: median(each) for name, each in values.items()}


def middle_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the ratios of two figures of the same round."""
    return median(a / b for a, b in zip(above, below, strict=True))


def render(rows: Sequence[Row], about: Sequence[str]) -> str:
    """Return the whole table."""
    lines = [["", "measured", "goal", "", *COLUMNS], *(row.cells for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = [
        f"{line[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True)).rstrip()
        for line in lines
    ]
    judged = [row.verdict for row in rows if row.judged]
    summary = f"{judged.count('met')} goals met, {judged.count('missed')} missed"
    return "\n".join([*about, "", *text, "", summary]) + "\n"
