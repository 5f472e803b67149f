"""Engines on other machines, over the ledger's own PostgreSQL.

A worker needs one outbound connection to the database and nothing else: pictures, progress and
checkpoints travel through tables beside the queue, as JSON and bytes. The queue is Procrastinate's,
of which the tables, the queries and the fetching are used, but not its worker: that one writes the
end of a job whoever has the job by then, and does not outlive its database. Here every write of a
worker holds only while the job is still its own (`worker_side`), and the bot takes a job away by
deleting it (`bot_side`); whoever was frozen or cut off meanwhile comes too late, notices, and goes
on to the next one.

The bot sees a fixed number of engines that follow the workers there are (`engine`, `workers`): an
engine is up while a worker stands behind it, so that the dispatcher needs no other rule for them.
"""
