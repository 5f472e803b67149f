"""One job in the child: from encoded pictures to messages about the painting as it emerges."""

import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import PIL.Image

import core
from bot.engines.messages import Begun, Message, Painted, Refused, Stepped, Stopped
from bot.engines.protocol import Finished, Job, Progress

log = logging.getLogger(__name__)

FINAL_QUALITY: Final = 95
"""Of the painting as JPEG; from 90 on its colours keep their full resolution."""
PREVIEW_QUALITY: Final = 85
CHECKPOINT_BYTES: Final = 48 * 1024 * 1024
"""Of a checkpoint, about. A whole one at 512 x 512 pixels has 35 MB; beyond some 640 x 640 the
oldest of the minimiser's pairs are left out."""
_RECENT_STEPS: Final = 8


class Painter(Protocol):
    """What is used of `core.Painter`, which cannot be named here without loading TensorFlow."""

    def paint(
        self,
        content: PIL.Image.Image,
        style: Sequence[PIL.Image.Image],
        options: core.Options | None = None,
        *,
        resume: bytes | None = None,
    ) -> Generator[core.Step]:
        """Paint, step by step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIntervals:
    """How often progress is told.

    Attributes:
        steps: least seconds between two messages.
        previews: least seconds between two previews; the first step always has one.
        checkpoints: least seconds between two checkpoints, and before the first.
        preview_size: long side of a preview in pixels.
    """

    steps: float = 0.25
    previews: float = 2.0
    checkpoints: float = 5.0
    preview_size: int = 512


class JobRunner:
    """Paints one job after another."""

    def __init__(
        self,
        painter: Painter,
        send: Callable[[Message], None],
        *,
        intervals: ReportIntervals = ReportIntervals(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._painter = painter
        self._send = send
        self._intervals = intervals
        self._clock = clock

    def work(self, job: Job, stopped: Callable[[], bool]) -> None:
        """Paint, and send what becomes of it; the last message ends the attempt.

        Only what `core` raises on purpose is the job's fault. Everything else (memory, the
        device) passes through: nobody knows in which state it leaves this process.

        Args:
            job: what to paint.
            stopped: whether to give it up; asked before each step.
        """
        try:
            self._paint(job, stopped)
        except core.AtelierError as error:
            self._refuse(job, type(error).__name__, str(error))

    def _paint(self, job: Job, stopped: Callable[[], bool]) -> None:
        began = self._clock()
        options = _options(job)
        content = core.open_image(job.content)
        styles = [core.open_image(style) for style in job.styles]
        self._send(Begun(order_id=job.order_id, epoch=job.epoch))
        steps = self._begin(job, content, styles, options)
        reporter = _ProgressReporter(self._intervals, self._clock)
        last: core.Step | None = None
        try:
            while not stopped():
                step = next(steps, None)
                if step is None:
                    break
                last = step
                if progress := reporter.tell(step):
                    self._send(Stepped(order_id=job.order_id, epoch=job.epoch, progress=progress))
            else:
                self._send(Stopped(order_id=job.order_id, epoch=job.epoch))
                return
        finally:
            steps.close()
        if last is None:
            raise RuntimeError("The painting had no step.")
        image = last.image
        self._send(
            Painted(
                order_id=job.order_id,
                epoch=job.epoch,
                finished=Finished(
                    image=core.encode_jpeg(image, quality=FINAL_QUALITY),
                    width=image.width,
                    height=image.height,
                    elapsed=self._clock() - began,
                    note=None if last.note is None else last.note.kind,
                ),
            )
        )

    def _begin(
        self,
        job: Job,
        content: PIL.Image.Image,
        styles: Sequence[PIL.Image.Image],
        options: core.Options,
    ) -> Generator[core.Step]:
        if job.resume is not None:
            try:
                return self._painter.paint(content, styles, options, resume=job.resume)
            except core.CheckpointError:
                log.info("Order %d: its checkpoint does not fit; it starts afresh", job.order_id)
        return self._painter.paint(content, styles, options)

    def _refuse(self, job: Job, reason: str, message: str) -> None:
        self._send(Refused(order_id=job.order_id, epoch=job.epoch, reason=reason, message=message))


def _options(job: Job) -> core.Options:
    """What the job asks for; what it leaves open is the engine's own.

    Raises:
        OptionsError: it asks for what there is not.
    """
    options = core.Options(
        size=job.size, iterations=job.iterations, keep_colours=job.keep_colours or None
    )
    if job.quality is not None:
        options = replace(options, quality=job.quality)
    if job.strength is not None:
        options = replace(options, strength=job.strength)
    return options


class _ProgressReporter:
    """Decides which steps are told, and which of those with a picture."""

    def __init__(self, intervals: ReportIntervals, clock: Callable[[], float]) -> None:
        self._intervals = intervals
        self._clock = clock
        self._told = self._shown = float("-inf")
        self._saved = clock()
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT_STEPS)

    def tell(self, step: core.Step) -> Progress | None:
        now = self._clock()
        if not self._recent or step.share > self._recent[-1][0]:
            self._recent.append((step.share, step.elapsed))
        show = now - self._shown >= self._intervals.previews
        save = now - self._saved >= self._intervals.checkpoints and step.state is not None
        if not (show or save) and now - self._told < self._intervals.steps:
            return None
        preview = self._preview(step) if show else None
        checkpoint = step.checkpoint(CHECKPOINT_BYTES) if save else None
        # Making the preview took time that must not count as a pause between two of them.
        self._told = self._clock()
        if show:
            self._shown = now
        if save:
            self._saved = now
        return Progress(
            iteration=step.iteration,
            iterations=step.iterations,
            loss=step.loss_left,
            elapsed=step.elapsed,
            remaining=self._remaining(step),
            share=step.share,
            preview=preview,
            checkpoint=checkpoint,
        )

    def _remaining(self, step: core.Step) -> float | None:
        """Seconds left, judged by the recent steps only: loads change on the way.

        Shares count iterations by their pixels, so those that are yet to come at larger sizes
        count for what they will cost.
        """
        (first, began), (last, ended) = self._recent[0], self._recent[-1]
        if first == last:
            return None
        return (ended - began) / (last - first) * (1.0 - step.share)

    def _preview(self, step: core.Step) -> bytes:
        image = step.image.copy()
        side = self._intervals.preview_size
        image.thumbnail((side, side), PIL.Image.Resampling.LANCZOS)
        return core.encode_jpeg(image, quality=PREVIEW_QUALITY)
