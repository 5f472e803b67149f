"""Everything that `core` raises on purpose.

The message of each error is one sentence that may be shown to a person as it
is. The class is stable, and the numbers in the sentence are attributes, so a
caller that speaks another language can write its own sentence.
"""

from __future__ import annotations


class AtelierError(Exception):
    """Base of every error that `core` raises on purpose."""


class OptionsError(AtelierError, ValueError):
    """An option has a value that cannot be used.

    Attributes:
        option: name of the option, as in `Options`.
        value: what was given.
        expected: what may be given, in words.
    """

    def __init__(self, option: str, value: object, expected: str) -> None:
        self.option = option
        self.value = value
        self.expected = expected
        super().__init__(f"{option} must be {expected}, not {value!r}.")


class WeightsError(AtelierError):
    """The feature network's weights cannot be had or do not fit."""


class ComputationError(AtelierError):
    """The device computes nothing of use: undefined numbers even for the photo itself."""

    def __init__(self) -> None:
        super().__init__("The computation gave no usable numbers on this device.")


class ImageError(AtelierError):
    """Base of what can be wrong with a picture that somebody sent."""


class NotAnImageError(ImageError):
    """The bytes are not a picture in any format."""

    def __init__(self) -> None:
        super().__init__("That file is not a picture; please send a photo.")


class UnsupportedImageError(ImageError):
    """The bytes are a picture, in a format or variant that is not read here.

    Attributes:
        format: name of the format where it is known, else None.
    """

    def __init__(self, format_name: str | None = None) -> None:
        self.format = format_name
        kind = f"a format ({format_name})" if format_name else "a format"
        super().__init__(
            f"That picture is in {kind} that cannot be read here; "
            "please send it as JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP or GIF."
        )


class TruncatedImageError(ImageError):
    """The picture begins well, but its data end early or are damaged."""

    def __init__(self) -> None:
        super().__init__(
            "That picture is damaged or incomplete; please send another copy of it, "
            "or a screenshot."
        )


class ImageTooLargeError(ImageError):
    """The picture has more pixels, or the file more bytes, than will be opened.

    Attributes:
        width, height: size in pixels, 0 where it is not known.
        limit: the most pixels, in millions (or megabytes, if `unit` says so).
        unit: "megapixels" or "megabytes".
    """

    def __init__(self, width: int, height: int, limit: float, *, unit: str = "megapixels") -> None:
        self.width = width
        self.height = height
        self.limit = limit
        self.unit = unit
        if unit == "megabytes":
            what = "file is too large"
        elif width and height:
            what = f"picture is {width} x {height} pixels"
        else:
            what = "picture has too many pixels"
        super().__init__(f"That {what}; please send one of at most {limit:g} {unit}.")


class ImageTooSmallError(ImageError):
    """The picture has too few pixels to paint from.

    Attributes:
        width, height: size in pixels.
        minimum: the least number of pixels on each side.
    """

    def __init__(self, width: int, height: int, minimum: int) -> None:
        self.width = width
        self.height = height
        self.minimum = minimum
        super().__init__(
            f"That picture is {width} x {height} pixels; "
            f"please send one with at least {minimum} pixels on each side."
        )


class AspectRatioError(ImageError):
    """The picture is too long and thin to paint from.

    Attributes:
        width, height: size in pixels.
        limit: the most that the long side may be, in multiples of the short one.
    """

    def __init__(self, width: int, height: int, limit: float) -> None:
        self.width = width
        self.height = height
        self.limit = limit
        super().__init__(
            f"That picture is {width} x {height} pixels; please send one whose long side "
            f"is at most {limit:g} times its short side."
        )
