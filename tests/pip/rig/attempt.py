"""One run of the command under test, which may be killed on the way; and what
is to be seen of its processes."""

import os
import random
import re
import shlex
import shutil
import signal
import string
import subprocess
import tempfile
import threading
import time
import uuid

import environment

MARK = "RIG_ATTEMPT"
# What this run's attempts begin their marks with: another's are none of its business.
RUN = uuid.uuid4().hex
INSTALL = "install -U --no-deps --no-cache-dir"


class Subject:
    """A command that installs: plain pip, or what stands before it."""

    def __init__(self, name, env, pip3, uv):
        self.name, self.env = name, env
        commands = {
            "plain": [env.python, "-m", "pip"],
            "flock": ["flock", os.path.join(env.work, "lock"), env.python, "-m", "pip"],
            "uv": [uv, "pip"],
            "ours": [pip3],
        }
        self.command = [*commands[name], *shlex.split(INSTALL)]
        if name == "uv":
            self.command = [uv, "pip", *shlex.split("install -U --no-deps --no-cache --no-build-isolation --python"),
                            env.python]


class Attempt:
    """A run on a fresh copy of the source, as a monitor makes it."""

    def __init__(self, subject, chance=None, source=None, variables=()):
        self.subject, self.env = subject, subject.env
        self.token = RUN + uuid.uuid4().hex
        self.variables = {**self.env.variables, **dict(variables), MARK: self.token}
        letters = (chance or random).choices(string.ascii_lowercase + string.digits, k=8)
        self.folder = os.path.join(self.env.tmp, "".join(letters))
        shutil.copytree(source or self.env.source, self.folder)
        self.is_killed = False

    def run(self, kill_after=None, target="pip", number=signal.SIGKILL):
        started = time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen([*self.subject.command, self.folder], env=self.variables, cwd=self.env.work,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                       start_new_session=True)
            if kill_after is not None:
                threading.Thread(target=self._kill, args=(process, kill_after, target, number)).start()
            self.status = process.wait()
            self.seconds = time.monotonic() - started
            output.seek(0)
            self.text = output.read().decode("utf-8", "replace")
        if self.status == 0:
            environment.remove(self.folder)
        return self

    def _kill(self, process, after, target, number):
        """Kills the pip, the started process, or all of them, so long after the
        pip is seen (or, where a pip of another answers, never)."""
        choose = {"pip": self.pips, "top": lambda: [process.pid], "tree": lambda: marked(self.token)}[target]
        while process.poll() is None and not (target == "top" or self.pips()):
            time.sleep(0.02)
        try:
            process.wait(after)
            return
        except subprocess.TimeoutExpired:
            pass
        for pid in choose():
            try:
                os.kill(pid, number)
                self.is_killed = True
            except OSError:
                pass

    def pips(self):
        """The processes that are pip itself."""
        return [pid for pid in marked(self.token) if is_pip(words(pid))]


def marked(token):
    """The processes that have this token among their variables."""
    wanted = f"{MARK}={token}".encode()
    return [pid for pid in processes() if wanted in variables(pid)]


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def words(pid):
    return (environment.read(f"/proc/{pid}/cmdline") or b"").decode("utf-8", "replace").split("\0")


def variables(pid):
    return (environment.read(f"/proc/{pid}/environ") or b"").split(b"\0")


def is_pip(line):
    """Whether a command line is a Python that runs pip, and not what pip builds."""
    return "install" in line and re.search(r"(^|/)python[0-9.]*$", line[0]) is not None and "pip" in line[1:4]


def failure(text):
    """What a failed run says, in a line."""
    lines = [line for line in text.splitlines() if re.match(r"\s*(ERROR|error|Assertion|FileNotFound)", line)]
    return (lines or text.strip().splitlines() or ["nothing"])[-1].strip()[:160]


class Files(threading.Thread):
    """The largest numbers of files open at once. `files`: what the kernel has
    open above what it had at the start, each file once, however many processes
    share it; that is what runs out. Other programs' files disturb it. `held`: the
    descriptors and mapped files of the attempts' processes, one by one, so that
    what a process has inherited counts again; nothing else disturbs it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.base = self.files = system_files()
        self.held, self.ended = 0, threading.Event()
        self.start()

    def run(self):
        own = f"{MARK}={RUN}".encode()
        while not self.ended.wait(0.05):
            self.files = max(self.files, system_files())
            attempts = [pid for pid in processes() if any(v.startswith(own) for v in variables(pid))]
            self.held = max(self.held, sum(map(held_files, attempts)))

    def close(self):
        self.ended.set()
        self.join()
        return {"files": self.files - self.base, "held": self.held}


def system_files():
    return int(environment.read("/proc/sys/fs/file-nr").split()[0])


def held_files(pid):
    try:
        mapped = {line.split()[5] for line in open(f"/proc/{pid}/maps") if line.count("/")}
        return len(os.listdir(f"/proc/{pid}/fd")) + len(mapped)
    except OSError:
        return 0
