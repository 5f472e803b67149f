// Writing: text, commands, answers, files.

import { summary } from "./bubbles.js";
import { $, $$, icon, make, openMenu } from "./dom.js";
import { act, chat, messagesOf, send, store } from "./store.js";
import { say } from "./words.js";

const text = $("#text");
const commands = $("#commands");
const context = $("#context");
const sheet = $("#sheet");
const drafts = new Map();
let reply = null; // the message that is answered
let edited = null; // the message of one's own that is written anew
let menu = {}; // commands and description, as the server has them
let picked = [];

export const description = () => menu.description ?? "";

// Show what can be written here by whoever speaks now.
export async function refresh() {
  const here = chat();
  const fresh = here.private && !here.started;
  const blocked = here.private && here.blocked;
  $("#line").hidden = fresh || blocked;
  $("#begin").hidden = !fresh || blocked;
  $("#unblock").hidden = !blocked;
  const key = `person=${store.person}&chat=${store.chat}`;
  const answer = await fetch(`menu?${key}`);
  if (answer.ok && key === `person=${store.person}&chat=${store.chat}`) {
    menu = await answer.json();
    // Whoever was quicker than the menu is offered its commands now.
    if (text.value.startsWith("/")) suggest();
  }
}

export function enter() {
  text.value = drafts.get(`${store.person} ${store.chat}`) ?? "";
  dismiss();
  // An app keeps asking for the forced answer until it has been given (Bot API, "ForceReply").
  const last = [...messagesOf(store.chat).values()].findLast((one) => !one.service);
  if (last) heard(last);
}

// A message has come: perhaps it wants an answer from whoever speaks, or is that answer.
export function heard(message) {
  if (message.from === store.person) {
    if (reply && message.reply_to === reply.id) dismiss();
    return;
  }
  if (!message.force_reply) return;
  const original = messagesOf(message.chat).get(message.reply_to);
  const named = message.entities.some((one) => one.user?.id === store.person);
  if (message.force_reply.selective && !named && original?.from !== store.person) return;
  const { activeElement } = document;
  const free = activeElement === document.body || $("main").contains(activeElement);
  answer(message, message.force_reply.input_field_placeholder, free);
}

export function answer(message, placeholder = "", focus = true) {
  [reply, edited] = [message, null];
  showContext(message.name, summary(message), "reply");
  text.placeholder = placeholder || say("write");
  // On a phone the keyboard would cover what is asked.
  if (focus && matchMedia("(hover: hover)").matches) text.focus();
}

export function rewrite(message) {
  [reply, edited] = [null, message];
  text.value = message.words;
  showContext(say("edit"), summary(message), "edit");
  text.focus();
}

function showContext(title, words, name) {
  context.hidden = false;
  $("svg use", context).setAttribute("href", `static/icons.svg#${name}`);
  $("b", context).textContent = title;
  $("span", context).textContent = words;
}

export function dismiss() {
  if (edited) text.value = "";
  [reply, edited] = [null, null];
  context.hidden = true;
  text.placeholder = say("write");
  suggest();
}

export async function submit(words) {
  if (edited) {
    if (
      await act("edit", { person: store.person, chat: store.chat, message: edited.id, text: words })
    )
      dismiss();
    return;
  }
  if (await send({ text: words, replyTo: reply?.id })) dismiss();
}

// In a group a command from the menu names the bot, as Telegram's apps have it.
export const addressed = (command) =>
  chat().private || command.includes("@") ? command : `${command}@${store.setting.bot.username}`;

function suggest(all = false) {
  const typed = /^\/(\w*)$/.exec(text.value);
  const fitting =
    all || typed
      ? (menu.commands ?? []).filter((one) => all || one.command.startsWith(typed[1]))
      : [];
  commands.replaceChildren(
    ...fitting.map((one, index) =>
      make(
        "li",
        {
          role: "option",
          id: `command-${index}`,
          "data-command": `/${one.command}`,
          "aria-selected": "false",
        },
        make("b", { dir: "ltr" }, `/${one.command}`),
        make("span", { dir: "auto" }, one.description),
      ),
    ),
  );
  commands.hidden = !fitting.length;
  text.setAttribute("aria-expanded", String(Boolean(fitting.length)));
  text.removeAttribute("aria-activedescendant");
}

function select(step) {
  const items = $$("li", commands);
  const now = items.findIndex((one) => one.ariaSelected === "true");
  const next = items[(now + step + items.length + (now < 0 && step < 0 ? 1 : 0)) % items.length];
  for (const item of items) item.ariaSelected = String(item === next);
  text.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function pick(command) {
  text.value = "";
  suggest();
  submit(addressed(command));
}

text.addEventListener("input", () => {
  drafts.set(`${store.person} ${store.chat}`, text.value);
  suggest();
});
text.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (!commands.hidden && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    select(event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  } else if (event.key === "Escape") {
    if (!commands.hidden) commands.hidden = true;
    else dismiss();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    const chosen = $('[aria-selected="true"]', commands);
    if (chosen && !commands.hidden) pick(chosen.dataset.command);
    else $("#composer").requestSubmit();
  }
});
commands.addEventListener("click", (event) => pick(event.target.closest("li").dataset.command));
$("#composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return text.focus();
  text.value = "";
  drafts.delete(`${store.person} ${store.chat}`);
  suggest();
  submit(words);
});
$("button", context).addEventListener("click", dismiss);
$("#menu").addEventListener("click", async () => {
  await refresh();
  suggest(commands.hidden);
  text.focus();
});
$("#begin").addEventListener("click", () => submit("/start"));
$("#unblock").addEventListener("click", () =>
  act("block", { person: store.person, blocked: false }),
);

// Files: from a dialog, the camera, the clipboard or dropped; looked at before they go.

const choices = $("#choices");
$("#attach").addEventListener("click", (event) => {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  openMenu(choices, left - 120, top - 215);
});
choices.addEventListener("click", async (event) => {
  const what = event.target.closest("[data-pick]")?.dataset.pick;
  if (!what) return;
  choices.hidePopover();
  if (what !== "samples") return $(`#${what}`).click();
  const samples = ["content", "style"].map(async (name) => {
    const blob = await (await fetch(`sample/${name}`)).blob();
    return new File([blob], `${name}.jpg`, { type: blob.type });
  });
  offer(await Promise.all(samples));
});
for (const input of $$("input[type=file]", choices)) {
  input.addEventListener("change", () => {
    offer([...input.files], input.id === "files" ? "document" : "");
    input.value = "";
  });
}
document.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) {
    event.preventDefault();
    offer([...event.clipboardData.files]);
  }
});
let depth = 0; // dragenter and dragleave come for every element on the way
addEventListener("dragenter", (event) => {
  depth += 1;
  document.body.classList.toggle("dropping", event.dataTransfer.types.includes("Files"));
});
addEventListener("dragleave", () => {
  depth -= 1;
  if (depth <= 0) document.body.classList.remove("dropping");
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  document.body.classList.remove("dropping");
  offer([...event.dataTransfer.files]);
});

export function offer(files, kind = "") {
  if (!files.length || $("#line").hidden) return;
  picked = [...(sheet.open ? picked : []), ...files].map((file) => ({
    file: file.file ?? file,
    url: file.url ?? URL.createObjectURL(file),
  }));
  const pictures = picked.every((one) => one.file.type.startsWith("image/"));
  const wanted = kind || (pictures ? "photo" : "document");
  for (const radio of $$("[name=kind]", sheet)) {
    radio.checked = radio.value === wanted;
    radio.disabled = !pictures && radio.value === "sticker";
  }
  if (!sheet.open) {
    $("#caption").value = text.value;
    sheet.showModal();
  }
  drawPicked();
  $("#send-sheet").focus();
}

function drawPicked() {
  $("#picked").replaceChildren(
    ...picked.map((one, index) => {
      const image = make("img", { src: one.url, alt: one.file.name });
      image.addEventListener("error", () => image.replaceWith(one.file.name));
      const away = () => {
        picked.splice(index, 1);
        if (picked.length) drawPicked();
        else sheet.close();
      };
      return make(
        "li",
        {},
        image,
        make(
          "button",
          { type: "button", "aria-label": say("remove", { name: one.file.name }), onclick: away },
          icon("close"),
        ),
      );
    }),
  );
}

$("#cancel-sheet").addEventListener("click", () => sheet.close());
sheet.addEventListener("close", () => {
  for (const one of picked) URL.revokeObjectURL(one.url);
  picked = [];
});
$("form", sheet).addEventListener("submit", async () => {
  const kind = $("[name=kind]:checked", sheet).value;
  const files = picked.map((one) => one.file);
  const caption = kind === "sticker" ? "" : $("#caption").value;
  text.value = kind === "sticker" ? text.value : "";
  if (await send({ text: caption, replyTo: reply?.id, kind, files })) dismiss();
});
