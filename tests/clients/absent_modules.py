"""Stands in for the modules that a program would import beside the parser that is
tested: whatever is not installed is a module that has whatever is asked of it. What
runs commands is real: `execute`, with the errors of oslo's processutils.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import subprocess
import sys
import types
from unittest import mock


class ProcessExecutionError(Exception):
    """A command ended with another status than zero."""


def execute(*command, shell=False, **_):
    """Standard output and error of a command, as text."""
    done = subprocess.run(command[0] if shell else command, shell=shell, capture_output=True, text=True)
    if done.returncode != 0:
        raise ProcessExecutionError(done.stderr)
    return done.stdout, done.stderr


class Anything:
    """What a class that is not there is made of."""

    def __init__(self, *_, **__):
        pass

    def __getattr__(self, name):
        return mock.MagicMock(name=name)


class Invented(types.ModuleType):
    """A module, or a function of one: both have lower-case names."""

    def __init__(self, name):
        super().__init__(name)
        self.__path__ = []
        self.ProcessExecutionError = ProcessExecutionError
        self.execute = execute
        self._ = lambda text: text

    def __call__(self, *_, **__):
        return mock.MagicMock(name=self.__name__)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name.islower():
            value = Invented(name)
        elif name.isupper():
            value = mock.MagicMock(name=name)
        else:
            value = type(name, (Exception if name.endswith(("Error", "Exception")) else Anything,), {})
        setattr(self, name, value)
        return value


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module below some names, before everybody else looks."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] in self.names:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return Invented(spec.name)

    def exec_module(self, module):
        pass


def load(package, path, *absent):
    """The module in a file of an installed package, without its package's own
    modules and those named."""
    found = importlib.util.find_spec(package)
    place = found.submodule_search_locations[0]
    sys.meta_path.insert(0, Absent((package, *absent)))
    spec = importlib.util.spec_from_file_location(f"{package}_parser", f"{place}/{path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
