"""Work on a row of tasks in several processes: results in the order of the tasks, few of them held at a time.

A process that dies takes no other task with it: the tasks at hand are done again, one at a time, and the one at which a
process dies again is divided until what is left is a single piece, which is given up.
"""

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Final, TypeVar

from reasoner.batch.inputs import Piece
from reasoner.batch.memory import bound_memory, give_back_large_blocks
from reasoner.batch.worker import Asked, Done, Worker
from reasoner.collector import expect_little
from reasoner.errors import EngineError

_AHEAD: Final = 2  # tasks for each process that are under way or waiting
_worker: Worker | None = None  # of a process of the pool

Task = tuple[Piece, ...]
_Argument = TypeVar("_Argument")
_Answer = TypeVar("_Answer")


def usable_processes() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool:
    """Workers in processes of their own, or in this process where there is only one."""

    def __init__(self, asked: Asked, processes: int) -> None:
        self._asked = asked
        self._processes = processes
        self._here = Worker(asked) if processes == 1 else None
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(at_once=kind is not None)

    def describe(self, editions: Sequence[str]) -> bytes:
        """What the results leave to be said once about editions."""
        return self._ask(Worker.describe, editions)

    def results(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Done]]:
        """Each task with its result, in order; tasks are taken up no faster than results are taken away.

        Raises:
            UnknownTermError: There is no policy of a name that was asked for.
        """
        if self._here is not None:
            for task in tasks:
                yield task, self._here.work(task)
            return
        waiting: deque[tuple[Task, Future[Done]]] = deque()
        while True:
            try:
                while len(waiting) < _AHEAD * self._processes:
                    if (task := next(tasks, None)) is None:  # type: ignore[arg-type]
                        break
                    waiting.append((task, self._submit(Worker.work, task)))
                if not waiting:
                    return
                done = waiting[0][1].result()
            except BrokenProcessPool:
                self._close(at_once=True)
                at_hand = [task for task, _ in waiting]
                waiting.clear()
                for interrupted in at_hand:
                    yield from self._one_at_a_time(interrupted)
            else:
                yield waiting.popleft()[0], done

    def _one_at_a_time(self, task: Task) -> Iterator[tuple[Task, Done]]:
        """A task alone under way; if its process dies, its halves; if it is a single piece, it is given up."""
        try:
            done = self._submit(Worker.work, task).result()
        except BrokenProcessPool:
            self._close(at_once=True)
            if len(task) == 1:
                yield task, self._ask(Worker.give_up, task)
            else:
                yield from self._one_at_a_time(task[: len(task) // 2])
                yield from self._one_at_a_time(task[len(task) // 2 :])
        else:
            yield task, done

    def _ask(self, method: "Callable[[Worker, _Argument], _Answer]", argument: "_Argument") -> "_Answer":
        if self._here is not None:
            return method(self._here, argument)
        for _ in range(2):  # what broke the pool may have happened before
            with suppress(BrokenProcessPool):
                return self._submit(method, argument).result()
            self._close(at_once=True)
        raise EngineError("The processes that determine cases end as soon as they begin.")

    def _submit(self, method: "Callable[[Worker, _Argument], _Answer]", argument: "_Argument") -> "Future[_Answer]":
        try:
            return self._started().submit(_of_worker, method, argument)
        except BrokenProcessPool as error:  # what came before has broken it: so will this one's result say
            future: Future[_Answer] = Future()
            future.set_exception(error)
            return future

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = _new_executor(self._asked, self._processes)
        return self._executor

    def _close(self, *, at_once: bool) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=not at_once, cancel_futures=at_once)


def _new_executor(asked: Asked, processes: int) -> ProcessPoolExecutor:
    """Processes that have nothing of this one but what they are sent."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start, (asked,))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["reasoner.batch.worker"])
    return ProcessPoolExecutor(processes, context, _start, (asked,))


def _start(asked: Asked) -> None:
    """Begin a process of the pool: it leaves an interruption to the process that started it, and ends with that one."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_memory(asked.limits.memory)
    give_back_large_blocks()
    _worker = Worker(asked)
    _ = _worker.knowledge
    expect_little()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _of_worker(method: Callable[[Worker, _Argument], _Answer], argument: _Argument) -> _Answer:
    assert _worker is not None  # _start has run
    return method(_worker, argument)
