import pytest

from bot.audience import audience
from bot.settings import Settings

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_"


@pytest.mark.parametrize(
    ("users", "chats", "admins", "words"),
    [
        ("", "", "", "everybody (no admins)"),
        ("", "", "1,2", "everybody (2 admins)"),
        ("1", "", "", "1 person (no admins)"),
        ("1,2", "-1", "", "2 people, 1 group (no admins)"),
        ("1,2", "-1,-2", "2,3", "3 people, 2 groups (2 admins)"),
        ("", "-1", "", "1 group (no admins)"),
        ("", "-1,5", "", "1 person, 1 group (no admins)"),
        ("", "-1", "1", "1 person, 1 group (1 admin)"),
    ],
)
def test_who_may_use_the_bot_is_said_in_words(
    users: str, chats: str, admins: str, words: str
) -> None:
    settings = Settings.model_validate(
        {
            "telegram_bot_token": TOKEN,
            "allowed_user_ids": users,
            "allowed_chat_ids": chats,
            "admin_user_ids": admins,
        }
    )
    assert audience(settings) == words
