# SPDX-License-Identifier: MIT
"""The plot: how the cost grows with the number of requests and the size of a body."""

from pathlib import Path

from bench.growth import Growth
from bench.web import KIB
from matplotlib import rc_context, ticker
from matplotlib.figure import Figure

_TICKS = {KIB: "1 KiB", 16 * KIB: "16 KiB", 256 * KIB: "256 KiB", 4096 * KIB: "4 MiB", 65536 * KIB: "64 MiB"}
# Text is stored as text, and equal figures give an equal file.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "bench", "font.family": "sans-serif"}


def plot(growth: Growth, path: Path) -> None:
    """Draw requests a second over their number, and the time of a body over its size, as SVG."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(growth.rates.keys(), growth.rates.values(), "o-")
    left.set(xscale="log", xlabel="sync requests of 1 KiB in one run", ylabel="requests a second")
    left.set_ylim(0, 1.2 * max(growth.rates.values()))
    for name, times in growth.times.items():
        style = "o-" if name == "module" else "--"
        right.plot(times.keys(), [seconds * 1000 for seconds in times.values()], style, label=name)
    right.set(xscale="log", yscale="log", xlabel="size of the body", ylabel="milliseconds a request")
    right.set_xticks(list(_TICKS), list(_TICKS.values()))
    right.minorticks_off()
    right.legend(frameon=False)
    for axis in (left.xaxis, left.yaxis, right.yaxis):
        axis.set_major_formatter(ticker.StrMethodFormatter("{x:,g}"))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    with rc_context(_STYLE):
        figure.savefig(path, metadata={"Date": None, "Creator": None})
