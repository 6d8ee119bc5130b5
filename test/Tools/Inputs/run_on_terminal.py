"""Runs a command on a terminal; prints what its lines showed, one state each.

usage: run_on_terminal.py <columns> <command> ...
A carriage return goes back to the first column, and escape [K clears the rest
of the line."""

import fcntl
import os
import pty
import struct
import sys
import termios


def run(columns, command):
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    size = struct.pack("HHHH", 24, columns, 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
    output = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # The other end is closed.
            break
        if not part:
            break
        output += part
    os.waitpid(child, 0)
    return output.decode().replace("\r\n", "\n")


def main():
    columns = int(sys.argv[1])
    for line in run(columns, sys.argv[2:]).split("\n"):
        shown = ""
        for state in line.split("\r"):
            cleared = state.startswith("\033[K")
            state = state.removeprefix("\033[K")
            shown = state if cleared else state + shown[len(state):]
            print(f"{'wrapped' if len(shown) > columns else 'shown'}: {shown}")


main()
