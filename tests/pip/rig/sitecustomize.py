"""Put before pip by PYTHONPATH: counts what it changes in the environment, and
at one of these operations kills it or has the operation fail, once."""

import errno
import os
import signal
import sys

WATCHED = os.environ.get("RIG_WATCHED", "").split(":")
AT, HOW = int(os.environ.get("RIG_AT", "0")), os.environ.get("RIG_HOW", "")
TRACE, ONCE = os.environ.get("RIG_TRACE", ""), os.environ.get("RIG_ONCE", "")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
count, busy = 0, False


def absolute(path, folder=-1):
    path = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(path):
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
    return os.path.abspath(path)


def changed(event, args):
    """The paths that an operation changes."""
    if event == "open":
        return [absolute(args[0])] if isinstance(args[2], int) and args[2] & WRITING else []
    if event == "os.rename":
        return [absolute(args[0], args[2]), absolute(args[1], args[3])]
    if event in ("os.remove", "os.rmdir"):
        return [absolute(args[0], args[1])]
    if event in ("os.mkdir", "os.chmod"):
        return [absolute(args[0], args[2])]
    return []


def see(event, args):
    global count, busy
    if busy or "install" not in getattr(sys, "argv", ()):
        return
    busy = True
    try:
        hit(event, changed(event, args))
    finally:
        busy = False


def hit(event, paths):
    global count
    if not any(path.startswith(folder + "/") for path in paths for folder in WATCHED):
        return
    count += 1
    if TRACE:
        with open(TRACE, "a") as trace:
            trace.write(f"{count} {event} {paths[-1]}\n")
    if count == AT and os.path.exists(ONCE):
        os.unlink(ONCE)
        if HOW.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, HOW))
        else:
            number = getattr(errno, HOW)
            raise OSError(number, os.strerror(number), paths[0])


if WATCHED[0] and hasattr(sys, "addaudithook"):
    sys.addaudithook(see)
