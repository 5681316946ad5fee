"""Drives an interactive root shell in a real terminal: prompt, window size and its change, Ctrl-C, a change, and 'exit'.

usage: shell.py COMMAND... ; prints what the terminal showed. Fails if the terminal's modes are not restored.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE = 120


def resize(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def press(keys):
    os.write(terminal, keys.encode())


def read():
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


def expect(text):
    global shown, rest
    last = time.monotonic() + PATIENCE
    while text.encode() not in rest:
        if not select.select([terminal], [], [], max(0, last - time.monotonic()))[0] or not (output := read()):
            sys.exit(f"The terminal does not show {text!r}. It showed: {shown!r}")
        shown, rest = shown + output, rest + output
    rest = rest[rest.index(text.encode()) + len(text):]


shown = rest = b""
process, terminal = pty.fork()
if process == 0:
    os.execvpe(sys.argv[1], sys.argv[1:], dict(os.environ, TERM="xterm-256color"))
# Open as long as this program, so that the modes can be read after the tool has ended.
own_side = os.open(f"/dev/pts/{struct.unpack('I', fcntl.ioctl(terminal, 0x80045430, bytes(4)))[0]}", os.O_RDWR | os.O_NOCTTY)
resize(33, 99)
modes = termios.tcgetattr(own_side)
expect("root@localhost:/# ")
press("ls -A /root; set -- $TERM $(stty size); echo size $2 $3 on $1\r")
expect("size 33 99 on xterm-256color\r")
resize(44, 111)
# The kept script runs the same command without a terminal.
press("! tty -s || until [ \"$(stty size)\" = '44 111' ]; do :; done; echo chan''ged\r")
expect("changed\r")
press("bash -c 'trap \"exit 9\" INT; echo wait''ing; read'\r")
expect("waiting\r")
press("\x03")
expect("root@localhost:/# ")
press("echo status $?; useradd --system web && echo hello >/etc/motd\r")
expect("status 9\r")
expect("root@localhost:/# ")
press("exit\r")
ended = status = 0
while not ended:
    # The own side stays open, so the terminal has no end that could be read.
    if select.select([terminal], [], [], 0.05)[0]:
        shown += read()
    else:
        ended, status = os.waitpid(process, os.WNOHANG)
sys.stdout.buffer.write(shown)
if termios.tcgetattr(own_side) != modes:
    sys.exit("The modes of the terminal are not restored.")
sys.exit(os.waitstatus_to_exitcode(status))
