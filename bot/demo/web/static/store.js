// What the page knows, all of it from the server's one stream; and what it asks the server to do.

import { toast } from "./dom.js";
import { say } from "./words.js";

export const store = {
  setting: null,
  messages: new Map(), // by chat, then by message id
  person: Number(sessionStorage.getItem("person")) || 0,
  chat: Number(sessionStorage.getItem("chat")) || 0,
  unread: new Map(), // by chat
};

export const me = () => store.setting.people.find((one) => one.id === store.person);
export const chatBy = (id) => store.setting.chats.find((one) => one.id === id);
export const chat = () => chatBy(store.chat);
export const messagesOf = (id) =>
  store.messages.get(id) ?? store.messages.set(id, new Map()).get(id);
export const isMine = (one) =>
  one.private ? one.id === store.person : one.members.includes(store.person);
export const myChats = () => store.setting.chats.filter(isMine);

export function choose(person, chatId) {
  Object.assign(store, { person, chat: chatId });
  store.unread.delete(chatId);
  sessionStorage.setItem("person", person);
  sessionStorage.setItem("chat", chatId);
}

export function take(setting) {
  store.setting = setting;
  const person = me() ?? setting.people[0];
  const mine =
    chat() && (chat().private ? store.chat === person.id : chat().members.includes(person.id));
  choose(person.id, mine ? store.chat : person.id);
}

// Returns what the server answers, or null after telling why it refused.
async function post(path, options) {
  let error = "offline";
  try {
    const response = await fetch(path, { method: "POST", ...options });
    const body = await response.json();
    if (response.ok) return body;
    error = body.error;
  } catch (failure) {
    console.warn(failure);
  }
  toast(say(`error-${error}`));
  return null;
}

export const act = (name, body) => post(`act/${name}`, { body: JSON.stringify(body) });

export function send({ text, replyTo, kind, files = [] }) {
  const form = new FormData();
  const fields = {
    person: store.person,
    chat: store.chat,
    text,
    reply_to: replyTo ?? "",
    kind: kind ?? "",
  };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append("file", file, file.name);
  return post("send", { body: form });
}

// Calls `heard` with each change, from the first that holds everything; comes back after a break.
export function listen(heard, broken) {
  const stream = new EventSource("stream");
  stream.onmessage = (event) => heard(JSON.parse(event.data));
  stream.onerror = broken;
}
