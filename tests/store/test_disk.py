from __future__ import annotations

import threading
from functools import partial

from vivavoce.store import Disk


def wait_for(disk: Disk) -> None:
    """Until all that was put so far is done and its room is free again."""
    done = threading.Event()
    disk.put(done.set, 0)
    assert done.wait(10)


def test_jobs_are_done_in_order_and_their_room_comes_back() -> None:
    disk = Disk(queue_bytes=10)
    done: list[int] = []
    for number in range(5):
        assert disk.put(partial(done.append, number), 10)
        wait_for(disk)
    assert done == [0, 1, 2, 3, 4]
    disk.close()


def test_a_full_queue_refuses_all_but_what_holds_nothing() -> None:
    disk = Disk(queue_bytes=10)
    go = threading.Event()
    done: list[str] = []

    def first() -> None:
        go.wait()
        done.append("first")

    assert disk.put(first, 6)
    assert not disk.put(lambda: done.append("refused"), 5)
    assert disk.put(lambda: done.append("fits"), 4)
    assert disk.put(lambda: done.append("empty"), 0)
    go.set()
    disk.close()
    assert done == ["first", "fits", "empty"]


def test_a_closed_disk_may_be_used_again() -> None:
    disk = Disk()
    disk.close()
    wait_for(disk)
    disk.close()
