# Asks a pip which environment an invocation would change. Run by pip's own
# interpreter: python -c THIS COMMAND SCRIPT-FOLDER ARGUMENT...
# Answers with NAME=VALUE, a NUL after each.
import os
import sys

command, folder, args = sys.argv[1], sys.argv[2], sys.argv[3:]
if folder:
    # As for a script: its folder comes first, and not the working directory.
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    sys.path.insert(0, folder)


def parse():
    try:
        from pip._internal.commands import create_command
        return create_command(command, isolated="--isolated" in args).parse_args(args)
    except ImportError:
        pass
    try:
        from pip._internal.commands import commands_dict
    except ImportError:
        from pip.commands import commands_dict
    return commands_dict[command](isolated="--isolated" in args).parse_args(args)


def is_user(options, home):
    wanted = getattr(options, "use_user_site", None)
    try:
        from pip._internal.commands.install import decide_user_install
    except ImportError:
        return bool(wanted)
    return decide_user_install(wanted, prefix_path=getattr(options, "prefix_path", None), target_dir=home,
                               root_path=getattr(options, "root_path", None), isolated_mode=options.isolated_mode)


def scheme(**where):
    try:
        from pip._internal.locations import get_scheme
        found = get_scheme("x", **where)
        return [found.purelib, found.platlib, found.scripts, found.data]
    except ImportError:
        pass
    try:
        from pip._internal.locations import distutils_scheme
    except ImportError:
        from pip.locations import distutils_scheme
    found = distutils_scheme("x", **where)
    return [found[key] for key in ("purelib", "platlib", "scripts", "data")]


def config_files():
    try:
        from pip._internal.configuration import get_configuration_files
        return [name for names in get_configuration_files().values() for name in names]
    except ImportError:
        return [os.path.join(sys.prefix, "pip.conf")]


import pip

options = parse()[0]
target = getattr(options, "target_dir", None)
out = [("executable", sys.executable or ""), ("package", os.path.dirname(os.path.abspath(pip.__file__)))]
if getattr(options, "python", None):
    sys.exit(3)
if target:
    target = os.path.abspath(target)
    out += [("target", target), ("site", target)]
else:
    user = command == "install" and is_user(options, target)
    where = dict(user=user, home=None, root=getattr(options, "root_path", None), isolated=options.isolated_mode,
                 prefix=getattr(options, "prefix_path", None))
    purelib, platlib, scripts, data = scheme(**where)
    out += [("site", purelib), ("site", platlib), ("scripts", scripts), ("data", data)]
    if command == "uninstall":
        import site
        if site.ENABLE_USER_SITE:
            out.append(("site", site.getusersitepackages()))
for name, key in (("editables", "editable"), ("requirements", "requirement"), ("constraints", "constraint"),
                  ("dry_run", "dry_run"), ("root_path", "root"), ("prefix_path", "prefix"), ("log", "log"),
                  ("dependency_groups", "group")):
    value = getattr(options, name, None)
    if value:
        out.append(("has", key))
if getattr(options, "ignore_dependencies", False):
    out.append(("has", "no-deps"))
out += [("config", name) for name in config_files()]
stream = getattr(sys.stdout, "buffer", sys.stdout)
for name, value in out:
    stream.write(name.encode() + b"=" + os.fsencode(value) + b"\0")
