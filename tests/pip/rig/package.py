"""The package that is installed: `monitor-v2`, with what an installation can
lose: modules in nested packages, data beside them, a script, a file elsewhere."""

import os

NAME, MODULE, SCRIPT, VERSION = "monitor-v2", "monitor_v2", "monitor-v2", "0.0.3"
DATA = "etc/monitor_v2/monitor.conf"

SETUP = f"""\
from setuptools import find_packages, setup

setup(
    name={NAME!r},
    version={VERSION!r},
    packages=find_packages(),
    package_data={{"": ["*.json"]}},
    data_files=[({os.path.dirname(DATA)!r}, ["monitor.conf"])],
    entry_points={{"console_scripts": ["{SCRIPT} = {MODULE}:main"]}},
    zip_safe=False,
)
"""

FOLDERS = ("", "core", "core/impl", "core/impl/deep", "net", "probes", "probes/base", "store")


def write(folder, modules, build="0"):
    """Writes its source; `build` is a mark that tells two builds apart."""

    def put(path, text):
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    put("setup.py", SETUP)
    put("monitor.conf", "interval = 5\n")
    # A small package has few folders: every operation on it can be tried.
    folders = FOLDERS[: max(3, modules // 8)]
    for below in folders:
        put(os.path.join(MODULE, below, "__init__.py"), f"BUILD = {build!r}\n")
        put(os.path.join(MODULE, below, "table.json"), '{"rows": [%s]}\n' % ", ".join(map(str, range(300))))
    put(f"{MODULE}/__init__.py", f"BUILD = {build!r}\n\n\ndef main():\n    print(BUILD)\n")
    for number in range(modules):
        body = "".join(f"def step_{step}(x):\n    return x * {number} + {step}\n\n\n" for step in range(12))
        put(os.path.join(MODULE, folders[number % len(folders)], f"part_{number}.py"), f"BUILD = {build!r}\n{body}")
