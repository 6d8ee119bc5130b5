"""Runs a command on a terminal of so many columns and prints what it shows.

    terminal.py COLUMNS COMMAND..."""

import fcntl
import os
import pty
import struct
import sys
import termios

child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ,
                struct.pack("HHHH", 50, int(sys.argv[1]), 0, 0))
    os.environ.pop("COLUMNS", None)
    os.environ["TERM"] = "xterm-256color"
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
try:
    while block := os.read(terminal, 4096):
        shown += block
except OSError:
    # How Linux says that the other end is closed.
    pass
sys.stdout.write(shown.decode().replace("\r\n", "\n").replace("\x1b", "ESC"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
