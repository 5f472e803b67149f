"""The part of the Bot API that the sandbox speaks: methods, parameters and their types.

One line per parameter, ``name: Type``, a star after the name for those that are required; types
are spelled as in the Bot API's documentation, alternatives divided by ``|``. A test holds the
tables against the machine-readable specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method, or one field of an object that methods take."""

    name: str
    types: tuple[str, ...]
    required: bool


Fields = Mapping[str, Parameter]


def _fields(*blocks: str) -> Fields:
    found: dict[str, Parameter] = {}
    for entry in "; ".join(blocks).split("; "):
        if not entry:
            continue
        name, _, types = entry.partition(": ")
        bare = name.removesuffix("*")
        found[bare] = Parameter(bare, tuple(types.split("|")), required=name.endswith("*"))
    return MappingProxyType(found)


_MARKUP = "InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"
_THREAD = "message_thread_id: Integer; direct_messages_topic_id: Integer"
_TARGET = f"business_connection_id: String; chat_id*: Integer|String; {_THREAD}"
_MANNER = (
    "disable_notification: Boolean; protect_content: Boolean; allow_paid_broadcast: Boolean; "
    "message_effect_id: String; reply_parameters: ReplyParameters"
)
_SUGGEST = "suggested_post_parameters: SuggestedPostParameters"
_SENDING = f"{_MANNER}; {_SUGGEST}; reply_markup: {_MARKUP}"
_CAPTION = "caption: String; parse_mode: String; caption_entities: Array of MessageEntity"
_ABOVE = "show_caption_above_media: Boolean"
_SHOWN = f"{_ABOVE}; has_spoiler: Boolean"
_EDITED = (
    "business_connection_id: String; chat_id: Integer|String; message_id: Integer; "
    "inline_message_id: String; reply_markup: InlineKeyboardMarkup"
)
_CHAT = "chat_id*: Integer|String"
_LANGUAGE = "language_code: String"
_SCOPED = f"scope: BotCommandScope; {_LANGUAGE}"
_ORIGIN = "from_chat_id*: Integer|String; message_id*: Integer; video_start_timestamp: Integer"

METHODS: Mapping[str, Fields] = MappingProxyType(
    {
        "getMe": _fields(),
        "logOut": _fields(),
        "close": _fields(),
        "getUpdates": _fields(
            "offset: Integer; limit: Integer; timeout: Integer; allowed_updates: Array of String"
        ),
        "setWebhook": _fields(
            "url*: String; certificate: InputFile; ip_address: String; max_connections: Integer; "
            "allowed_updates: Array of String; drop_pending_updates: Boolean; secret_token: String"
        ),
        "deleteWebhook": _fields("drop_pending_updates: Boolean"),
        "getWebhookInfo": _fields(),
        "getFile": _fields("file_id*: String"),
        "sendMessage": _fields(
            _TARGET,
            "text*: String; parse_mode: String; entities: Array of MessageEntity",
            "link_preview_options: LinkPreviewOptions",
            _SENDING,
        ),
        "sendPhoto": _fields(_TARGET, "photo*: InputFile|String", _CAPTION, _SHOWN, _SENDING),
        "sendDocument": _fields(
            _TARGET,
            "document*: InputFile|String; thumbnail: InputFile|String",
            _CAPTION,
            "disable_content_type_detection: Boolean",
            _SENDING,
        ),
        "sendAnimation": _fields(
            _TARGET,
            "animation*: InputFile|String; duration: Integer; width: Integer; height: Integer",
            "thumbnail: InputFile|String",
            _CAPTION,
            _SHOWN,
            _SENDING,
        ),
        "sendSticker": _fields(_TARGET, "sticker*: InputFile|String; emoji: String", _SENDING),
        "sendMediaGroup": _fields(
            _TARGET,
            "media*: Array of InputMediaAudio|Array of InputMediaDocument"
            "|Array of InputMediaLivePhoto|Array of InputMediaPhoto|Array of InputMediaVideo",
            _MANNER,
        ),
        "sendChatAction": _fields(
            f"business_connection_id: String; {_CHAT}; message_thread_id: Integer; action*: String"
        ),
        "copyMessage": _fields(_CHAT, _THREAD, _ORIGIN, _CAPTION, _ABOVE, _SENDING),
        "forwardMessage": _fields(
            _CHAT,
            _THREAD,
            _ORIGIN,
            "disable_notification: Boolean; protect_content: Boolean; message_effect_id: String",
            _SUGGEST,
        ),
        "editMessageText": _fields(
            _EDITED,
            "text: String; parse_mode: String; entities: Array of MessageEntity",
            "link_preview_options: LinkPreviewOptions; rich_message: InputRichMessage",
        ),
        "editMessageCaption": _fields(_EDITED, _CAPTION, _ABOVE),
        "editMessageMedia": _fields(_EDITED, "media*: InputMedia"),
        "editMessageReplyMarkup": _fields(_EDITED),
        "answerCallbackQuery": _fields(
            "callback_query_id*: String; text: String; show_alert: Boolean; url: String",
            "cache_time: Integer",
        ),
        "setMessageReaction": _fields(
            _CHAT, "message_id*: Integer; reaction: Array of ReactionType; is_big: Boolean"
        ),
        "deleteMessage": _fields(_CHAT, "message_id*: Integer"),
        "deleteMessages": _fields(_CHAT, "message_ids*: Array of Integer"),
        "setMyCommands": _fields("commands*: Array of BotCommand", _SCOPED),
        "getMyCommands": _fields(_SCOPED),
        "deleteMyCommands": _fields(_SCOPED),
        "setMyName": _fields("name: String", _LANGUAGE),
        "getMyName": _fields(_LANGUAGE),
        "setMyDescription": _fields("description: String", _LANGUAGE),
        "getMyDescription": _fields(_LANGUAGE),
        "setMyShortDescription": _fields("short_description: String", _LANGUAGE),
        "getMyShortDescription": _fields(_LANGUAGE),
        "getChat": _fields(_CHAT),
        "getChatMember": _fields(_CHAT, "user_id*: Integer"),
        "getChatAdministrators": _fields(_CHAT, "return_bots: Boolean"),
        "getChatMemberCount": _fields(_CHAT),
        "leaveChat": _fields(_CHAT),
    }
)

_STYLED = "text*: String; icon_custom_emoji_id: String; style: String"
_MEDIA = f"type*: String; media*: String; {_CAPTION}"
_TYPE = "type*: String"

OBJECTS: Mapping[str, Fields] = MappingProxyType(
    {
        "InlineKeyboardMarkup": _fields("inline_keyboard*: Array of Array of InlineKeyboardButton"),
        "InlineKeyboardButton": _fields(
            _STYLED,
            "url: String; callback_data: String; web_app: WebAppInfo; login_url: LoginUrl",
            "switch_inline_query: String; switch_inline_query_current_chat: String",
            "switch_inline_query_chosen_chat: SwitchInlineQueryChosenChat",
            "copy_text: CopyTextButton; callback_game: CallbackGame; pay: Boolean",
        ),
        "CopyTextButton": _fields("text*: String"),
        "ReplyKeyboardMarkup": _fields(
            "keyboard*: Array of Array of KeyboardButton; is_persistent: Boolean",
            "resize_keyboard: Boolean; one_time_keyboard: Boolean",
            "input_field_placeholder: String; selective: Boolean",
        ),
        "KeyboardButton": _fields(
            _STYLED,
            "request_users: KeyboardButtonRequestUsers; request_chat: KeyboardButtonRequestChat",
            "request_managed_bot: KeyboardButtonRequestManagedBot; request_contact: Boolean",
            "request_location: Boolean; request_poll: KeyboardButtonPollType; web_app: WebAppInfo",
        ),
        "ReplyKeyboardRemove": _fields("remove_keyboard*: Boolean; selective: Boolean"),
        "ForceReply": _fields(
            "force_reply*: Boolean; input_field_placeholder: String; selective: Boolean"
        ),
        "ReplyParameters": _fields(
            "message_id*: Integer; chat_id: Integer|String; allow_sending_without_reply: Boolean",
            "quote: String; quote_parse_mode: String; quote_entities: Array of MessageEntity",
            "quote_position: Integer; checklist_task_id: Integer; poll_option_id: String",
        ),
        "MessageEntity": _fields(
            "type*: String; offset*: Integer; length*: Integer; url: String; user: User",
            "language: String; custom_emoji_id: String; unix_time: Integer",
            "date_time_format: String",
        ),
        "User": _fields(
            "id*: Integer; is_bot*: Boolean; first_name*: String; last_name: String",
            "username: String; language_code: String; is_premium: Boolean",
            "added_to_attachment_menu: Boolean; can_join_groups: Boolean",
            "can_read_all_group_messages: Boolean; supports_guest_queries: Boolean",
            "supports_inline_queries: Boolean; can_connect_to_business: Boolean",
            "has_main_web_app: Boolean; has_topics_enabled: Boolean",
            "allows_users_to_create_topics: Boolean; can_manage_bots: Boolean",
            "supports_join_request_queries: Boolean",
        ),
        "LinkPreviewOptions": _fields(
            "is_disabled: Boolean; url: String; prefer_small_media: Boolean",
            "prefer_large_media: Boolean; show_above_text: Boolean",
        ),
        "InputMediaPhoto": _fields(_MEDIA, _SHOWN),
        "InputMediaDocument": _fields(
            _MEDIA, "thumbnail: String; disable_content_type_detection: Boolean"
        ),
        "InputMediaAnimation": _fields(
            _MEDIA,
            _SHOWN,
            "thumbnail: String; width: Integer; height: Integer; duration: Integer",
        ),
        "BotCommand": _fields("command*: String; description*: String"),
        "BotCommandScopeDefault": _fields(_TYPE),
        "BotCommandScopeAllPrivateChats": _fields(_TYPE),
        "BotCommandScopeAllGroupChats": _fields(_TYPE),
        "BotCommandScopeAllChatAdministrators": _fields(_TYPE),
        "BotCommandScopeChat": _fields(_TYPE, _CHAT),
        "BotCommandScopeChatAdministrators": _fields(_TYPE, _CHAT),
        "BotCommandScopeChatMember": _fields(_TYPE, _CHAT, "user_id*: Integer"),
        "ReactionTypeEmoji": _fields(_TYPE, "emoji*: String"),
    }
)

DISCRIMINATED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "InputMedia": {
            "photo": "InputMediaPhoto",
            "document": "InputMediaDocument",
            "animation": "InputMediaAnimation",
        },
        "ReactionType": {"emoji": "ReactionTypeEmoji"},
        "BotCommandScope": {
            "default": "BotCommandScopeDefault",
            "all_private_chats": "BotCommandScopeAllPrivateChats",
            "all_group_chats": "BotCommandScopeAllGroupChats",
            "all_chat_administrators": "BotCommandScopeAllChatAdministrators",
            "chat": "BotCommandScopeChat",
            "chat_administrators": "BotCommandScopeChatAdministrators",
            "chat_member": "BotCommandScopeChatMember",
        },
    }
)
"""Objects of several kinds: which value of their field ``type`` means which object."""

BY_LOWER_NAME: Mapping[str, str] = MappingProxyType({name.lower(): name for name in METHODS})
"""Method names are case-insensitive, as the Bot API has it."""
