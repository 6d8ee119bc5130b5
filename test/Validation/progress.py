"""How far a long run is."""

import sys
import time


class Progress:
    """A line on the terminal, if there is one, which goes when it is done."""

    def __init__(self, total, what):
        self.total, self.what, self.done = total, what, 0
        self.started = time.time()
        self.shown = sys.stderr.isatty()
        self.advance(0)

    def advance(self, count):
        self.done += count
        if self.shown:
            seconds = time.time() - self.started
            print(f"\r{self.done} of {self.total} {self.what}, {seconds:.0f} s\033[K",
                  end="", file=sys.stderr, flush=True)

    def finish(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
