import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines import frames
from bot.engines.frames import Frame, FrameError
from bot.engines.messages import (
    Begun,
    Message,
    Painted,
    Ready,
    Refused,
    Stepped,
    Stop,
    Stopped,
    Unfit,
    from_frame,
    to_frame,
)
from bot.engines.protocol import Finished, Job, Note

KINDS = st.sampled_from([Job, Stop, Ready, Unfit, Begun, Stepped, Painted, Refused, Stopped])


@st.composite
def any_message(draw: st.DrawFn) -> Message:
    message = draw(KINDS.flatmap(st.from_type))
    assert isinstance(message, Message)
    return message


@given(any_message())
def test_messages_arrive_as_they_were_sent(message: Message) -> None:
    if isinstance(message, Job) and len(message.styles) > 10:
        return
    frame = to_frame(message)
    received = frames.read_blocking(io.BytesIO(frames.encode(frame)).read)
    if "nan" in repr(message):
        assert repr(from_frame(received)) == repr(message)
    else:
        assert from_frame(received) == message


def test_pictures_travel_beside_the_header() -> None:
    message = Job(order_id=1, epoch=2, content=b"content", styles=(b"one", b"two"), size=64)
    frame = to_frame(message)
    assert frame.blobs == (b"content", b"one", b"two")
    assert frame.header["kind"] == "Job"
    assert frame.header["styles"] == [{"blob": 1}, {"blob": 2}]


@pytest.mark.parametrize(
    "frame",
    [
        Frame({}),
        Frame({"kind": 3}),
        Frame({"kind": "System", "command": "ls"}),
        Frame({"kind": "Stop", "order_id": 1}),
        Frame({"kind": "Stop", "order_id": "one", "epoch": 1}),
        Frame({"kind": "Stop", "order_id": None, "epoch": 1}),
        Frame({"kind": "Ready", "device": 5}),
        Frame(
            {
                "kind": "Painted",
                "order_id": 1,
                "epoch": 1,
                "finished": {"image": {"blob": 0}, "width": 1, "height": 1, "elapsed": 1.0},
            }
        ),
        Frame(
            {
                "kind": "Painted",
                "order_id": 1,
                "epoch": 1,
                "finished": {"image": {"blob": -1}, "width": 1, "height": 1, "elapsed": 1.0},
            },
            (b"",),
        ),
    ],
)
def test_what_is_no_message_is_refused(frame: Frame) -> None:
    with pytest.raises(FrameError):
        from_frame(frame)


def test_what_travels_inside_a_message_has_its_pictures_beside_the_header_too() -> None:
    finished = Finished(image=b"painting", width=1, height=2, elapsed=3.0, note=Note.SMALLER)
    frame = to_frame(Painted(order_id=1, epoch=2, finished=finished))
    assert frame.blobs == (b"painting",)
    painted = from_frame(frame)
    assert isinstance(painted, Painted)
    assert painted.finished == finished


def test_messages_belong_to_an_attempt() -> None:
    job = Job(order_id=1, epoch=2, content=b"c", styles=(b"s",), size=100)
    assert job.belongs_to(Stop(order_id=1, epoch=2))
    assert not job.belongs_to(Stop(order_id=1, epoch=3))
