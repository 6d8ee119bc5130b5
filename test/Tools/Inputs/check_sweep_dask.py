"""A sweep by Dask's scheduler with two workers, one of which is killed after the
first points, against the same sweep by local processes.

usage: check_sweep_dask.py --sweep=FILE --script=sweep.py --bin=FOLDER
                           --folder=FOLDER
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time

# The Python that Debian's packages are for.
PYTHON = "/usr/bin/python3"
DEADLINE = 300  # Seconds for everything; a busy machine needs a minute.


def wait_for(what, condition):
    started = time.time()
    while not condition():
        if time.time() - started > DEADLINE:
            sys.exit(f"WRONG: waited {DEADLINE} s for {what}")
        time.sleep(0.05)


def count_lines(path):
    if not os.path.exists(path):
        return 0
    with open(path, encoding="utf-8") as file:
        return len(file.readlines())


class Cluster:
    """A scheduler and two workers of one thread each."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.file = os.path.join(folder, "scheduler.json")
        self.start("dask_scheduler", "--host=127.0.0.1", "--port=0",
                   "--no-dashboard", f"--scheduler-file={self.file}")
        wait_for("the scheduler", lambda: os.path.exists(self.file) and
                 os.path.getsize(self.file) > 0)
        time.sleep(0.2)
        with open(self.file, encoding="utf-8") as file:
            self.address = json.load(file)["address"]
        for name in ("one", "two"):
            self.start("dask_worker", self.address, "--host=127.0.0.1",
                       "--nthreads=1", "--no-nanny", "--no-dashboard",
                       f"--name={name}", f"--local-directory={folder}/{name}")

    def start(self, module, *arguments):
        log = open(os.path.join(self.folder, module + ".log"), "ab")
        self.processes.append(subprocess.Popen(
            [PYTHON, "-m", f"distributed.cli.{module}", *arguments],
            stdout=log, stderr=log))

    def kill_worker(self):
        self.processes[1].send_signal(signal.SIGKILL)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("sweep", "script", "bin", "folder"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    has_dask = os.path.exists(PYTHON) and not subprocess.run(
        [PYTHON, "-c", "import distributed"], capture_output=True).returncode
    if not has_dask:
        print("skipped: python3-distributed is not installed")
        return
    folder = os.path.abspath(arguments.folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    tables = [os.path.join(folder, name)
              for name in ("local.csv", "dask.csv")]
    command = [PYTHON, arguments.script, f"--bin={arguments.bin}",
               arguments.sweep]
    subprocess.run([*command, f"--output={tables[0]}"], check=True,
                   stderr=subprocess.DEVNULL)
    cluster = Cluster(folder)
    try:
        journal = tables[1] + ".journal"
        with open(os.path.join(folder, "sweep.log"), "wb") as log:
            run = subprocess.Popen(
                [*command, f"--output={tables[1]}",
                 f"--scheduler={cluster.address}"], stderr=log)
            wait_for("the first points", lambda: count_lines(journal) >= 3 or
                     run.poll() is not None)
            left = count_lines(journal)
            cluster.kill_worker()
            wait_for("the sweep", lambda: run.poll() is not None)
    finally:
        cluster.stop()
    if run.returncode or left >= 36:
        sys.exit(f"WRONG: status {run.returncode}, killed after {left} points")
    with open(journal, encoding="utf-8") as file:
        keys = [json.loads(line)["key"] for line in file]
    contents = [open(table, "rb").read() for table in tables]
    if len(set(keys)) != len(keys) or contents[0] != contents[1]:
        sys.exit("WRONG: tables differ, or a point is there twice")
    print(f"ok: {len(keys)} points once, the same table, after a worker was "
          "killed")


if __name__ == "__main__":
    main()
