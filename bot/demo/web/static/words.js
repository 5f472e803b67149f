// The page's own words, in the language of whoever speaks. What the bot says comes from the bot.

import { $$ } from "./dom.js";

const all = await (await fetch("static/words.json")).json();
const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];
let language = "en";

export const languages = Object.keys(all);

// The word by this key, with {name} filled in; in English where the language has none.
export function say(key, values = {}) {
  const words = all[language]?.[key] ?? all.en[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function speak(code) {
  const primary = code.split("-")[0];
  language = all[code] ? code : (languages.find((one) => one.split("-")[0] === primary) ?? "en");
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(primary) ? "rtl" : "ltr";
  for (const element of $$("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of $$("[data-placeholder]"))
    element.placeholder = say(element.dataset.placeholder);
  for (const element of $$("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    if (element.matches("button, a")) element.title = say(element.dataset.label);
  }
}

export const nameOf = (code) => new Intl.DisplayNames([code], { type: "language" }).of(code);
export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
export const size = (bytes) =>
  bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
