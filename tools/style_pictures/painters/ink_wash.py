"""Mountains in mist with pines: black ink, much water, a red sun and a seal."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, blend, grid, step
from tools.style_pictures.colour import palette, ramp
from tools.style_pictures.noise import Noise


def _paper(hand: Noise, x: Array, y: Array) -> Array:
    """The tooth of rag paper (H, W), about -1 to 1."""
    return 0.6 * hand.at(x, y, 3.4) + 0.4 * hand.at(x + 5, y - 8, 7.5) + 0.25 * hand.at(x, y, 17)


def _pine(canvas: Canvas, rng: np.random.Generator, foot: Array, tall: float, lean: float) -> None:
    """A crooked pine in black ink: a dry-brushed trunk and fans of needles."""
    t = np.linspace(0, 1, 26)
    bend = np.cumsum(rng.normal(0, 1, 26)) * tall * 0.012
    trunk = np.stack([foot[0] + lean * t * tall + bend, foot[1] - t * tall], axis=1)
    for _ in range(26):
        off = rng.uniform(-1, 1) * tall * 0.034
        first = rng.integers(0, 10)
        last = rng.integers(14, 26)
        width = (1.2 + 2.2 * rng.uniform()) * (1 - 0.5 * last / 26)
        tone = 0.05 + 0.3 * rng.uniform() ** 2
        taper = (1 - 0.8 * t)[:, None] * np.array([off, 0])
        canvas.line((trunk + taper)[first:last], (tone, tone, tone * 1.08), width, 1 - tone)
    for n in range(10):
        start = trunk[rng.integers(8, 25)]
        side = 1 if n % 2 else -1
        reach = tall * rng.uniform(0.16, 0.36)
        s = np.linspace(0, 1, 10)
        limb = start + np.stack(
            [side * reach * s, reach * (0.35 * np.sin(s * 3) - 0.2 * s)], axis=1
        )
        canvas.line(limb, (0.1, 0.1, 0.12), 3.2 * tall / 300, 0.85)
        for place in limb[3:]:
            for _ in range(3):
                middle = place + rng.normal(0, 1, 2) * tall * np.array([0.03, 0.014])
                fan = rng.uniform(0.15, np.pi - 0.15, 17)
                tone = rng.uniform(0.03, 0.38)
                size = tall * rng.uniform(0.04, 0.075)
                for turn in fan:
                    tip = middle + size * np.array([np.cos(turn), -np.sin(turn) * 0.8])
                    canvas.line(
                        np.stack([middle, tip]), (tone, tone * 1.05, tone * 1.1), 1.15, 1 - tone
                    )


def ink_wash(scale: float) -> Array:
    """Mountains in mist with pines: black ink, much water, a red sun and a seal."""
    rng = np.random.default_rng(1420)
    hand = Noise(23)
    x, y = grid(640, 768, scale)
    tooth = _paper(hand, x, y)
    cloud = hand.fbm(x, y * 1.7, 210, 5)
    rgb = ramp(palette("cdbb94", "e6d8b6", "f3e9cf"), 0.55 + 0.3 * cloud + 0.12 * tooth)
    ink, blue = palette("15161c")[0], palette("2c4a66")[0]
    # Washes in the sky with the tide lines where they dried.
    wash = hand.fbm(x * 0.6 + 40, y, 150, 5)
    for level, share in ((0.05, 0.16), (0.22, 0.2), (0.4, 0.24)):
        tide = np.exp(-np.abs(wash - level) / 0.012) * 0.3
        rgb = blend(
            rgb,
            blue * 0.8 + 0.15,
            (step(wash, level, 0.05) * share + tide * share) * (1 + 0.5 * tooth),
        )
    sun = np.hypot(x - 450, y - 170) + 3 * hand.at(x, y, 30)
    red = step(46 - sun, 0, 3) * (0.82 + 0.25 * tooth + 0.3 * hand.fbm(x, y, 50))
    rgb = blend(rgb, palette("c4321f")[0], red)
    for n in range(7):
        level, rise = 235 + 66 * n, 150 - 13 * n
        shift = 300.0 + 91 * n
        crest = np.abs(hand.fbm(x, np.full(x.shape, shift), 260 - 16 * n, 5))
        ridge = level - rise * (1.15 * crest - 0.18) - 46 * hand.at(x, np.full(x.shape, shift), 400)
        down = y - ridge
        fade = np.asarray(np.exp(-np.clip(down, 0, None) / (52 + 9 * n)))
        stroke = hand.fbm(x * 1.5 + down * 0.55, down * 0.34 - x * 0.22, 17, 4)
        dry = step(stroke + 0.5 * tooth, 0.1, 0.35)
        dark = (0.3 + 0.085 * n) * fade * (0.7 + 0.62 * dry) + 0.34 * np.exp(
            -np.abs(down - 1.5) / 2.2
        )
        deep = step(down, 0, 2.5) * np.clip(dark * (1 + 0.22 * tooth), 0, 0.96)
        mist = step(down, 0, 2.5) * (1 - fade) * 0.5 * step(60 + 12 * n - np.abs(down - 90), 0, 70)
        rgb = blend(rgb, palette("ece2ca")[0], mist)
        tint = blend(np.broadcast_to(ink, rgb.shape), blue, 0.75 - 0.1 * n + 0.3 * stroke)
        rgb = blend(rgb, tint, deep)
        moss = deep * step(hand.fbm(x + 70 * n, y, 60), 0.25, 0.3) * 0.34
        rgb = blend(rgb, palette("7a6a3a", "4a6a58")[n % 2], moss)
    water = step(y, 610, 40)
    ripple = step(
        np.sin(y / 3.4 + 3 * hand.at(x * 0.35, y, 40))
        + 1.6 * hand.at(x * 0.2, y, 16)
        + 0.5 * tooth,
        0.55,
        0.6,
    )
    rgb = blend(rgb, ink * 0.7 + blue * 0.3, water * ripple * 0.5)
    canvas = Canvas(640, 768, scale, (1, 1, 1))
    for fx, fy, tall, lean in (
        (560, 760, 430, -0.16),
        (500, 768, 250, 0.12),
        (72, 640, 230, 0.1),
        (150, 600, 120, -0.08),
        (330, 560, 84, 0.05),
        (262, 548, 66, -0.04),
    ):
        _pine(canvas, rng, np.array([fx, fy], dtype=np.float64), tall, lean)
    for n in range(9):
        bird = np.array(
            [180 + 34 * n + rng.uniform(-9, 9), 120 + 11 * abs(n - 3) + rng.uniform(-6, 6)]
        )
        span = rng.uniform(7, 12)
        wings = bird + span * np.array(
            [[-1, -0.3], [-0.4, -0.5], [0, 0.1], [0.5, -0.55], [1, -0.2]]
        )
        canvas.line(wings, (0.1, 0.1, 0.12), 2, 0.9)
    hull = np.array([[196, 676], [310, 684], [292, 700], [222, 698]], dtype=np.float64)
    canvas.polygon(hull, (0.08, 0.08, 0.1), 0.95)
    canvas.line(
        np.array([[252, 684], [256, 640], [262, 626]], dtype=np.float64), (0.1, 0.1, 0.12), 5, 0.9
    )
    canvas.polygon(
        np.array([[238, 640], [262, 616], [288, 642]], dtype=np.float64), (0.3, 0.24, 0.2), 0.8
    )
    for _ in range(150):
        place = rng.uniform(0, 1, 2) * np.array([640, 768])
        canvas.disc(place, 0.4 + 1.7 * rng.uniform() ** 5, (0.15, 0.15, 0.18), 0.75)
    drawn = canvas.relief() * (0.9 + 0.25 * tooth)
    rgb = blend(rgb, canvas.pixels(), step(drawn, 0.28, 0.4) * 0.95)
    seal = step(19 - np.maximum(np.abs(x - 62), np.abs(y - 82) * 0.72), 0, 1.5)
    carved = (np.abs(np.sin((x - 62) / 4.4)) > 0.34) & (
        np.abs(np.sin((y - 82) / 6.2 + (x > 62))) > 0.3
    )
    rgb = blend(rgb, palette("b3261c")[0], seal * (0.35 + 0.6 * carved) * (0.9 + 0.3 * tooth))
    return rgb * (1 + 0.035 * tooth)[..., None]
