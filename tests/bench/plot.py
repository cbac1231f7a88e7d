"""The plot for people: how cost grows."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")

from bench.growth import Growth
from bench.web import KIB
from matplotlib import pyplot

_TICKS = {KIB: "1 KiB", 16 * KIB: "16 KiB", 256 * KIB: "256 KiB", 4096 * KIB: "4 MiB", 65536 * KIB: "64 MiB"}


def plot(growth: Growth, path: Path) -> None:
    """Draw requests a second over their number, and the time of a body over its size, as SVG."""
    # Text stays text, and the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.family": "sans-serif"})
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    left.plot(growth.rates.keys(), growth.rates.values(), "o-")
    left.set(xscale="log", xlabel="sync requests of 1 KiB in one run", ylabel="requests a second")
    left.set_ylim(bottom=0)
    for name, times in growth.times.items():
        style = "o-" if name == "module" else "--"
        right.plot(times.keys(), [seconds * 1000 for seconds in times.values()], style, label=name)
    right.set(xscale="log", yscale="log", xlabel="size of the body", ylabel="milliseconds a request")
    right.set_xticks(list(_TICKS), list(_TICKS.values()))
    right.minorticks_off()
    right.legend(frameon=False)
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
