"""Types lines into an interactive shell in a pseudo-terminal, and prints the words that the shell then has.

usage: type.py SHELL, with one line per line of stdin. "<TAB>" in a line is the tab key.
Each line of the output has the words of one line, each in brackets.
"""
import os
import pty
import select
import sys
import time

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(overlayimg completion bash)"),
    "zsh": (["zsh", "-f", "-i"],
            "bindkey -e; autoload -Uz compinit; compinit -u -D; source <(overlayimg completion zsh)"),
}
PATIENCE = 60


def read_until(terminal, end):
    output = b""
    last = time.monotonic() + PATIENCE
    while end not in output:
        if not select.select([terminal], [], [], max(0, last - time.monotonic()))[0]:
            sys.exit(f"The shell does not answer. It said: {output!r}")
        output += os.read(terminal, 1 << 16)
    return output


arguments, start = SHELLS[sys.argv[1]]
process, terminal = pty.fork()
if process == 0:
    os.execvpe(arguments[0], arguments, dict(os.environ, TERM="dumb", PS1="", COLUMNS="400"))
os.write(terminal, f"stty cols 400; {start}; echo READ''Y\n".encode())
read_until(terminal, b"READY")
for line in sys.stdin.read().splitlines():
    # The keys wait in the terminal until the shell has completed the word. Control-A moves to the begin of the line.
    keys = line.replace("<TAB>", "\t") + "\x01printf '<%s>' \x05; echo EN''D\n"
    os.write(terminal, keys.encode())
    answer = read_until(terminal, b"END").decode().replace("\r", "\n").split("\n")
    print(next(text for text in answer if text.startswith("<") and text.endswith("END"))[:-3])
os.write(terminal, b"exit\n")
