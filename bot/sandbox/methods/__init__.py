"""The Bot API's methods, each a function of the world and the call's arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.sandbox.arguments import Arguments
from bot.sandbox.methods import account, chats, editing, polling, sending
from bot.sandbox.world import World

Method = Callable[[World, Arguments], object | Awaitable[object]]

_SET_NAME, _GET_NAME = account.text_methods(
    "name", account.NAME_LIMIT, lambda profile: profile.names
)
_SET_DESCRIPTION, _GET_DESCRIPTION = account.text_methods(
    "description", account.DESCRIPTION_LIMIT, lambda profile: profile.descriptions
)
_SET_SHORT, _GET_SHORT = account.text_methods(
    "short_description",
    account.SHORT_DESCRIPTION_LIMIT,
    lambda profile: profile.short_descriptions,
)

HANDLERS: Mapping[str, Method] = MappingProxyType(
    {
        "getMe": polling.get_me,
        "logOut": polling.goodbye,
        "close": polling.goodbye,
        "getUpdates": polling.get_updates,
        "setWebhook": polling.set_webhook,
        "deleteWebhook": polling.delete_webhook,
        "getWebhookInfo": polling.get_webhook_info,
        "getFile": polling.get_file,
        "sendMessage": sending.send_message,
        "sendPhoto": sending.send_photo,
        "sendDocument": sending.send_document,
        "sendAnimation": sending.send_animation,
        "sendSticker": sending.send_sticker,
        "sendMediaGroup": sending.send_media_group,
        "sendChatAction": sending.send_chat_action,
        "copyMessage": sending.copy_message,
        "forwardMessage": sending.forward_message,
        "editMessageText": editing.edit_message_text,
        "editMessageCaption": editing.edit_message_caption,
        "editMessageMedia": editing.edit_message_media,
        "editMessageReplyMarkup": editing.edit_message_reply_markup,
        "deleteMessage": editing.delete_message,
        "deleteMessages": editing.delete_messages,
        "setMessageReaction": editing.set_message_reaction,
        "answerCallbackQuery": editing.answer_callback_query,
        "setMyCommands": account.set_my_commands,
        "getMyCommands": account.get_my_commands,
        "deleteMyCommands": account.delete_my_commands,
        "setMyName": _SET_NAME,
        "getMyName": _GET_NAME,
        "setMyDescription": _SET_DESCRIPTION,
        "getMyDescription": _GET_DESCRIPTION,
        "setMyShortDescription": _SET_SHORT,
        "getMyShortDescription": _GET_SHORT,
        "getChat": chats.get_chat,
        "getChatMember": chats.get_chat_member,
        "getChatAdministrators": chats.get_chat_administrators,
        "getChatMemberCount": chats.get_chat_member_count,
        "leaveChat": chats.leave_chat,
    }
)
