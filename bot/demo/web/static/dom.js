// Elements made by calls: what people or the bot wrote never becomes markup.

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// make("b", {class: "who", onclick: f}, "text", another, null)
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `static/icons.svg#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// Fill an element anew if what it shows has changed; the focus stays at the same place in it.
const filled = new WeakMap();
export function fill(parent, data, build) {
  const key = JSON.stringify(data);
  if (filled.get(parent) === key) return;
  filled.set(parent, key);
  const focused = $$("button", parent).indexOf(document.activeElement);
  parent.replaceChildren(...data.map(build));
  if (focused >= 0) $$("button", parent)[focused]?.focus();
}

export function toast(text) {
  const shown = make("p", { dir: "auto" }, text);
  $("#toasts").append(shown);
  setTimeout(() => shown.remove(), 4000 + 40 * text.length);
}

export function announce(text) {
  $("#announcer").textContent = text;
}

// A menu of buttons beside what opened it; arrows move in it, Escape closes it.
export function openMenu(menu, x, y) {
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
  $$("button:not([hidden])", menu)[0]?.focus();
  menu.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const items = $$("button:not([hidden])", menu);
    const next = items.indexOf(document.activeElement) + step;
    items[(next + items.length) % items.length].focus();
    event.preventDefault();
  };
}
