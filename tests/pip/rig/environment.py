"""The environment that is installed into, a copy of a prepared one, and the
judgement of whether what is in it is whole."""

import base64
import csv
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

import package


class Environment:
    """A virtual environment in a work folder, and a machine's root for ours."""

    def __init__(self, prepared, modules):
        self.work = tempfile.mkdtemp(prefix="loopshim-rig-")
        self.home = os.path.join(self.work, "env")
        subprocess.run(["cp", "-a", prepared, self.home], check=True)
        self.python = os.path.join(self.home, "bin", "python")
        (self.site,) = glob.glob(os.path.join(self.home, "lib", "python3*", "site-packages"))
        self.root = os.path.join(self.work, "root")
        self.tmp = os.path.join(self.root, "tmp")
        for folder in ("tmp", "run", "var/lib", "var/log"):
            os.makedirs(os.path.join(self.root, folder))
        self.source = os.path.join(self.work, "source")
        package.write(self.source, modules)
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
        self.variables = {**keep, "LC_ALL": "C.UTF-8", "HOME": self.work, "TMPDIR": self.tmp,
                          "PIP_DISABLE_PIP_VERSION_CHECK": "1", "LOOPSHIM_ROOT": self.root,
                          "LOOPSHIM_REAL_PIP": f"{self.python} -m pip"}

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    # --- What belongs to the package ---

    def metadata(self):
        pattern = re.compile(re.escape(package.MODULE) + r"-[^-]+\.dist-info$")
        return sorted(name for name in os.listdir(self.site) if pattern.match(name))

    def dist_info(self):
        return os.path.join(self.site, f"{package.MODULE}-{package.VERSION}.dist-info")

    def script(self):
        return os.path.join(self.home, "bin", package.SCRIPT)

    def data(self):
        return os.path.join(self.home, package.DATA)

    def _owned(self):
        stashes = [name for name in os.listdir(self.site) if name.startswith("~")]
        below = [os.path.join(self.site, name) for name in (*self.metadata(), *stashes, package.MODULE)]
        return [*below, self.script(), os.path.dirname(self.data())]

    def wipe(self):
        for path in self._owned():
            remove(path)

    def keep_state(self):
        """Remembers the installation as it is."""
        self.kept = os.path.join(self.work, "kept")
        remove(self.kept)
        for path in filter(os.path.lexists, self._owned()):
            copy(path, os.path.join(self.kept, os.path.relpath(path, self.home)))

    def put_back(self):
        """Brings back the installation that was remembered."""
        self.wipe()
        subprocess.run(["cp", "-a", self.kept + "/.", self.home], check=True)

    # --- Whether it is whole ---

    def faults(self, source=None):
        """What is wrong with the installation, in words; nothing if it is whole."""
        found = self.metadata()
        faults = [] if len(found) == 1 else [f"{len(found)} dist-infos"]
        for name in found:
            faults += self._faults_of(name)
        for base, _, files in os.walk(os.path.join(source or self.source, package.MODULE)):
            for file in files:
                wanted = os.path.join(base, file)
                there = os.path.join(self.site, os.path.relpath(wanted, source or self.source))
                if "__pycache__" not in base and read(wanted) != read(there):
                    faults.append(f"{there} is not the source's")
        for path in (self.script(), self.data()):
            if not os.path.isfile(path):
                faults.append(f"{path} is missing")
        return faults

    def _faults_of(self, name):
        folder = os.path.join(self.site, name)
        faults = [f"no {file}" for file in ("METADATA", "WHEEL", "INSTALLER")
                  if not os.path.isfile(os.path.join(folder, file))]
        try:
            with open(os.path.join(folder, "RECORD"), newline="", encoding="utf-8") as file:
                rows = [row for row in csv.reader(file) if row]
        except (OSError, ValueError, csv.Error):
            return [*faults, "no RECORD"]
        if f"{name}/INSTALLER" not in [row[0] for row in rows]:
            faults.append("RECORD is the wheel's own")
        for path, digest, *_ in rows:
            content = read(os.path.join(self.site, path))
            kind, _, wanted = digest.partition("=")
            if content is None:
                faults.append(f"{path} is missing")
            elif kind and encoded(hashlib.new(kind, content)) != wanted:
                faults.append(f"{path} differs")
        return faults

    def stashes(self):
        """What pip set aside and did not take away, at any depth."""
        return [os.path.join(base, name) for base, folders, files in os.walk(self.site)
                for name in (*folders, *files) if name.startswith("~")]

    def temporaries(self):
        """What pip, or ours, left among the temporary files."""
        return [name for name in os.listdir(self.tmp) if name.startswith(("pip-", "loopshim-pip-"))]

    def sources(self):
        """Source folders that are still there."""
        return [name for name in os.listdir(self.tmp) if re.fullmatch("[a-z0-9_]{8}", name)]


def encoded(digest):
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def copy(path, to):
    os.makedirs(os.path.dirname(to), exist_ok=True)
    subprocess.run(["cp", "-a", path, to], check=True)
