// One message as elements.

import { icon, make } from "./dom.js";
import { messagesOf, store } from "./store.js";
import { clock, say, size } from "./words.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};
const LINKS = ["http:", "https:", "mailto:", "tg:"];

// Text with its entities (Bot API, "MessageEntity"); they may lie in one another.
export function marked(text, entities, from = 0, to = text.length) {
  const parts = [];
  let at = from;
  entities = entities.filter((one) => one.offset >= from && one.offset + one.length <= to);
  while (entities.length) {
    const [entity, ...rest] = entities;
    const end = entity.offset + entity.length;
    const inner = rest.filter((one) => one.offset < end);
    parts.push(text.slice(at, entity.offset));
    parts.push(
      element(entity, text.slice(entity.offset, end), marked(text, inner, entity.offset, end)),
    );
    entities = rest.filter((one) => one.offset >= end);
    at = end;
  }
  return [...parts, text.slice(at, to)].filter((part) => part !== "");
}

function element(entity, text, children) {
  if (TAGS[entity.type]) return make(TAGS[entity.type], {}, ...children);
  if (entity.type === "bot_command") {
    return make("button", { type: "button", class: "command", "data-command": text }, ...children);
  }
  if (entity.type === "spoiler") {
    const shown = make(
      "span",
      { class: "spoiler", onclick: () => shown.classList.add("seen") },
      ...children,
    );
    return shown;
  }
  if (["url", "text_link", "email"].includes(entity.type)) {
    const address = entity.url ?? (entity.type === "email" ? `mailto:${text}` : text);
    if (URL.canParse(address) && LINKS.includes(new URL(address).protocol)) {
      return make(
        "a",
        { href: address, target: "_blank", rel: "noopener noreferrer" },
        ...children,
      );
    }
  }
  return make("span", {}, ...children);
}

// What a message comes to in a line: for quotes, the list of chats and the screen reader.
export function summary(message) {
  if (!message) return say("gone");
  if (message.service) return service(message);
  return [kindOf(message.attachment), message.words]
    .filter(Boolean)
    .join(" · ")
    .replaceAll("\n", " ");
}

function kindOf(attachment) {
  if (!attachment) return "";
  if (attachment.kind === "document") return attachment.name;
  return { photo: say("as-photo"), sticker: say("as-sticker") }[attachment.kind] ?? attachment.kind;
}

function service(message) {
  const { new_chat_members: joined, left_chat_member: left } = message.service;
  const names = (joined ?? [left])
    .filter(Boolean)
    .map((one) => one.first_name)
    .join(", ");
  if (joined) return say("joined", { names });
  if (left) return say("left", { names });
  return Object.keys(message.service).join(", ").replaceAll("_", " ");
}

export function bubble(message) {
  if (message.service) {
    return make("p", { class: "service", "data-id": message.id }, service(message));
  }
  const own = message.from === store.person;
  const inGroup = message.chat < 0;
  const content = make(
    "div",
    { class: message.attachment?.kind === "sticker" ? "bubble bare" : "bubble" },
    inGroup && !own ? make("span", { class: "who" }, message.name) : null,
    message.reply_to ? quote(message) : null,
    attachment(message),
    message.words
      ? make("span", { class: "words" }, ...marked(message.words, message.entities))
      : null,
    make(
      "span",
      { class: "meta" },
      `${message.edited ? `${say("edited")} ` : ""}${clock(message.date)}`,
    ),
    make(
      "button",
      {
        type: "button",
        class: "icon more",
        "aria-label": say("actions"),
        "aria-haspopup": "menu",
        tabindex: -1,
      },
      icon("more"),
    ),
  );
  return make(
    "article",
    {
      class: own ? "message own" : "message",
      "data-id": message.id,
      tabindex: -1,
      "aria-label": `${own ? say("you") : message.name}: ${summary(message)}`,
    },
    content,
    message.reactions.length
      ? make(
          "p",
          { class: "reactions" },
          ...message.reactions.map((emoji) => make("span", {}, emoji)),
        )
      : null,
    message.keyboard.length ? keyboard(message) : null,
  );
}

function quote(message) {
  const original = messagesOf(message.chat).get(message.reply_to);
  return make(
    "button",
    { type: "button", class: "quote", "data-to": message.reply_to },
    original ? make("b", {}, original.name) : null,
    make("span", {}, summary(original)),
  );
}

function attachment({ attachment: file, id }) {
  if (!file) return null;
  if (file.kind === "photo") {
    const image = make("img", {
      src: file.small,
      width: file.width,
      height: file.height,
      alt: "",
      loading: "lazy",
      decoding: "async",
    });
    return make(
      "button",
      { type: "button", class: "photo", "data-photo": id, "aria-label": say("open-photo") },
      image,
    );
  }
  if (file.kind === "sticker" && file.width) {
    return make("img", {
      class: "sticker",
      src: file.src,
      width: file.width,
      height: file.height,
      alt: say("as-sticker"),
    });
  }
  if (!file.src) return make("span", {}, `[${file.kind}]`);
  const thumbnail = file.small ? make("img", { src: file.small, alt: "" }) : icon("file");
  return make(
    "a",
    { class: "file", href: file.src, download: file.name },
    thumbnail,
    make("b", { dir: "auto" }, file.name),
    make("small", {}, size(file.size)),
  );
}

function keyboard(message) {
  const key = (one) =>
    one.url
      ? make(
          "a",
          {
            class: "key",
            href: LINKS.includes(new URL(one.url, "http://x").protocol) ? one.url : null,
            target: "_blank",
            rel: "noopener noreferrer",
          },
          one.text,
        )
      : make("button", { type: "button", class: "key", "data-key": one.data }, one.text);
  const rows = message.keyboard.map((row) => make("div", {}, ...row.map(key)));
  return make("div", { class: "keys", role: "group", "aria-label": say("keys") }, ...rows);
}
