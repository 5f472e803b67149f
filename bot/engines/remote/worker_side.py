"""What a worker reads and writes: its registration, its jobs, and what becomes of them.

Each write about a job is one with the question whether the job is still the worker's own, and
holds only then. A bot that has taken the job away (it was cancelled, or the worker gave no sign
of life and another one paints it) is never contradicted.
"""

from dataclasses import replace
from typing import Final

from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status

from bot.engines.frames import Frame, FrameError
from bot.engines.messages import Message, Stepped, from_frame, to_frame
from bot.engines.protocol import Job
from bot.engines.remote.link import Connection, queue
from bot.engines.remote.wire import REVISION, header_text, queue_of

_OWN: Final = """
    FROM procrastinate_jobs AS job
    WHERE job.id = %(job)s AND job.worker_id = %(worker)s AND job.attempts = %(attempts)s
        AND job.status = 'doing'
    FOR SHARE OF job
"""
_IS_OWN: Final = f"SELECT 1 {_OWN}"
_TELL: Final = f"""
    INSERT INTO worker_progress AS known
    SELECT job.id, %(number)s, %(header)s, %(preview)s,
        CASE WHEN %(preview)s::bytea IS NULL THEN 0 ELSE %(number)s END,
        %(checkpoint)s, CASE WHEN %(checkpoint)s::bytea IS NULL THEN 0 ELSE %(number)s END
    {_OWN}
    ON CONFLICT (job_id) DO UPDATE SET number = excluded.number, header = excluded.header,
        preview = coalesce(excluded.preview, known.preview),
        preview_number = greatest(excluded.preview_number, known.preview_number),
        checkpoint = coalesce(excluded.checkpoint, known.checkpoint),
        checkpoint_number = greatest(excluded.checkpoint_number, known.checkpoint_number)
"""
_END: Final = f"""
    INSERT INTO worker_results (job_id, header, pictures)
    SELECT job.id, %(header)s, %(pictures)s::bytea[] {_OWN}
"""


async def register(connection: Connection, *, name: str, speed: float, ready: bool) -> int:
    """Enter a worker; returns its number."""
    worker_id = await (await queue(connection)).register_worker()
    await connection.execute(
        "INSERT INTO workers (id, revision, name, speed, ready) VALUES (%s, %s, %s, %s, %s)",
        [worker_id, REVISION, name, speed, ready],
    )
    return worker_id


async def beat(connection: Connection, worker_id: int, *, ready: bool) -> bool:
    """Give a sign of life; False: the worker is no longer registered."""
    await (await queue(connection)).update_heartbeat(worker_id)
    cursor = await connection.execute(
        "UPDATE workers SET ready = %s WHERE id = %s", [ready, worker_id]
    )
    return cursor.rowcount > 0


async def leave(connection: Connection, worker_id: int) -> None:
    """Take a worker off the list; what it was painting goes to another one at once."""
    await (await queue(connection)).unregister_worker(worker_id)


async def fetch(connection: Connection, worker_id: int) -> QueuedJob | None:
    """Take the job that waits for a worker that has none; None: none does."""
    manager = await queue(connection)
    # The answer to the commit of an earlier try may have been lost.
    for mine in await manager.list_jobs_async(worker_id=worker_id, status=Status.DOING.value):
        return mine
    return await manager.fetch_job([queue_of(worker_id)], worker_id)


async def read(connection: Connection, queued: QueuedJob) -> Job:
    """The job that was fetched, with its pictures.

    Raises:
        FrameError: it is no job, or it was taken away meanwhile and its pictures are gone.
    """
    cursor = await connection.execute(
        "SELECT pictures FROM worker_pictures WHERE job_id = %s", [queued.id], binary=True
    )
    pictures = await cursor.fetchone()
    job = from_frame(Frame(queued.task_kwargs, tuple(pictures[0] if pictures else ())))
    if not isinstance(job, Job):
        raise FrameError(f"A job in the queue is a {type(job).__name__}.")
    return job


async def is_own(connection: Connection, queued: QueuedJob) -> bool:
    """Whether a job is still its worker's."""
    return await (await connection.execute(_IS_OWN, _own(queued))).fetchone() is not None


def _own(queued: QueuedJob) -> dict[str, int | None]:
    return {"job": queued.id, "worker": queued.worker_id, "attempts": queued.attempts}


async def tell(connection: Connection, queued: QueuedJob, stepped: Stepped, number: int) -> bool:
    """Write how far a job is, over what was written before; False: it is another's by now.

    Args:
        connection: a transaction is open on it.
        queued: the job.
        stepped: its progress.
        number: counts up with each call.
    """
    progress = stepped.progress
    bare = replace(stepped, progress=replace(progress, preview=None, checkpoint=None))
    cursor = await connection.execute(
        _TELL,
        {
            **_own(queued),
            "number": number,
            "header": header_text(to_frame(bare)),
            "preview": progress.preview,
            "checkpoint": progress.checkpoint,
        },
    )
    return cursor.rowcount > 0


async def end(connection: Connection, queued: QueuedJob, result: Message) -> bool:
    """Write what became of a job; False: it is another's by now."""
    frame = to_frame(result)
    parameters = {"header": header_text(frame), "pictures": list(frame.blobs)}
    cursor = await connection.execute(_END, {**_own(queued), **parameters})
    if cursor.rowcount == 0:
        return False
    await (await queue(connection)).finish_job(queued, Status.SUCCEEDED, delete_job=False)
    return True
