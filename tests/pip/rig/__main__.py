"""A rig that shows what parallel, killed and failing installations do to an
environment: plain pip, flock, uv and ours, under the same commands.

    python3 tests/pip/rig storm   --prepared ENV --pip3 PROGRAM [--subjects ours,plain] [--clients 4] ...
    python3 tests/pip/rig crash   --prepared ENV --pip3 PROGRAM [--points 0] [--hows SIGKILL,EMFILE]
    python3 tests/pip/rig matrix  --prepared ENV --pip3 PROGRAM
    python3 tests/pip/rig figures --prepared ENV --pip3 PROGRAM

ENV is a virtual environment with the pip in question, setuptools and wheel; it is
copied, never changed. Results are lines of JSON; the status is 1 where ours is not
as it must be. benches/pip runs all of it.
"""

import argparse
import json
import sys

import crash
import figures
import states
import storm
from attempt import Attempt, Subject
from environment import Environment


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("storm", "crash", "matrix", "figures"))
    parser.add_argument("--prepared", required=True, help="the environment to copy")
    parser.add_argument("--pip3", required=True, help="the stand-in")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--subjects", default="ours", help="of plain, flock, uv, ours")
    parser.add_argument("--modules", type=int, default=150, help="size of the package")
    parser.add_argument("--clients", default="4", help="numbers with commas between")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--kill", type=float, default=0.0, help="probability")
    parser.add_argument("--target", default="pip", help="of pip, top, tree; with commas between")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--hows", default=crash.HOWS)
    parser.add_argument("--points", type=int, default=0, help="operations to crash at; 0: every one")
    parser.add_argument("--states", default="", help="with commas between; all if not given")
    parser.add_argument("--installs", type=int, default=20)
    parser.add_argument("--table", action="store_true", help="a storm's results as rows for people")
    return parser.parse_args()


def results(args, env):
    """The results, each with whether it is as it must be of ours."""
    subjects = [Subject(name, env, args.pip3, args.uv) for name in args.subjects.split(",")]
    plain = Subject("plain", env, args.pip3, args.uv)
    if args.command == "figures":
        yield figures.figures(env, args.pip3, args.uv, args.installs, int(args.clients), args.rounds), True
        return
    for subject in subjects:
        is_ours = subject.name == "ours"
        if args.command == "crash":
            for how in args.hows.split(","):
                result = crash.crash(subject, how, args.points, plain)
                yield result, not is_ours or crash.is_good(result)
        elif args.command == "matrix":
            result = states.matrix(subject, [name for name in args.states.split(";") if name])
            yield result, not is_ours or states.is_good(result)
        else:
            for clients in map(int, args.clients.split(",")):
                for target in args.target.split(",") if args.kill else ["pip"]:
                    result = storm.storm(subject, clients, args.rounds, args.kill, target, args.seed)
                    yield result, not is_ours or storm.is_good(result)


def main():
    args = arguments()
    env = Environment(args.prepared, args.modules)
    try:
        first = Attempt(Subject("plain", env, args.pip3, args.uv)).run()
        if first.status != 0 or env.faults():
            sys.exit(f"the first installation, by plain pip: status {first.status}, {env.faults()}\n{first.text}")
        env.keep_state()
        bad = False
        if args.table:
            print(storm.HEAD, flush=True)
        for result, is_good in results(args, env):
            print(storm.row(result) if args.table else json.dumps(result), flush=True)
            bad |= not is_good
        sys.exit(int(bad))
    finally:
        env.close()


if __name__ == "__main__":
    main()
