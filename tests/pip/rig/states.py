"""The states in which killed pips, power cuts and other tools leave an
environment, and what an installation makes of each."""

import os
import shutil

import package
from attempt import Attempt, failure
from environment import copy, read, remove


def put(path, content):
    with open(path, "wb") as file:
        file.write(content)


def other_version(env, version="0.0.2"):
    """The metadata of another version beside the installed."""
    folder = os.path.join(env.site, f"{package.MODULE}-{version}.dist-info")
    copy(env.dist_info(), folder)
    for name in ("METADATA", "RECORD"):
        text = read(os.path.join(folder, name)).decode()
        text = text.replace(f"Version: {package.VERSION}", f"Version: {version}")
        put(os.path.join(folder, name), text.replace(f"-{package.VERSION}.dist-info", f"-{version}.dist-info").encode())
    return folder


def stash(env, move):
    """The package and its metadata as pip sets them aside."""
    for path in (env.dist_info(), os.path.join(env.site, package.MODULE)):
        to = os.path.join(env.site, "~" + os.path.basename(path)[1:])
        (shutil.move if move else copy)(path, to)


def wheels_record(env):
    """`RECORD` as the wheel brought it, before pip added what it made."""
    lines = read(info(env, "RECORD")).splitlines(keepends=True)
    added = (b".pyc,", b"/INSTALLER,", b"/REQUESTED,", b"/direct_url.json,")
    put(info(env, "RECORD"), b"".join(line for line in lines if not any(word in line for word in added)))


def half(env):
    files = sorted(os.path.join(base, name) for base, _, names in os.walk(module(env)) for name in names)
    for path in files[::2]:
        os.unlink(path)


def unrecorded_stash(env):
    """A stash inside the package, as beside a file that no `RECORD` names."""
    os.makedirs(os.path.join(module(env), "~ore", "impl"))
    put(os.path.join(module(env), "core", "__init__.cpython-36.pyc.140215"), b"")


def info(env, *names):
    return os.path.join(env.dist_info(), *names)


def module(env, *names):
    return os.path.join(env.site, package.MODULE, *names)


def only(env, *kept):
    for name in os.listdir(env.dist_info()):
        if name not in kept:
            remove(info(env, name))


def rpms(env):
    remove(info(env, "RECORD"))
    put(info(env, "INSTALLER"), b"rpm\n")


STATES = {
    "clean": lambda env: None,
    "absent": lambda env: env.wipe(),
    "no RECORD": lambda env: remove(info(env, "RECORD")),
    "no RECORD, an RPM package's": rpms,
    "no dist-info": lambda env: remove(env.dist_info()),
    "empty dist-info": lambda env: only(env),
    "only INSTALLER": lambda env: only(env, "INSTALLER"),
    "no METADATA": lambda env: remove(info(env, "METADATA")),
    "METADATA empty": lambda env: put(info(env, "METADATA"), b""),
    "METADATA of zeros": lambda env: put(info(env, "METADATA"), bytes(400)),
    "RECORD empty": lambda env: put(info(env, "RECORD"), b""),
    "RECORD of zeros": lambda env: put(info(env, "RECORD"), bytes(4096)),
    "half a RECORD": lambda env: put(info(env, "RECORD"), read(info(env, "RECORD"))[:1500]),
    "the wheel's RECORD": wheels_record,
    "INSTALLER of zeros": lambda env: put(info(env, "INSTALLER"), bytes(4)),
    "no entry points": lambda env: remove(info(env, "entry_points.txt")),
    "a stash beside": lambda env: stash(env, move=False),
    "stashed, not installed": lambda env: stash(env, move=True),
    "a stash inside": unrecorded_stash,
    "half a package": half,
    "no package": lambda env: remove(module(env)),
    "no script": lambda env: remove(env.script()),
    "two dist-infos": other_version,
    "two, one without RECORD": lambda env: remove(os.path.join(other_version(env), "RECORD")),
    "a stale module": lambda env: put(module(env, "old.py"), b"x = 1\n"),
    "half a RECORD of a killed pip": lambda env: put(info(env, "RECORDabcd1234.tmp"), b"x"),
}


def matrix(subject, names=()):
    """Installs in each state: `whole`, or what else came of it."""
    env, rows = subject.env, {}
    for name, make in STATES.items():
        if names and name not in names:
            continue
        env.put_back()
        make(env)
        attempt = Attempt(subject).run()
        if attempt.status != 0:
            rows[name] = f"refused: {failure(attempt.text)}"
        else:
            rows[name] = "whole" if not (env.faults() or env.stashes()) else "status 0, broken"
    return {"subject": subject.name, "rows": rows}


def is_good(result):
    return all(verdict == "whole" or name.endswith("an RPM package's") and verdict.startswith("refused")
               for name, verdict in result["rows"].items())
