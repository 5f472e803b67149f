"""The pace of progress, with a scripted painter and clock; real painting is in test_real_engine."""

import io
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import PIL.Image
import pytest

import core
from bot.engines.job_runner import CHECKPOINT_BYTES, JobRunner, ReportIntervals
from bot.engines.messages import Begun, Message, Painted, Refused, Stepped, Stopped
from bot.engines.protocol import Job, OfJob, Progress
from bot.studio.dispatch.checkpoints import LARGEST
from core.checkpoint import State
from core.run import MEMORY
from core.steps import LazyImage


def jpeg(width: int = 64, height: int = 48) -> bytes:
    return core.encode_jpeg(PIL.Image.new("RGB", (width, height), "teal"))


def job(content: bytes | None = None, **wishes: object) -> Job:
    values: dict[str, object] = {
        "order_id": 4,
        "epoch": 2,
        "content": content or jpeg(),
        "styles": (jpeg(),),
        "size": 64,
        "iterations": 10,
        "quality": None,
        "strength": None,
        "keep_colours": None,
        **wishes,
    }
    return Job(**values)  # type: ignore[arg-type]


def _state(iteration: int) -> State:
    return State(
        painting="",
        stage=0,
        iteration=iteration,
        before=0,
        elapsed=0.0,
        size=(2, 2),
        point=np.zeros((1, 2, 2, 3), np.float32),
        pairs=(),
    )


class Scripted:
    """A painter whose every step takes so many seconds of its own clock."""

    def __init__(self, steps: int, seconds: float, size: tuple[int, int] = (640, 480)) -> None:
        self.now = 0.0
        self.made = 0
        self.closed = False
        self.asked: core.Options | None = None
        self.styles: list[PIL.Image.Image] = []
        self.resumed: bytes | None = None
        self._steps = steps
        self._seconds = seconds
        self._size = size

    def clock(self) -> float:
        return self.now

    def paint(
        self,
        content: PIL.Image.Image,  # noqa: ARG002
        style: Sequence[PIL.Image.Image],
        options: core.Options | None = None,
        *,
        resume: bytes | None = None,
    ) -> Generator[core.Step]:
        if resume == b"of another painting":
            raise core.CheckpointError
        self.resumed = resume
        return self._steps_of(style, options)

    def _steps_of(
        self, style: Sequence[PIL.Image.Image], options: core.Options | None
    ) -> Generator[core.Step]:
        self.asked = options
        self.styles = list(style)
        try:
            for iteration in range(1, self._steps + 1):
                self.now += self._seconds
                loss = 8.0 / iteration
                yield core.Step(
                    iteration=iteration,
                    iterations=self._steps,
                    losses=core.Losses(content=loss, style=0, variation=0, total=loss),
                    elapsed=self.now,
                    picture=LazyImage(self._make),
                    share=self.share(iteration),
                    photo_loss=8.0,
                    loss_left=loss / 8.0,
                    state=partial(_state, iteration),
                )
        finally:
            self.closed = True

    def share(self, iteration: int) -> float:
        return iteration / self._steps

    def _make(self) -> PIL.Image.Image:
        self.made += 1
        return PIL.Image.new("RGB", self._size, "olive")


def work(painter: Scripted, task: Job | None = None, *, stop_after: int = 10**9) -> list[Message]:
    sent: list[Message] = []
    JobRunner(painter, sent.append, intervals=ReportIntervals(), clock=painter.clock).work(
        task or job(), lambda: sum(isinstance(one, Stepped) for one in sent) >= stop_after
    )
    assert all(isinstance(one, OfJob) and one.belongs_to(job()) for one in sent)
    return sent


def steps_of(messages: list[Message]) -> list[Progress]:
    return [message.progress for message in messages if isinstance(message, Stepped)]


def test_a_job_begins_steps_and_ends_with_the_painting() -> None:
    painter = Scripted(steps=5, seconds=1.0)
    first, *between, last = work(painter)
    assert isinstance(first, Begun)
    assert [one.iteration for one in steps_of(between)] == [1, 2, 3, 4, 5]
    assert isinstance(last, Painted)
    finished = last.finished
    assert (finished.width, finished.height, finished.elapsed) == (640, 480, 5.0)
    with PIL.Image.open(io.BytesIO(finished.image)) as image:
        assert image.size == (640, 480)
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # type: ignore[attr-defined]
    assert painter.asked == core.Options(size=64, iterations=10)


def test_wishes_become_options() -> None:
    painter = Scripted(steps=1, seconds=1.0)
    wishes: dict[str, Any] = {
        "quality": "fine",
        "strength": 80,
        "keep_colours": True,
        "iterations": None,
    }
    work(painter, job(styles=(jpeg(), jpeg(40, 40)), **wishes))
    assert painter.asked == core.Options(size=64, quality="fine", strength=80, keep_colours=True)
    assert [style.size for style in painter.styles] == [(64, 48), (40, 40)]
    work(painter, job(keep_colours=False, strength=0))
    assert painter.asked == core.Options(size=64, iterations=10, strength=0)


def test_fast_steps_are_told_four_times_a_second() -> None:
    messages = steps_of(work(Scripted(steps=1000, seconds=0.01)))
    assert 36 <= len(messages) <= 41
    assert messages[0].iteration == 1


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.0, 2.5])
def test_ten_seconds_have_at_least_three_previews_and_the_first_step_has_one(
    seconds: float,
) -> None:
    messages = steps_of(work(Scripted(steps=round(10 / seconds), seconds=seconds)))
    assert messages[0].preview is not None
    previews = [message.preview for message in messages if message.preview is not None]
    assert 3 <= len(previews) <= 6
    with PIL.Image.open(io.BytesIO(previews[-1])) as image:
        assert image.size == (512, 384)


def test_pictures_are_made_only_where_they_are_shown() -> None:
    painter = Scripted(steps=1000, seconds=0.01)
    messages = work(painter)
    shown = sum(message.preview is not None for message in steps_of(messages))
    assert painter.made == shown + 1


def test_a_small_picture_is_not_enlarged_for_its_preview() -> None:
    (message,) = steps_of(work(Scripted(steps=1, seconds=1.0, size=(64, 48))))
    assert message.preview
    with PIL.Image.open(io.BytesIO(message.preview)) as image:
        assert image.size == (64, 48)


def test_time_left_is_judged_by_recent_steps_only() -> None:
    class Slowing(Scripted):
        def clock(self) -> float:
            return self.now

        def paint(
            self,
            content: PIL.Image.Image,
            style: Sequence[PIL.Image.Image],
            options: core.Options | None = None,
            *,
            resume: bytes | None = None,
        ) -> Generator[core.Step]:
            for step in super().paint(content, style, options, resume=resume):
                if step.iteration == 50:
                    self._seconds = 3.0
                yield step

    messages = steps_of(work(Slowing(steps=100, seconds=1.0)))
    assert messages[0].remaining is None
    assert messages[1].remaining == pytest.approx(98.0)
    assert messages[40].remaining == pytest.approx(59.0)
    assert messages[60].remaining == pytest.approx(39 * 3.0)
    assert messages[-1].remaining == 0


def test_the_loss_that_is_left_is_told() -> None:
    messages = steps_of(work(Scripted(steps=4, seconds=1.0)))
    assert [message.loss for message in messages] == [1.0, 0.5, pytest.approx(1 / 3), 0.25]


def test_time_left_and_share_count_what_the_later_sizes_cost() -> None:
    class CoarseToFine(Scripted):
        """Fifty iterations at a quarter of the cost, then fifty at the full one."""

        def share(self, iteration: int) -> float:
            work = iteration if iteration <= 50 else 50 + 4 * (iteration - 50)
            return work / 250

    messages = steps_of(work(CoarseToFine(steps=100, seconds=1.0)))
    assert messages[24].share == pytest.approx(0.1)
    assert messages[24].remaining == pytest.approx(225.0)
    assert messages[-1].share == 1


def test_checkpoints_come_every_five_seconds_and_can_be_gone_on_from() -> None:
    messages = steps_of(work(Scripted(steps=22, seconds=1.0)))
    saved = [message for message in messages if message.checkpoint is not None]
    assert [message.iteration for message in saved] == [5, 10, 15, 20]
    for message in saved:
        assert message.checkpoint
        assert State.decode(message.checkpoint).iteration == message.iteration
    painter = Scripted(steps=2, seconds=1.0)
    assert isinstance(work(painter, job(resume=saved[1].checkpoint))[-1], Painted)
    assert painter.resumed == saved[1].checkpoint


def test_a_job_whose_checkpoint_does_not_fit_starts_afresh() -> None:
    painter = Scripted(steps=2, seconds=1.0)
    assert isinstance(work(painter, job(resume=b"of another painting"))[-1], Painted)
    assert painter.resumed is None


def test_a_stopped_job_ends_at_the_next_step_and_closes_the_painter() -> None:
    painter = Scripted(steps=100, seconds=1.0)
    messages = work(painter, stop_after=3)
    assert len(steps_of(messages)) == 3
    assert isinstance(messages[-1], Stopped)
    assert painter.closed
    assert painter.now == 3.0


def test_a_job_stopped_before_it_began_is_not_begun() -> None:
    painter = Scripted(steps=100, seconds=1.0)
    assert isinstance(work(painter, stop_after=0)[-1], Stopped)
    assert painter.now == 0


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (job(b"no picture"), "NotAnImageError"),
        (job(styles=(jpeg()[:200],)), "TruncatedImageError"),
        (job(size=7), "OptionsError"),
        (job(strength=101), "OptionsError"),
        (job(quality="superb"), "OptionsError"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(task: Job, reason: str) -> None:
    (message,) = work(Scripted(steps=1, seconds=1.0), task)
    assert isinstance(message, Refused)
    assert message.reason == reason
    assert message.message.endswith(".")


def test_an_explosion_is_nobody_s_answer() -> None:
    class Exploding(Scripted):
        def _steps_of(
            self, style: Sequence[PIL.Image.Image], options: core.Options | None
        ) -> Generator[core.Step]:
            yield from super()._steps_of(style, options)
            raise MemoryError

    with pytest.raises(MemoryError):
        work(Exploding(steps=2, seconds=1.0))


def test_a_checkpoint_has_room_for_all_of_a_default_painting() -> None:
    # Otherwise one that is taken up again would not be the same to within rounding.
    point = np.zeros((1, 512, 512, 3), np.float32)
    state = replace(_state(40), size=(512, 512), point=point, pairs=((point, point),) * MEMORY)
    saved = state.encode(CHECKPOINT_BYTES)
    assert len(saved) < LARGEST
    assert len(State.decode(saved).pairs) == MEMORY
