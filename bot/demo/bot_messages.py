"""Which of its messages the bot has sent: known by the buttons under them."""

from bot.sandbox import Message


def is_card(message: Message) -> bool:
    """A status card of an order that is not over."""
    return _has_button(message, "cancel:")


def is_painting(message: Message) -> bool:
    """A finished painting: a photo with the buttons for variations under it."""
    return message.photo is not None and _has_button(message, "file:")


def _has_button(message: Message, data: str) -> bool:
    return any(button.data.startswith(data) for button in message.buttons)
