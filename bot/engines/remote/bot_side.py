"""What the bot writes and reads where its workers look: jobs, and what becomes of them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from procrastinate.jobs import Job as QueuedJob

from bot.engines.frames import BLOB_LIMIT, HEADER_LIMIT, Frame, FrameError
from bot.engines.messages import Message, Stepped, from_frame, to_frame
from bot.engines.protocol import Job, OfJob, Progress
from bot.engines.remote.link import Connection, queue
from bot.engines.remote.wire import REVISION, TASK, header_of, queue_of

_FORGET_SECONDS: Final = 3600.0
"""A worker without a sign of life for so long registers anew if it comes back."""

_WORKERS: Final = """
    SELECT id, name, speed, ready,
        extract(epoch FROM clock_timestamp() - last_heartbeat)::double precision
    FROM workers JOIN procrastinate_workers USING (id) WHERE revision = %s ORDER BY id
"""
# Whoever is in the midst of a write does not hold up the others.
_SWEEP: Final = """
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT id FROM procrastinate_jobs
        WHERE lock IS NULL OR lock <> ALL(%s) FOR UPDATE SKIP LOCKED
    )
"""
# A worker may write as much as it likes; so much is read.
_LIMITS: Final = {"text": HEADER_LIMIT, "bytes": BLOB_LIMIT}
_LOOK: Final = """
    SELECT job.status <> 'todo', left(result.header, %(text)s),
        CASE WHEN (SELECT sum(octet_length(picture)) FROM unnest(result.pictures) AS picture)
            <= %(bytes)s THEN result.pictures ELSE ARRAY[]::bytea[] END,
        progress.number, left(progress.header, %(text)s),
        CASE WHEN preview_number > %(preview)s AND octet_length(preview) <= %(bytes)s
            THEN preview END, preview_number,
        CASE WHEN checkpoint_number > %(checkpoint)s AND octet_length(checkpoint) <= %(bytes)s
            THEN checkpoint END, checkpoint_number
    FROM procrastinate_jobs AS job
    LEFT JOIN worker_results AS result ON result.job_id = job.id
    LEFT JOIN worker_progress AS progress
        ON progress.job_id = job.id AND progress.number > %(number)s
    WHERE job.id = %(job)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A device elsewhere. `silent` is the seconds since it last gave a sign of life."""

    id: int
    name: str
    speed: float
    ready: bool
    silent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The numbers of what was seen of a job: of its progress, preview and checkpoint."""

    number: int = 0
    preview: int = 0
    checkpoint: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How a job gets on: `begun` by its worker, new `progress` if any, and its `result` at last."""

    begun: bool
    progress: Progress | None
    result: Message | None
    seen: Seen


async def put(connection: Connection, worker_id: int, job: Job) -> int:
    """Lay a job before a worker; returns its number in the queue.

    Raises:
        FrameError: the job is larger than may be.
    """
    await connection.execute("DELETE FROM procrastinate_jobs WHERE lock = %s", [lock_of(job)])
    frame = to_frame(job)
    await (await queue(connection)).defer_job_async(
        QueuedJob(
            queue=queue_of(worker_id),
            lock=lock_of(job),
            queueing_lock=None,
            task_name=TASK,
            task_kwargs=frame.header,
        )
    )
    cursor = await connection.execute(
        "INSERT INTO worker_pictures (job_id, pictures)"
        " SELECT id, %s::bytea[] FROM procrastinate_jobs WHERE lock = %s RETURNING job_id",
        [list(frame.blobs), lock_of(job)],
    )
    (job_id,) = await cursor.fetchall()
    return int(job_id[0])


async def look(connection: Connection, job_id: int, seen: Seen) -> Sight | None:
    """What is new of a job; None: it is no longer there.

    Raises:
        FrameError: what the worker wrote is no message.
    """
    cursor = await connection.execute(
        _LOOK,
        {
            **_LIMITS,
            "job": job_id,
            "number": seen.number,
            "preview": seen.preview,
            "checkpoint": seen.checkpoint,
        },
        binary=True,
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    begun, header, pictures, progress, seen = (*row[:3], None, seen)
    if row[3] is not None:
        progress, seen = _progress(row[3:])
    result = None if header is None else from_frame(Frame(header_of(header), tuple(pictures)))
    return Sight(begun=begun, progress=progress, result=result, seen=seen)


async def sweep(connection: Connection, wanted: Collection[str]) -> None:
    """Take every job away but those whose locks are named; their workers notice and stop."""
    await connection.execute(_SWEEP, [list(wanted)])


async def workers(connection: Connection) -> list[Worker]:
    """All that are registered and speak as this bot does, oldest first."""
    await (await queue(connection)).prune_stalled_workers(_FORGET_SECONDS)
    cursor = await connection.execute(_WORKERS, [REVISION])
    return [
        Worker(id=id_, name=name, speed=speed, ready=ready, silent=silent)
        for id_, name, speed, ready, silent in await cursor.fetchall()
    ]


def lock_of(attempt: OfJob) -> str:
    """What names an attempt in the queue; no two workers have the same one at a time."""
    return f"{attempt.order_id}:{attempt.epoch}"


def _progress(row: tuple[Any, ...]) -> tuple[Progress, Seen]:
    number, header, preview, preview_number, checkpoint, checkpoint_number = row
    stepped = from_frame(Frame(header_of(header)))
    if not isinstance(stepped, Stepped):
        raise FrameError(f"A worker's progress is a {type(stepped).__name__}.")
    return (
        replace(stepped.progress, preview=preview, checkpoint=checkpoint),
        Seen(number=number, preview=preview_number, checkpoint=checkpoint_number),
    )
