"""Work in parallel, and how far it is."""

import sys
import threading
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


def work_off(items, jobs, progress, work):
    """Calls work(item) for all, first ones first, `jobs` at a time; it returns
    how far that is."""
    waiting, lock = list(items), threading.Lock()

    def run():
        while True:
            with lock:
                if not waiting:
                    return
                item = waiting.pop(0)
            done = work(item)
            with lock:
                progress.advance(done)

    threads = [threading.Thread(target=run) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    progress.finish()
