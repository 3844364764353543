"""measured.py time COMMAND...: the seconds that a command takes.

measured.py memory COMMAND...: the most memory that it and its descendants held
at once, in KiB, sampled while it runs. What several of them share is counted
once (the kernel's proportional set size). Sampling costs time, so that a run
that is timed is not sampled."""

import subprocess
import sys
import time


def descendants(process):
    yield process
    try:
        with open(f"/proc/{process}/task/{process}/children") as children:
            listed = children.read().split()
    except OSError:
        return
    for child in listed:
        yield from descendants(int(child))


def held(process):
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith(b"Pss:"))
    except OSError:
        return 0


def main():
    what, command = sys.argv[1], sys.argv[2:]
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0
    if what == "memory":
        while child.poll() is None:
            peak = max(peak, sum(held(process) for process in descendants(child.pid)))
    status = child.wait()
    print(peak if what == "memory" else time.monotonic() - began)
    sys.exit(status)


main()
