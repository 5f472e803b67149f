"""Pictures made to break a decoder; `python -m tests.made_to_break pictures` makes many more."""

import pytest

from bot.studio.pictures.decoder import SECONDS_PER_PICTURE
from tests.made_to_break.campaign import Run, break_pictures
from tests.made_to_break.pictures import KINDS, samples, structure

EXAMPLES = 30


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_picture_is_decoded_or_refused_by_a_child_that_lives_on(kind: str) -> None:
    found = break_pictures(Run(examples=EXAMPLES), kind)
    assert found.pop("seconds") < SECONDS_PER_PICTURE
    assert found["decoded"] > 0
    assert sum(found.values()) >= EXAMPLES


@pytest.mark.parametrize("kind", KINDS)
def test_damages_know_where_a_files_numbers_are(kind: str) -> None:
    for sample in samples(kind):
        fields = structure(kind, sample)
        assert len(fields) > 4
        assert all(field.offset + field.width <= len(sample) for field in fields)
