"""Time the checklist against its neighbours: medians of interleaved runs, and the ratios between them.

Usage: python benchmarks/run.py TARGET [--runs N] [--rev REV] [--base REV] [--entries each|ID,ID,...]

Every run is a process of its own, one of each kind after the other in every round, so that a slow minute hits all;
a first round, in which Python writes its bytecode, does not count:
  bare      pytest with one trivial test
  mens      pytest --mens-repo=TARGET, the whole checklist; nothing is cached from run to run
  base      the same with --mens-base=REV (when given)
  ID        the one entry alone (with --entries)
  rg        ripgrep for the union of the checklist's literal anchors (when rg is there)
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pytest_mens import checklist


def main() -> None:
    """Measure and print."""
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        cwd = Path(folder)
        wanted = commands(args, cwd)
        times: dict[str, list[float]] = {name: [] for name in wanted}
        for command in wanted.values():
            seconds(command, cwd)  # not counted: an installed package has its bytecode
        for _ in range(args.runs):
            for name, command in wanted.items():
                times[name].append(seconds(command, cwd))
        report(times)
        print(f"peak memory of mens: {megabytes(wanted['mens'], cwd):.0f} MB")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rev", help="judge this revision of TARGET")
    parser.add_argument("--base", help="also time a run with --mens-base=REV")
    parser.add_argument("--entries", default="", help="entries to time alone, comma-separated, or 'each'")
    return parser.parse_args()


def commands(args: argparse.Namespace, cwd: Path) -> dict[str, list[str]]:
    """Give the commands to time, by name; `cwd` is the empty directory they start in."""
    entries = checklist.load(checklist.shipped())
    (cwd / "test_trivial.py").write_text("def test_trivial():\n    pass\n", "utf-8")
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    mens = [*pytest, "--tb=no", f"--mens-repo={args.target.resolve()}"]
    if args.rev:
        mens.append(f"--mens-rev={args.rev}")
    found = {"bare": [*pytest, "test_trivial.py"], "mens": mens}
    if args.base:
        found["base"] = [*mens, f"--mens-base={args.base}"]
    chosen = [entry.id for entry in entries] if args.entries == "each" else args.entries.split(",")
    found |= {id_: [*mens, f"mens::{id_}"] for id_ in chosen if id_}
    ripgrep = shutil.which("rg")
    if ripgrep:
        anchors = [word for entry in entries for symbol in entry.symbols for word in ("-e", symbol)]
        found["rg"] = [ripgrep, "--count", "--fixed-strings", *anchors, str(args.target)]
    return found


def seconds(command: list[str], cwd: Path) -> float:
    """Give the wall time of one run; stop when it did not end in an ordinary way."""
    start = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)
    took = time.perf_counter() - start
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return took


def megabytes(command: list[str], cwd: Path) -> float:
    """Give the peak memory of one run."""
    child = os.fork()
    if child == 0:
        os.chdir(cwd)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.execv(command[0], command)
    _, _, usage = os.wait4(child, 0)
    return usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def report(times: dict[str, list[float]]) -> None:
    """Print a row per command, then the ratios."""
    median = {name: statistics.median(taken) for name, taken in times.items()}
    bare = median["bare"]
    print(f"{'what':24} {'median s':>9} {'min s':>7} {'max s':>7} {'above bare s':>13} {'x bare':>7}")
    for name, taken in times.items():
        middle = median[name]
        row = f"{middle:9.2f} {min(taken):7.2f} {max(taken):7.2f} {middle - bare:13.2f} {middle / bare:7.2f}"
        print(f"{name:24} {row}")
    print(f"mens / bare: {median['mens'] / bare:.2f}")
    for other in ("base", "rg"):
        if other in median:
            print(f"{other} / mens: {median[other] / median['mens']:.2f}")


if __name__ == "__main__":
    main()
