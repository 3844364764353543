"""Many at once, killed or not: how many fail, and what is left."""

import os
import random
import signal
import threading
import time

import environment
from attempt import Attempt, Files, failure, marked


def storm(subject, clients, rounds, kill_probability=0.0, target="pip", seed=1, number=signal.SIGKILL):
    """Runs the storm; its result as a dictionary of counts."""
    env = subject.env
    env.put_back()
    # What the subject before has left is not this one's, and has names that come again.
    for name in env.sources() + env.temporaries():
        environment.remove(os.path.join(env.tmp, name))
    window = 1.1 * Attempt(subject).run().seconds
    files, started, attempts = Files(), time.monotonic(), []
    result = {"subject": subject.name, "clients": clients, "rounds": rounds,
              "killed": f"{kill_probability:.0%} {target}" if kill_probability else "-"}
    broken = silent = 0
    for turn in range(rounds):
        chances = [random.Random(f"{seed}/{turn}/{client}") for client in range(clients)]
        mine = [Attempt(subject, chance) for chance in chances]
        after = [c.uniform(0, window) if c.random() < kill_probability else None for c in chances]
        threads = [threading.Thread(target=attempt.run, args=(wait, target, number))
                   for attempt, wait in zip(mine, after)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # A pip whose starter was killed may go on.
        while any(marked(attempt.token) for attempt in mine if attempt.is_killed):
            time.sleep(0.05)
        attempts += mine
        if env.faults():
            broken += 1
            silent += any(attempt.status == 0 for attempt in mine)
            result.setdefault("faults", []).extend(env.faults()[:3])
            if subject.name != "ours":
                env.put_back()
    wall = time.monotonic() - started
    failed = [attempt for attempt in attempts if attempt.status != 0 and not attempt.is_killed]
    result |= {
        "attempts": len(attempts),
        "kills": sum(attempt.is_killed for attempt in attempts),
        "failed": len(failed),
        "broken rounds": broken,
        "silent": silent,
        "warned": sum("Ignoring invalid distribution" in attempt.text for attempt in attempts),
        "stashes": len(env.stashes()),
        "temporaries": len(env.temporaries()),
        "sources": len(env.sources()) - sum(a.status != 0 for a in attempts if a.is_killed or a in failed),
        "wall": round(wall, 1),
    } | files.close()
    if failed:
        result["reasons"] = sorted({failure(attempt.text) for attempt in failed})[:4]
    if subject.name == "ours":
        result |= after_the_storm(subject)
    return result


def after_the_storm(subject):
    """What the next run finds and leaves, once what was left has become old."""
    env = subject.env
    time.sleep(1.1)
    status = Attempt(subject, variables={"LOOPSHIM_PIP_ORPHAN_AGE": "1s"}).run().status
    # Old sources go when the caller has its answer.
    end = time.monotonic() + 20
    while env.sources() and time.monotonic() < end:
        time.sleep(0.05)
    left = env.faults() or env.stashes() or env.temporaries() or env.sources()
    return {"next": "whole" if status == 0 and not left else f"status {status}, {left}"}


COLUMNS = (("subject", 8), ("clients", 8), ("killed", 10), ("attempts", 9), ("kills", 6), ("failed", 7),
           ("broken rounds", 14), ("silent", 7), ("warned", 7), ("stashes", 8), ("temporaries", 12), ("sources", 8),
           ("files", 6), ("held", 6), ("wall", 8))
HEAD = "".join(name.rjust(width) for name, width in COLUMNS) + "  next"


def row(result):
    """A result as a row of a table."""
    cells = "".join(str(result[name]).rjust(width) for name, width in COLUMNS)
    return f"{cells}  {result.get('next', '-')}"


def is_good(result):
    """Whether it is what ours is held to."""
    zero = ("failed", "broken rounds", "warned", "stashes", "temporaries", "sources")
    if result["kills"]:
        # A killed attempt's own traces go with the next run.
        zero = ("failed", "broken rounds", "warned", "sources")
    return all(result[name] == 0 for name in zero) and result["next"] == "whole"
