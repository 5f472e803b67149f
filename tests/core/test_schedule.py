from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import images
from core.options import Options
from core.recipes import ATELIER, RECIPES, SEED, Stage
from core.schedule import SHORTEST, plan, share

SIDES = st.integers(images.MIN_SIDE, 4096)


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int]:
    width = draw(SIDES)
    ratio = images.MAX_ASPECT_RATIO
    low, high = max(images.MIN_SIDE, -(-width // ratio)), min(4096, width * ratio)
    return width, draw(st.integers(low, high))


@given(
    st.sampled_from(sorted(RECIPES)),
    sizes(),
    sizes(),
    st.none() | st.integers(32, 4096),
    st.none() | st.integers(1, 500),
)
def test_every_plan_can_be_carried_out(
    name: str,
    content: tuple[int, int],
    style: tuple[int, int],
    size: int | None,
    iterations: int | None,
) -> None:
    recipe = RECIPES[name]
    made = plan(recipe, Options(recipe=name, size=size, iterations=iterations), content, style)
    if size is not None:
        assert max(made.size) == size
    assert made.size[0] / content[0] == pytest.approx(
        made.size[1] / content[1], abs=1.5 / min(content)
    )
    own = recipe.iterations if made.size[0] < 700 and made.size[1] < 700 else made.iterations
    assert made.iterations == (iterations or own)
    assert sum(stage.iterations for stage in made.stages) == made.iterations
    areas = [stage.size[0] * stage.size[1] for stage in made.stages]
    assert areas == sorted(areas)
    ways = [(stage.size, stage.eigen_weight) for stage in made.stages]
    assert len(ways) == len(set(ways))
    for stage in made.stages:
        assert stage.iterations >= 1
        assert min(*stage.size, *stage.style_sizes[0]) >= SHORTEST
    if min(made.size) >= SHORTEST:
        assert made.stages[-1].size == made.size


def test_the_seed_recipe_has_the_listings_sizes() -> None:
    made = plan(SEED, Options(recipe="seed"), (1000, 600), (300, 900))
    assert made.size == (666, 400)
    assert [stage.style_sizes for stage in made.stages] == [((666, 400),)]
    assert made.iterations == 20
    assert plan(SEED, Options(recipe="seed"), (600, 1000), (300, 900)).size == (240, 400)
    assert plan(SEED, Options(recipe="seed", size=200), (600, 1000), (9, 9)).size == (120, 200)


def test_the_style_keeps_its_shape_and_gets_the_contents_area() -> None:
    made = plan(ATELIER, Options(size=400), (1000, 750), (800, 200))
    ((width, height),) = made.stages[-1].style_sizes
    assert width / height == pytest.approx(4, rel=0.02)
    assert width * height == pytest.approx(400 * 300, rel=0.02)


def test_stages_of_the_same_size_are_merged() -> None:
    recipe = replace(ATELIER, stages=(Stage(0.1, 5), Stage(0.2, 5), Stage(1.0, 5)))
    made = plan(recipe, Options(size=100), (100, 100), (100, 100))
    assert [stage.size for stage in made.stages] == [(32, 32), (100, 100)]
    assert [stage.iterations for stage in made.stages] == [10, 5]


@given(st.integers(1, 1000), st.lists(st.integers(1, 200), min_size=1, max_size=6))
def test_shares_add_up_and_the_last_is_never_empty(total: int, weights: list[int]) -> None:
    shares = share(total, weights)
    assert sum(shares) == total
    assert min(shares) >= 0
    assert shares[-1] >= 1


def test_a_large_painting_takes_the_way_of_a_smaller_one_and_goes_on() -> None:
    usual = plan(ATELIER, Options(size=512), (2000, 1500), (800, 600))
    large = plan(ATELIER, Options(size=2048), (2000, 1500), (800, 600))
    assert large.stages[: len(usual.stages)] == usual.stages
    beyond = large.stages[len(usual.stages) :]
    assert [(max(stage.size), stage.iterations) for stage in beyond] == [(1024, 8), (2048, 5)]
    hardly = plan(ATELIER, Options(size=600), (2000, 1500), (800, 600))
    assert len(hardly.stages) == len(usual.stages)
