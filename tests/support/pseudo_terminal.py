"""Types at a program on a pseudo-terminal. Arguments: the program's words; the
standard input has one JSON string a line, typed when the prompt has come."""
import json
import os
import pty
import select
import sys

PROMPT = b"ipmitool> "
process, terminal = pty.fork()
if process == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown, asked = b"", 0


def read_until_prompt():
    global shown
    while shown.count(PROMPT) <= asked:
        ready, _, _ = select.select([terminal], [], [], 30)
        try:
            piece = os.read(terminal, 4096) if ready else b""
        except OSError:
            piece = b""
        if not piece:
            return False
        shown += piece
    return True


for line in sys.stdin:
    if not read_until_prompt():
        break
    # What is edited is shown again and again, each time with the prompt.
    asked = shown.count(PROMPT)
    os.write(terminal, json.loads(line).encode())
    while select.select([terminal], [], [], 1)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break
    asked = shown.count(PROMPT) - 1
try:
    while piece := os.read(terminal, 4096):
        shown += piece
except OSError:
    pass
_, status = os.waitpid(process, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
