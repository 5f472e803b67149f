"""What is said of a refused picture."""

from dataclasses import replace

import pytest

from bot.studio.courier.prompts import describe_refusal
from bot.studio.ledger.model import PictureKind, Refusal
from bot.words import Library


@pytest.mark.parametrize(
    ("refusal", "kind", "helps"),
    [
        (Refusal(name="TruncatedImageError"), PictureKind.PHOTO, "sending it again"),
        (Refusal(name="TruncatedImageError"), PictureKind.STICKER, "sending it again"),
        (Refusal(name="TruncatedImageError"), PictureKind.DOCUMENT, "as a photo, not as a file"),
        (Refusal(name="UnsupportedImageError"), PictureKind.DOCUMENT, "send it as a photo"),
        (
            Refusal(name="ImageTooLargeError", facts={"unit": "megapixels", "limit": 50}),
            PictureKind.DOCUMENT,
            "at most 50 megapixels",
        ),
        (
            Refusal(name="TooBig", facts={"megabytes": 20}),
            PictureKind.DOCUMENT,
            "as a file of at most 20 MB",
        ),
    ],
)
def test_a_refusal_says_what_helps(refusal: Refusal, kind: PictureKind, helps: str) -> None:
    told = replace(refusal, facts={**refusal.facts, "kind": kind})
    said = describe_refusal(told, Library().words("en"))
    assert helps in said
    assert ("again" in said) == (helps == "sending it again")
