// The conversation: messages in their order, changed in place, with the view kept where it is.

import { bubble, summary } from "./bubbles.js";
import { $, $$, announce, make } from "./dom.js";
import { messagesOf, store } from "./store.js";
import { say } from "./words.js";

const DECODE_MS = 600;
const NEAR_END = 120;
const log = $("#log");
const flow = $("#flow");
const newest = $("#newest");
let unseen = 0;
let following = true; // stay at the end, whatever grows
let seen = { top: 0, height: 0 };

export const articleOf = (id) => $(`[data-id="${id}"]`, log);
export const idOf = (element) => Number(element.closest("[data-id]")?.dataset.id);

export function draw() {
  flow.replaceChildren();
  for (const message of messagesOf(store.chat).values()) place(message);
  unseen = 0;
  toEnd();
}

export function drawEmpty(text) {
  if (!messagesOf(store.chat).size)
    flow.replaceChildren(make("p", { class: "empty", dir: "auto" }, text));
}

export function add(message) {
  const follow = following || message.from === store.person;
  $(".empty", log)?.remove();
  place(message).classList.add("fresh");
  if (message.from !== store.person) announce(`${message.name}: ${summary(message)}`);
  if (follow) return toEnd();
  unseen += 1;
  showNewest();
}

// Put an edited message where it stood; a new picture first loads, so that nothing flickers.
export async function change(message) {
  const made = bubble(message);
  const image = $(".photo img", made);
  if (image) {
    image.loading = "eager";
    const late = new Promise((done) => setTimeout(done, DECODE_MS));
    await Promise.race([image.decode().catch(() => {}), late]);
  }
  const old = articleOf(message.id);
  if (!old || messagesOf(store.chat).get(message.id) !== message) return;
  if (old.classList.contains("joined")) made.classList.add("joined");
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  for (const key of $$('.key[aria-busy="true"]', old))
    keyOf(made, key.dataset.key)?.setAttribute("aria-busy", "true");
  // Else it counts as a line high until it has been drawn, and the view jumps.
  made.style.containIntrinsicBlockSize = `auto ${old.offsetHeight}px`;
  old.replaceWith(made);
  if (focused) (keyOf(made, focused.dataset.key) ?? made).focus({ preventScroll: true });
}

export function remove(id) {
  const album = articleOf(id)?.closest(".album");
  articleOf(id)?.remove();
  if (album && !album.children.length) album.remove();
}

export const keyOf = (article, data) => $$(".key", article).find((key) => key.dataset.key === data);

export function show(id) {
  const found = articleOf(id);
  found?.scrollIntoView({ block: "center" });
  found?.focus();
}

function place(message) {
  const made = bubble(message);
  const last = flow.lastElementChild;
  if (message.album) {
    const album =
      last?.dataset.album === message.album
        ? last
        : make("div", {
            class: `album${message.from === store.person ? " own" : ""}`,
            role: "group",
            "data-album": message.album,
            "aria-label": say("album"),
          });
    album.append(made);
    if (album !== last) flow.append(album);
    return made;
  }
  const before = messagesOf(store.chat).get(Number(last?.dataset.id));
  if (before && before.from === message.from && !before.service) {
    made.classList.add("joined");
    if (!message.service) $(".who", made)?.remove();
  }
  flow.append(made);
  return made;
}

const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;

export function toEnd() {
  following = true;
  unseen = 0;
  log.scrollTop = log.scrollHeight;
  showNewest();
}

function showNewest() {
  newest.hidden = following;
  $(".badge", newest).textContent = unseen || "";
}

log.addEventListener(
  "scroll",
  () => {
    if (isAtEnd()) [following, unseen] = [true, 0];
    // Upwards by somebody's hand, rather than since something has become smaller.
    else if (log.scrollTop < seen.top && log.scrollHeight >= seen.height) following = false;
    seen = { top: log.scrollTop, height: log.scrollHeight };
    showNewest();
  },
  { passive: true },
);
const growth = new ResizeObserver(() => {
  if (following) log.scrollTop = log.scrollHeight;
});
growth.observe(flow);
growth.observe(log);
newest.addEventListener("click", toEnd);

// By keyboard: arrows go from message to message, Enter opens what can be done with one.
log.addEventListener("keydown", (event) => {
  const messages = $$(".message", log);
  const here = messages.indexOf(event.target.closest(".message"));
  const go = {
    ArrowUp: here < 0 ? messages.length - 1 : here - 1,
    ArrowDown: here + 1,
    Home: 0,
    End: messages.length - 1,
  }[event.key];
  if (go === undefined || !messages[go]) return;
  messages[go].focus();
  messages[go].scrollIntoView({ block: "nearest" });
  event.preventDefault();
});
