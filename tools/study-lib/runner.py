"""Calls a function for many items: in processes of this machine, which the
function starts, or by Dask's scheduler on several."""

import concurrent.futures
import os
import sys


def run_local(work, items, jobs=None):
    """Pairs (item, result) as they come, `jobs` at a time."""
    with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            for future in concurrent.futures.as_completed(futures):
                yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()


def run_on_dask(work, items, address):
    """The same by the workers of a scheduler. Work of a worker that dies is
    given to another. `work` is sent along with its module; what it starts has
    to be there on every machine, under the same path."""
    try:
        import cloudpickle
        from distributed import Client, as_completed
    except ImportError:
        raise SystemExit("--scheduler needs Debian's package "
                         "python3-distributed (apt-get install "
                         "python3-distributed)") from None
    module = sys.modules[work.__module__]
    if module.__name__ != "__main__":
        cloudpickle.register_pickle_by_value(module)
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise SystemExit(f"no scheduler at {address}: {error}") from None
    with client:
        futures = {client.submit(work, item, pure=False): item
                   for item in items}
        for future in as_completed(list(futures)):
            yield futures[future], future.result()


def run(work, items, jobs=None, address=None):
    if address:
        return run_on_dask(work, items, address)
    return run_local(work, items, jobs)
