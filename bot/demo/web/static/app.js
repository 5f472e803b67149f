// The page: hears of every change, shows it, and sends what people do.

import { summary } from "./bubbles.js";
import * as composer from "./composer.js";
import { $, $$, fill, make, openMenu, toast } from "./dom.js";
import * as log from "./log.js";
import * as panel from "./panel.js";
import { save } from "./saving.js";
import {
  act,
  chat,
  choose,
  isMine,
  listen,
  me,
  messagesOf,
  myChats,
  store,
  take,
} from "./store.js";
import { openPhoto } from "./viewer.js";
import { say, speak } from "./words.js";

const ACTION_MS = 5500; // how long "is typing" lasts (Bot API, "sendChatAction")
const PATIENCE_MS = 30_000;
const REACTIONS = ["👍", "❤", "🔥", "🎉", "👀"];
const pressed = new Map(); // buttons that wait for the bot's answer, by query
let acting = null;
let language = "";

function goTo(person, chatId) {
  choose(person, chatId);
  drawAll();
  document.body.dataset.view = "chat";
}

function drawAll() {
  drawSetting();
  log.draw();
  composer.enter();
}

function drawSetting() {
  if (me().language !== language) {
    language = me().language;
    speak(language);
  }
  drawPeople();
  drawChats();
  drawHeading();
  panel.refresh(goTo);
  composer.refresh().then(() => log.drawEmpty(composer.description() || say("empty")));
}

function drawPeople() {
  const option = ({ id, name }) => make("option", { value: id }, name);
  const { people } = store.setting;
  const cast = { label: say("scenes"), people: people.filter((one) => one.scripted) };
  fill($("#person"), [...people.filter((one) => !one.scripted), cast], (one) =>
    one.people ? make("optgroup", { label: one.label }, ...one.people.map(option)) : option(one),
  );
  $("#person").value = store.person;
}

function avatar(element, one) {
  element.textContent = one.title[0];
  element.className = one.private ? "avatar bot" : "avatar";
  element.style.setProperty("--hue", (Math.abs(one.id) * 67) % 360);
  return element;
}

function drawChats() {
  const rows = myChats().map((one) => {
    const last = [...messagesOf(one.id).values()].at(-1);
    return {
      one,
      current: one.id === store.chat,
      unread: store.unread.get(one.id) ?? "",
      last: last ? summary(last) : say("nothing-yet"),
    };
  });
  fill($("#chats"), rows, ({ one, current, unread, last }) => {
    const button = make(
      "button",
      { type: "button", "data-chat": one.id, "aria-current": String(current) },
      avatar(make("span", { "aria-hidden": "true" }), one),
      make("b", {}, one.title),
      make("span", { class: "badge" }, String(unread)),
      make("small", {}, last),
    );
    return make("li", {}, button);
  });
}

function drawHeading() {
  const here = chat();
  const { state, network, people } = store.setting;
  avatar($("#avatar"), here);
  $("#title").textContent = here.title;
  const names = people.filter((one) => here.members.includes(one.id)).map((one) => one.name);
  $("#status").textContent =
    acting?.chat === here.id ? say("typing") : here.private ? say("bot") : names.join(", ");
  $("#status").classList.toggle("typing", acting?.chat === here.id);
  const notices = [
    state === "ready" ? "" : say(`bot-${state}`),
    network === "fine" ? "" : say(`network-${network}`),
  ];
  $("#notice").textContent = notices.filter(Boolean).join(" · ");
  $("#notice").hidden = !$("#notice").textContent;
}

function offline() {
  $("#notice").textContent = say("error-offline");
  $("#notice").hidden = false;
}

const hear = {
  state({ setting, messages }) {
    store.messages.clear();
    for (const message of messages) messagesOf(message.chat).set(message.id, message);
    take(setting);
    drawAll();
  },
  setting({ setting }) {
    const before = [store.chat, language];
    take(setting);
    drawSetting();
    if (store.chat !== before[0] || language !== before[1]) log.draw();
  },
  message({ message, new: isNew }) {
    messagesOf(message.chat).set(message.id, message);
    if (acting?.chat === message.chat) stopActing();
    if (message.chat === store.chat) {
      if (isNew) {
        log.add(message);
        composer.heard(message);
      } else log.change(message);
    } else if (
      isNew &&
      isMine(store.setting.chats.find((one) => one.id === message.chat) ?? { members: [] })
    ) {
      store.unread.set(message.chat, (store.unread.get(message.chat) ?? 0) + 1);
    }
    drawChats();
  },
  delete({ chat: place, id }) {
    messagesOf(place).delete(id);
    if (place === store.chat) log.remove(id);
    drawChats();
  },
  action({ chat: place }) {
    clearTimeout(acting?.timer);
    acting = { chat: place, timer: setTimeout(stopActing, ACTION_MS) };
    drawHeading();
  },
  press({ chat: place, person, text }) {
    const { people } = store.setting;
    if (place === store.chat && people.find((one) => one.id === person)?.scripted) {
      toast(say("presses", { name: people.find((one) => one.id === person).name, button: text }));
    }
  },
  answer({ person, query, text, alert }) {
    settle(query);
    if (!text || person !== store.person) return;
    if (!alert) return toast(text);
    $("#alert-text").textContent = text;
    if (!$("#alert").open) $("#alert").showModal();
  },
};

function stopActing() {
  clearTimeout(acting?.timer);
  acting = null;
  drawHeading();
}

// Press a button; it waits until the bot answers.
async function press(key) {
  const message = log.idOf(key);
  const data = key.dataset.key;
  key.setAttribute("aria-busy", "true");
  const place = { person: store.person, chat: store.chat, message };
  const sent = await act("press", { ...place, data });
  if (!sent) return key.removeAttribute("aria-busy");
  if (pressed.get(sent.query) === "answered") return settle(sent.query, message, data);
  pressed.set(sent.query, { message, data });
  setTimeout(() => settle(sent.query), PATIENCE_MS);
}

function settle(query, message = pressed.get(query)?.message, data = pressed.get(query)?.data) {
  // The answer may come over the stream before the press has returned.
  if (message === undefined) return pressed.set(query, "answered");
  pressed.delete(query);
  const article = log.articleOf(message);
  if (article) log.keyOf(article, data)?.removeAttribute("aria-busy");
}

// What can be done with a message

const actions = $("#actions");
let about = null;

function openActions(article, x, y) {
  about = messagesOf(store.chat).get(log.idOf(article));
  const own = about.from === store.person;
  for (const [name, shown] of Object.entries({
    copy: about.words,
    edit: own && about.words,
    delete: own || chat().private,
  })) {
    $(`[data-do=${name}]`, actions).hidden = !shown;
  }
  openMenu(actions, x, y);
}

$("#reactions").append(
  ...REACTIONS.map((emoji) =>
    make(
      "button",
      { type: "button", role: "menuitem", "data-emoji": emoji, "aria-label": emoji },
      emoji,
    ),
  ),
);
actions.addEventListener("click", (event) => {
  const place = { person: store.person, chat: store.chat, message: about.id };
  const emoji = event.target.closest("[data-emoji]")?.dataset.emoji;
  const what = event.target.closest("[data-do]")?.dataset.do;
  if (!emoji && !what) return;
  actions.hidePopover();
  if (emoji) act("react", { ...place, emoji: about.reactions.includes(emoji) ? "" : emoji });
  if (what === "reply") composer.answer(about);
  if (what === "copy") navigator.clipboard?.writeText(about.words);
  if (what === "edit") composer.rewrite(about);
  if (what === "delete") act("delete", place);
});

$("#log").addEventListener("click", (event) => {
  const { target } = event;
  const key = target.closest("[data-key]");
  const photo = target.closest("[data-photo]");
  const command = target.closest("[data-command]");
  const quote = target.closest("[data-to]");
  const more = target.closest(".more");
  if (key && !key.ariaBusy) press(key);
  else if (photo) openPhoto(messagesOf(store.chat).get(Number(photo.dataset.photo)));
  else if (command) composer.submit(composer.addressed(command.dataset.command));
  else if (quote) log.show(Number(quote.dataset.to));
  else if (more)
    openActions(more, more.getBoundingClientRect().left, more.getBoundingClientRect().bottom);
});
$("#log").addEventListener("contextmenu", (event) => {
  const article = event.target.closest("article");
  if (!article || event.target.closest("a")) return;
  event.preventDefault();
  openActions(article, event.clientX, event.clientY);
});
$("#log").addEventListener("dblclick", (event) => {
  const article = event.target.closest("article");
  if (article && !event.target.closest("button, a"))
    composer.answer(messagesOf(store.chat).get(log.idOf(article)));
});
$("#log").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("article")) return;
  event.preventDefault();
  const { left, top } = event.target.getBoundingClientRect();
  openActions(event.target, left + 40, top + 40);
});

$("#person").addEventListener("change", (event) => {
  const person = Number(event.target.value);
  const here = chat();
  goTo(person, !here.private && here.members.includes(person) ? here.id : person);
});
$("#chats").addEventListener("click", (event) => {
  const one = event.target.closest("[data-chat]");
  if (one) goTo(store.person, Number(one.dataset.chat));
});
$("#back").addEventListener("click", () => {
  document.body.dataset.view = "list";
  $$("#chats button")[0]?.focus();
});
$("#save").addEventListener("click", save);
$("#viewer").addEventListener("close", () => $("#log").focus());

panel.themed();
listen((change) => hear[change.kind]?.(change), offline);
