"""What the buttons under a painting change: the rules, without Telegram."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.studio.courier.card_texts import describe
from bot.studio.ledger.model import Change, Order, OrderState, PictureState, Wishes
from bot.studio.variations import (
    Sizes,
    Variation,
    announcement,
    are_at_hand,
    describe_change,
    keyboard,
    limit_text,
    vary,
)
from bot.words import Library
from tests.bot.studio.courier.test_card_texts import ORDER as PLAIN
from tests.bot.studio.courier.test_card_texts import PHOTO

WORDS = Library().words("en")
SIZES = Sizes(usual=512, largest=1024)
ORDER = replace(PLAIN, styles=(replace(PHOTO, id=2), replace(PHOTO, id=3)))
EASY = [change for change in Change if change is not Change.STYLE]


def pressed(order: Order, change: Change, sizes: Sizes = SIZES) -> Wishes:
    rethought = vary(order, change, sizes)
    assert rethought is not None
    assert rethought.change is change
    return rethought.wishes


def test_strength_goes_in_steps_from_the_middle_to_both_ends() -> None:
    for change, expected in ((Change.STRONGER, [70, 90, 100]), (Change.SOFTER, [30, 10, 0])):
        present, met = ORDER, []
        while (new := vary(present, change, SIZES)) is not None:
            present = replace(present, wishes=new.wishes)
            met.append(new.wishes.strength)
        assert met == expected


@given(strength=st.integers(0, 100))
def test_strength_stays_between_its_ends(strength: int) -> None:
    order = replace(ORDER, wishes=Wishes(strength=strength))
    for change in (Change.STRONGER, Change.SOFTER):
        new = vary(order, change, SIZES)
        if new is None:
            assert strength == (100 if change is Change.STRONGER else 0)
        else:
            assert new.wishes.strength is not None
            assert 0 <= new.wishes.strength <= 100
            assert (new.wishes.strength > strength) is (change is Change.STRONGER)


@given(usual=st.integers(32, 4096), bound=st.integers(512, 4096), size=st.integers(32, 4096))
def test_larger_is_larger_and_comes_to_an_end(usual: int, bound: int, size: int) -> None:
    sizes = Sizes.around(usual, bound=bound)
    assert usual <= sizes.largest <= max(usual, min(bound, 2 * usual))
    order, steps = replace(ORDER, wishes=Wishes(size=size)), 0
    while (new := vary(order, Change.LARGER, sizes)) is not None:
        assert (order.wishes.size or 0) < (new.wishes.size or 0) <= sizes.largest
        order, steps = replace(order, wishes=new.wishes), steps + 1
        assert steps < 20
    assert (order.wishes.size or 0) >= min(size, sizes.largest)


def test_larger_begins_at_the_usual_size() -> None:
    assert pressed(ORDER, Change.LARGER).size == 768
    assert pressed(replace(ORDER, wishes=Wishes(size=768)), Change.LARGER).size == 1024
    assert vary(replace(ORDER, wishes=Wishes(size=1024)), Change.LARGER, SIZES) is None


def test_colours_go_on_and_off() -> None:
    on = pressed(ORDER, Change.COLOURS)
    assert on.keep_colours is True
    assert pressed(replace(ORDER, wishes=on), Change.COLOURS).keep_colours is False


def test_swapping_twice_is_swapping_back() -> None:
    once = vary(ORDER, Change.SWAP, SIZES)
    assert once is not None
    assert once.content == ORDER.styles[0]
    assert once.styles == (ORDER.content, ORDER.styles[1])
    back = vary(replace(ORDER, content=once.content, styles=once.styles), Change.SWAP, SIZES)
    assert back is not None
    assert (back.content, back.styles) == (ORDER.content, ORDER.styles)


@pytest.mark.parametrize("change", EASY)
def test_everything_else_stays_as_it_was(change: Change) -> None:
    wishes = Wishes(size=600, iterations=7, quality="fine", strength=40, keep_colours=True)
    new = vary(replace(ORDER, wishes=wishes), change, SIZES)
    assert new is not None
    touched = {
        Change.STRONGER: {"strength"},
        Change.SOFTER: {"strength"},
        Change.COLOURS: {"keep_colours"},
        Change.LARGER: {"size"},
        Change.SWAP: set(),
    }[change]
    same = replace(new.wishes, **{name: getattr(wishes, name) for name in touched})
    assert same == wishes
    assert (new.wishes == wishes) is not bool(touched)
    if change is not Change.SWAP:
        assert (new.content, new.styles) == (ORDER.content, ORDER.styles)


def test_another_style_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="gallery"):
        vary(ORDER, Change.STYLE, SIZES)


@pytest.mark.parametrize("state", [PictureState.PENDING, PictureState.REFUSED, PictureState.GONE])
def test_what_is_not_ready_is_not_at_hand(state: PictureState) -> None:
    assert are_at_hand(ORDER.content, *ORDER.styles)
    assert not are_at_hand(ORDER.content, replace(ORDER.styles[0], state=state))
    assert not are_at_hand(replace(ORDER.content, path=None))


@pytest.mark.parametrize("keep", [True, False])
def test_buttons_fit_telegrams_limits_and_say_what_they_do(keep: bool) -> None:
    latest = replace(ORDER, id=10**18 - 1, wishes=Wishes(keep_colours=keep))
    buttons = [button for row in keyboard(latest, WORDS).inline_keyboard for button in row]
    data = [str(button.callback_data) for button in buttons]
    assert all(1 <= len(one.encode()) <= 64 for one in data)
    assert {one.rpartition(":")[2] for one in data if one.startswith("again:")} == set(EASY)
    assert {one.partition(":")[0] for one in data} == {"again", "styles", "file"}
    [colours] = [button.text for button in buttons if "colours" in button.text]
    assert colours == ("Take the style's colours" if keep else "Keep the photo's colours")


@pytest.mark.parametrize("change", list(Change))
def test_cards_say_what_is_different_until_the_end(change: Change) -> None:
    different = replace(ORDER, change=change)
    said = describe_change(different, WORDS)
    assert said is not None
    assert said.endswith("this time.")
    for state in OrderState:
        text = describe(replace(different, state=state), WORDS)
        assert text.startswith(said) is not state.final
    assert describe_change(ORDER, WORDS) is None
    assert "this time" not in describe(ORDER, WORDS)


def test_each_change_is_announced_in_words_of_its_own() -> None:
    wishes = [Wishes(), Wishes(keep_colours=True)]
    said = {
        announcement(Variation(content=ORDER.content, styles=(), wishes=wish, change=change), WORDS)
        for change in Change
        for wish in wishes
    }
    assert len(said) == len(Change) + 1
    assert all(len(text) <= 200 for text in said)
    ends = {limit_text(change, WORDS) for change in Change}
    assert len(ends) == 4
