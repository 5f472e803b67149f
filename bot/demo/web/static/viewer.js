// A photo, large; what it was made from, beside it under a slider.

import { $, $$, make } from "./dom.js";
import { messagesOf, store } from "./store.js";
import { say } from "./words.js";

const MOST = 12;
const viewer = $("#viewer");
const slider = $("#cut-at");

export function openPhoto(message) {
  const { src, width, height } = message.attachment;
  $("#after").src = src;
  $("#after").alt = message.words || say("as-photo");
  $("#viewer-title").textContent = message.words.split("\n")[0] || message.name;
  Object.assign($("#download"), { href: src, download: `atelier-${message.id}.jpg` });
  const others = message.bot ? earlier(message) : [];
  $("#others").hidden = !others.length;
  $("div", $("#others")).replaceChildren(
    ...others.map((one) =>
      make(
        "button",
        {
          type: "button",
          "aria-label": say("as-photo"),
          onclick: (event) => compare(one, event.currentTarget),
        },
        make("img", { src: one.attachment.small, alt: "" }),
      ),
    ),
  );
  compare(null);
  const shape = (one) =>
    Math.abs(Math.log((one.attachment.width / one.attachment.height) * (height / width)));
  // The photo that was painted has the painting's shape; of several such the first of the last two.
  const like = others.filter((one) => shape(one) < 0.03);
  const best = like.at(-2) ?? like.at(-1);
  if (best) compare(best, $$("button", $("#others"))[others.indexOf(best)]);
  viewer.showModal();
  (best ? slider : $("#close-viewer")).focus();
}

function earlier(message) {
  return [...messagesOf(store.chat).values()]
    .filter((one) => one.attachment?.kind === "photo" && !one.bot && one.id < message.id)
    .slice(-MOST);
}

// Lay another photo over the left part, or none.
function compare(other, button = null) {
  for (const one of $$("button", $("#others")))
    one.setAttribute("aria-pressed", String(one === button));
  for (const part of [$("#before"), $("#cut"), slider]) part.hidden = !other;
  if (!other) return $("#before").removeAttribute("src");
  $("#before").src = other.attachment.src;
  slider.value = 50;
  slide();
}

// The slider counts from the picture's own edges, which are not the screen's.
function slide() {
  const area = $("#picture").getBoundingClientRect();
  const { naturalWidth, naturalHeight } = $("#after");
  const scale = Math.min(area.width / naturalWidth, area.height / naturalHeight);
  if (!Number.isFinite(scale)) return; // nothing has been loaded yet
  const [width, height] = [naturalWidth * scale, naturalHeight * scale];
  const [left, top] = [(area.width - width) / 2, (area.height - height) / 2];
  $("#picture").style.setProperty("--cut", `${left + (width * slider.value) / 100}px`);
  const edges = { top: `${top}px`, height: `${height}px` };
  Object.assign($("#cut").style, edges);
  Object.assign(slider.style, { ...edges, left: `${left}px`, width: `${width}px` });
}

slider.addEventListener("input", slide);
$("#after").addEventListener("load", slide);
addEventListener("resize", slide);
$("#close-viewer").addEventListener("click", () => viewer.close());
