"""Owns running Procrastinate's jobs: workers in a thread of their own, which outlive the database's absences."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker
from psycopg.conninfo import make_conninfo

from engine import jobs, measures
from engine.clock import Clock
from engine.database import dumps, writing
from engine.job_queue import note_error
from engine.jobs import Handler, NotNow
from engine.secrets import without_secrets

log = structlog.get_logger()

HEARTBEAT = 2.0
STALLED = 12.0
"""Seconds without a heartbeat after which a worker is taken for dead: a slow job keeps its worker's heart beating."""
LOOK = 1.0
"""Seconds between two looks for jobs whose time has come; a new one that is due is told of at once."""
RETRY = 1.0
HOUSEKEEPING = 3600.0
AWAY = (ConnectorException, psycopg.Error, OSError)
"""What is raised when the database cannot be reached."""
_RESCUE = 0x676F6E68
"""The advisory lock of whoever rescues: two of them could have one job done twice."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A queue and how many of its jobs run at once; lanes don't wait for each other."""

    queue: str
    concurrency: int


class Crew:
    """Runs the jobs of some queues from `start` until `stop`."""

    def __init__(
        self, database: sa.Engine, handlers: Mapping[str, Handler], lanes: Sequence[Lane], *, clock: Clock
    ) -> None:
        self._database, self._handlers, self._lanes, self._clock = database, handlers, lanes, clock
        self._threads = sum(lane.concurrency for lane in lanes)
        self._stopping = threading.Event()
        self._workers: set[Worker] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: float | None = None) -> bool:
        """Take no more, and wait for what runs; False if it still runs after so many seconds."""
        self._stopping.set()
        if self._loop is not None:
            with suppress(RuntimeError):  # its loop has ended by now, and with it all its workers
                self._loop.call_soon_threadsafe(self._stop_all)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _stop_all(self) -> None:
        for worker in self._workers:
            _stop(worker)

    async def _run(self) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self._threads + 1, "job"))
        self._loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            try:
                await self._round()
            except AWAY as error:
                log.warning("jobs wait for the database", reason=without_secrets(str(error)))
            except Exception:  # nobody else begins anew: this thread would end, and its process beat on
                log.exception("jobs begin anew")
            if not self._stopping.is_set():
                await asyncio.sleep(RETRY)

    async def _round(self) -> None:
        """Connections of its own, and work until the crew stops or something breaks."""
        app = App(connector=self._connector())
        self._register(app)
        try:
            await app.open_async()
            await self._work(app)
        finally:
            await app.close_async()

    def _connector(self) -> PsycopgConnector:
        """Its pool seeks a lost connection anew with each need of one, not at ever longer intervals."""
        url = self._database.url  # word by word: an URL of SQLAlchemy's writes a space as libpq does not read it
        named = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
        return PsycopgConnector(
            json_dumps=dumps,
            json_loads=orjson.loads,
            conninfo=make_conninfo(**named),
            min_size=1,
            max_size=self._threads + 2 * len(self._lanes) + 1,
            timeout=5,
            reconnect_timeout=3,
        )

    async def _work(self, app: App) -> None:
        rescue = asyncio.create_task(self._rescue(app))
        try:
            await asyncio.gather(*(self._keep_working(app, lane) for lane in self._lanes))
        finally:
            rescue.cancel()
            with suppress(asyncio.CancelledError):
                await rescue

    async def _keep_working(self, app: App, lane: Lane) -> None:
        """A worker ends when the database goes away; another one begins."""
        while not self._stopping.is_set():
            worker = Worker(
                app,
                queues=[lane.queue],
                name=lane.queue,
                concurrency=lane.concurrency,
                fetch_job_polling_interval=LOOK,
                install_signal_handlers=False,
                update_heartbeat_interval=HOUSEKEEPING,  # ours goes on while the last jobs end
                stalled_worker_timeout=HOUSEKEEPING,
            )
            async with self._beating(app, worker):
                try:
                    await worker.run()  # type: ignore[no-untyped-call]  # Procrastinate leaves it without types
                except AWAY as error:
                    log.warning("worker begins anew", queue=lane.queue, reason=repr(error))
                except Exception:
                    log.exception("worker begins anew", queue=lane.queue)
            if not self._stopping.is_set():
                await asyncio.sleep(RETRY)

    @asynccontextmanager
    async def _beating(self, app: App, worker: Worker) -> AsyncIterator[None]:
        self._workers.add(worker)
        if self._stopping.is_set():
            _stop(worker)
        heart = asyncio.create_task(_beat(app, worker))
        try:
            yield
        finally:
            self._workers.discard(worker)
            heart.cancel()
            with suppress(asyncio.CancelledError):
                await heart

    async def _rescue(self, app: App) -> None:
        """Jobs of dead workers are queued again. When the database was away all seem dead: they are given time."""
        there_since: float | None = None
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                if there_since is not None and time.monotonic() - there_since > STALLED:
                    await self._rescue_now(app)
                else:
                    await app.check_connection_async()
            except AWAY:
                there_since = None
            except Exception:
                log.exception("rescue failed")
            else:
                there_since = there_since or time.monotonic()

    async def _rescue_now(self, app: App) -> None:
        assert isinstance(app.connector, PsycopgConnector)
        async with app.connector.pool.connection() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_RESCUE])
            if await cursor.fetchone() == (True,):
                for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                    await self._put_back(app, job)

    async def _put_back(self, app: App, job: Job) -> None:
        log.warning("job of a dead worker", job=job.id, name=job.task_name, attempts=job.attempts + 1)
        if job.attempts + 1 < jobs.MAX_ATTEMPTS:
            await app.job_manager.retry_job(job=job, retry_at=self._clock.now())
        else:
            await asyncio.to_thread(self._note, job.id or 0, "Every worker that ran it died.")
            await app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=False)

    def _register(self, app: App) -> None:
        for name, handler in self._handlers.items():
            app.task(name=name, pass_context=True, retry=_Later())(self._performing(name, handler))

    def _performing(self, name: str, handler: Handler) -> Callable[..., None]:
        def perform(context: JobContext, args: dict[str, Any], key: str | None = None) -> None:
            number, attempts = context.job.id or 0, context.job.attempts + 1
            try:
                with measures.job(name, number):
                    handler(args)
            except NotNow as error:
                log.warning("job put off", job=number, name=name, attempts=attempts, reason=str(error))
                self._note(number, without_secrets(repr(error)))
                raise
            except Exception as error:
                log.exception("job failed", job=number, name=name, attempts=attempts, key=key)
                self._note(number, without_secrets(repr(error)))
                raise

        return perform

    def _note(self, job_id: int, error: str) -> None:
        with suppress(sa.exc.SQLAlchemyError), writing(self._database) as session, session.begin():
            note_error(session, job_id, error, self._clock.now())


class _Later(BaseRetryStrategy):
    """A job that failed comes again, later each time, until its attempts are used up: then it has failed for good."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        attempts = job.attempts + 1
        if attempts >= jobs.MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": int(jobs.later(attempts).total_seconds())})


def _stop(worker: Worker) -> None:
    worker.stop()  # type: ignore[no-untyped-call]  # Procrastinate leaves it without types


async def _beat(app: App, worker: Worker) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        if worker.worker_id is not None:
            with suppress(*AWAY):
                await app.job_manager.update_heartbeat(worker.worker_id)
