"""Which wishes an order carries."""

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Preferences, Wishes
from bot.studio.ledger.wishes import QUALITIES, settled
from bot.telegram.place import Place

_kinds = {
    "quality": st.none() | st.sampled_from(QUALITIES),
    "size": st.none() | st.integers(64, 4096),
    "strength": st.none() | st.integers(0, 100),
    "keep_colours": st.none() | st.booleans(),
}
wishes = st.builds(Wishes, iterations=st.none() | st.integers(1, 100), **_kinds)
chosen = st.builds(Preferences, language=st.none() | st.just("de"), **_kinds)


@given(wishes, chosen, chosen)
def test_the_order_comes_first_then_the_group_then_the_person(
    explicit: Wishes, group: Preferences, person: Preferences
) -> None:
    result = settled(explicit, group, person)
    for name in _kinds:
        said = [getattr(source, name) for source in (explicit, group, person)]
        assert getattr(result, name) == next((one for one in said if one is not None), None)
    assert result.iterations == explicit.iterations


@given(wishes, chosen, st.integers(64, 4096))
def test_the_host_bounds_the_size_and_nothing_else(
    explicit: Wishes, person: Preferences, largest: int
) -> None:
    free, bound = settled(explicit, person), settled(explicit, person, largest=largest)
    assert bound.size == (None if free.size is None else min(free.size, largest))
    for field in fields(Wishes):
        if field.name != "size":
            assert getattr(bound, field.name) == getattr(free, field.name)


async def test_preferences_are_kept_until_nothing_is_chosen(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        assert await transaction.preferences(7) == Preferences()
        await transaction.save_preferences(7, Preferences(quality="fine", keep_colours=False))
        await transaction.save_preferences(8, Preferences(language="de"))
    async with ledger.begin() as transaction:
        assert await transaction.preferences(7) == Preferences(quality="fine", keep_colours=False)
        assert await transaction.chosen_languages() == {8: "de"}
        await transaction.save_preferences(8, Preferences())
        assert await transaction.chosen_languages() == {}


async def test_a_group_takes_its_choices_along_when_it_grows(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        await transaction.save_preferences(-1, Preferences(strength=10))
        await transaction.save_preferences(-2, Preferences(strength=20))
        await transaction.save_preferences(-1002, Preferences(strength=99))
        await transaction.chat_migrated(-1, -1001)
        await transaction.chat_migrated(-2, -1002)
        grown = Place(chat_id=-1001, private=False)
        found = await transaction.wishes_for(grown, 7, Wishes(size=64), largest=None)
        assert found == Wishes(size=64, strength=10)
        assert await transaction.preferences(-1002) == Preferences(strength=99)
        assert (
            await transaction.preferences(-1) == await transaction.preferences(-2) == Preferences()
        )
