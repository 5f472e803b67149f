// The panel at the side: settings, scenes to watch, and faults for people who work on the bot.

import { $, $$, fill, icon, make } from "./dom.js";
import { act, chatBy, me, store } from "./store.js";
import { languages, nameOf, say } from "./words.js";

const panel = $("#panel");
let opener = null;

export function themed() {
  const theme = localStorage.getItem("theme") ?? "";
  document.documentElement.dataset.theme = theme;
  $("#theme").value = theme;
}

export function refresh(goTo) {
  const { setting } = store;
  fill($("#language"), languages, (code) =>
    make("option", { value: code, lang: code }, nameOf(code)),
  );
  const primary = me().language.split("-")[0];
  $("#language").value = languages.find((one) => one.split("-")[0] === primary) ?? "en";
  $("#privacy").checked = setting.privacy;
  $("#blocked").checked = chatBy(store.person)?.blocked ?? false;
  for (const radio of $$("[name=network]")) radio.checked = radio.value === setting.network;
  $("#bot-status").textContent = say(`bot-${setting.state}`);
  const absent = setting.state === "absent";
  const useless = { start: !absent, kill: absent, "kill-engine": setting.state !== "ready" };
  for (const button of $$("[data-bot]")) button.disabled = useless[button.dataset.bot] ?? false;
  drawScenes(goTo);
}

function drawScenes(goTo) {
  const { titles, playing, failure, person, chats } = store.setting.scenes;
  const play = async (title) => {
    if (await act("scene", { title })) goTo(person, chats[title]);
  };
  const rows = titles.map((title) => ({ title, current: String(title === playing) }));
  fill($("#scenes ol"), rows, ({ title, current }) => {
    const told = { type: "button", lang: "en", dir: "ltr", "aria-current": current };
    return make(
      "li",
      {},
      make("button", { ...told, onclick: () => play(title) }, icon("play"), title),
    );
  });
  $("#stop-scene").hidden = !playing;
  const broken = failure && say("broke-off", { why: failure });
  $("#scene-status").textContent = playing ? say("playing", { title: playing }) : broken;
}

function open(section, title, by) {
  for (const one of $$("section", panel)) one.hidden = one.id !== section;
  $("#panel-title").textContent = say(title);
  panel.hidden = false;
  opener = by;
  document.body.dataset.view = "chat";
  $("#close-panel").focus();
}

function close() {
  panel.hidden = true;
  opener?.focus();
}

for (const section of ["scenes", "faults", "settings"]) {
  $(`#open-${section}`).addEventListener("click", (event) =>
    open(section, section, event.currentTarget),
  );
}
$("#close-panel").addEventListener("click", close);
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});

$("#theme").addEventListener("change", (event) => {
  localStorage.setItem("theme", event.target.value);
  themed();
});
$("#language").addEventListener("change", (event) =>
  act("language", { person: store.person, language: event.target.value }),
);
$("#privacy").addEventListener("change", (event) => act("privacy", { mode: event.target.checked }));
$("#blocked").addEventListener("change", (event) =>
  act("block", { person: store.person, blocked: event.target.checked }),
);
$("#newcomer").addEventListener("submit", (event) => {
  event.preventDefault();
  act("person", {
    name: event.target.elements.name.value,
    language: document.documentElement.lang,
  });
  event.target.reset();
});
for (const radio of $$("[name=network]"))
  radio.addEventListener("change", () => act("network", { network: radio.value }));
for (const button of $$("[data-bot]"))
  button.addEventListener("click", () => act("bot", { what: button.dataset.bot }));
$("#stop-scene").addEventListener("click", () => act("scene", { title: "" }));
