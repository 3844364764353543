"""Stops pip at one file operation after another: does the same call, or the
next one, leave the environment whole?"""

import os

from attempt import Attempt
from environment import copy

HOWS = "SIGKILL,SIGTERM,EMFILE,ENOSPC,EPIPE"


def crash(subject, how, points, plain):
    """Tries `points` operations (0: every one) in this way; counts."""
    env = subject.env
    once, trace = os.path.join(env.work, "once"), os.path.join(env.work, "trace")
    watched = [env.site, os.path.join(env.home, "bin"), os.path.join(env.home, "etc")]
    # A copy, for Python leaves bytecode beside it.
    hook = os.path.join(env.work, "hook")
    copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sitecustomize.py"), hook + "/sitecustomize.py")
    # The same request fails again and again here, and is not to be held back for it.
    armed = {"PYTHONPATH": hook, "RIG_WATCHED": ":".join(watched), "LOOPSHIM_PIP_DELAY_MAX": "0"}
    env.put_back()
    Attempt(plain, variables={**armed, "RIG_TRACE": trace}).run()
    with open(trace) as file:
        operations = len(file.readlines())
    chosen = range(1, operations + 1)
    if points:
        chosen = sorted({1 + index * (operations - 1) // max(1, points - 1) for index in range(points)})
    result = {"subject": subject.name, "operations": operations, "how": how,
              "points": 0, "whole at once": 0, "whole with the next": 0, "never": []}
    for at in chosen:
        env.put_back()
        open(once, "w").close()
        first = Attempt(subject, variables={**armed, "RIG_AT": str(at), "RIG_HOW": how, "RIG_ONCE": once}).run()
        if os.path.exists(once):
            continue
        result["points"] += 1
        if first.status == 0 and is_clean(env):
            result["whole at once"] += 1
        elif Attempt(subject).run().status == 0 and is_clean(env):
            result["whole with the next"] += 1
        else:
            result["never"].append([at, env.faults()[:2], env.stashes()[:2], env.temporaries()[:2]])
    return result


def is_clean(env):
    return not (env.faults() or env.stashes() or env.temporaries())


def is_good(result):
    return result["points"] > 0 and not result["never"]
