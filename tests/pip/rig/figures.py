"""What standing before pip costs: ratios of times taken in turn."""

import os
import statistics
import subprocess
import time

from attempt import Attempt, Subject
from storm import storm


def seconds(command, variables):
    started = time.perf_counter()
    subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def figures(env, pip3, uv, installs, clients, rounds):
    """The three figures that ours is held to, and what they were made of."""
    plain, flock, ours = (Subject(name, env, pip3, uv) for name in ("plain", "flock", "ours"))
    through = execute_through(env, pip3)
    env.put_back()
    for subject in (plain, ours):
        Attempt(subject).run()
    pairs = []
    for number in range(installs):
        # By turns, and by turns who is first: others' load hits both alike.
        order = (plain, ours) if number % 2 else (ours, plain)
        pairs.append({subject.name: Attempt(subject).run().seconds for subject in order})
    single = {name: statistics.median(pair[name] for pair in pairs) for name in ("plain", "ours")}
    result = {
        "execute through, ms": round(1000 * through, 3),
        "single install, s": {name: round(value, 3) for name, value in single.items()},
        "single install, ours / plain": round(statistics.median(pair["ours"] / pair["plain"] for pair in pairs), 3),
    }
    storms = {subject.name: storm(subject, clients, rounds) for subject in (flock, ours, plain)}
    result |= {
        f"{clients} clients x {rounds} rounds, s": {name: storms[name]["wall"] for name in storms},
        "identical packages, ours / flock": round(storms["ours"]["wall"] / storms["flock"]["wall"], 3),
    }
    for name, of in (("files", "open files"), ("held", "open files of each process")):
        result[f"{of}, ours / plain"] = round(storms["ours"][name] / storms["plain"][name], 3)
        result[of] = {subject: storms[subject][name] for subject in storms}
    return result


def execute_through(env, pip3, times=200):
    """How much longer a program takes to start through ours: its own start is
    taken off."""
    floor = "/bin/true"
    variables = {**env.variables, "LOOPSHIM_REAL_PIP": floor}
    both = [(seconds([pip3, "--version"], variables), seconds([floor, "--version"], variables)) for _ in range(times)]
    return statistics.median(ours for ours, _ in both) - statistics.median(bare for _, bare in both)
