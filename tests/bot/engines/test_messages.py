import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines import frames
from bot.engines.frames import Frame, FrameError
from bot.engines.messages import (
    Begun,
    Message,
    Paint,
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
from bot.engines.protocol import Job

KINDS = st.sampled_from([Paint, Stop, Ready, Unfit, Begun, Stepped, Painted, Refused, Stopped])


@st.composite
def any_message(draw: st.DrawFn) -> Message:
    message = draw(KINDS.flatmap(st.from_type))
    assert isinstance(message, Message)
    return message


@given(any_message())
def test_messages_arrive_as_they_were_sent(message: Message) -> None:
    if isinstance(message, Paint) and len(message.styles) > 10:
        return
    frame = to_frame(message)
    received = frames.read_blocking(io.BytesIO(frames.encode(frame)).read)
    if "nan" in repr(message):
        assert repr(from_frame(received)) == repr(message)
    else:
        assert from_frame(received) == message


def test_pictures_travel_beside_the_header() -> None:
    message = Paint(
        order_id=1,
        epoch=2,
        content=b"content",
        styles=(b"one", b"two"),
        size=64,
        iterations=None,
        quality=None,
        strength=None,
        keep_colours=None,
    )
    frame = to_frame(message)
    assert frame.blobs == (b"content", b"one", b"two")
    assert frame.header["kind"] == "Paint"
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
                "image": {"blob": 0},
                "width": 1,
                "height": 1,
                "elapsed": 1.0,
            }
        ),
        Frame(
            {
                "kind": "Painted",
                "order_id": 1,
                "epoch": 1,
                "image": {"blob": -1},
                "width": 1,
                "height": 1,
                "elapsed": 1.0,
            },
            (b"",),
        ),
    ],
)
def test_what_is_no_message_is_refused(frame: Frame) -> None:
    with pytest.raises(FrameError):
        from_frame(frame)


def test_a_job_keeps_its_wishes_and_takes_the_engine_s_where_it_has_none() -> None:
    job = Job(order_id=1, epoch=2, content=b"c", styles=(b"s",), strength=40)
    plain = Paint.order(job, size=512, iterations=None)
    assert (plain.size, plain.iterations, plain.strength) == (512, None, 40)
    wished = Job(order_id=1, epoch=2, content=b"c", styles=(b"s",), size=100, iterations=3)
    paint = Paint.order(wished, size=512, iterations=9)
    assert (paint.size, paint.iterations) == (100, 3)
    assert paint.belongs_to(plain)
    assert not paint.belongs_to(Stop(order_id=1, epoch=3))
