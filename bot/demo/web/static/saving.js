// The conversation as one HTML file, with its pictures and without a script.

import { $, $$, make } from "./dom.js";
import { chat } from "./store.js";

export async function save() {
  const copy = $("#flow").cloneNode(true);
  for (const one of $$(".more, .empty", copy)) one.remove();
  for (const element of [copy, ...$$("*", copy)]) {
    for (const name of [
      "id",
      "tabindex",
      "data-id",
      "data-key",
      "data-command",
      "data-photo",
      "data-to",
      "loading",
    ])
      element.removeAttribute(name);
  }
  // Buttons have done what they do; here they are only read.
  for (const button of $$("button", copy)) {
    const shown = make("span", { class: button.className }, ...button.childNodes);
    button.replaceWith(shown);
  }
  for (const image of $$("img", copy)) image.src = await inlined(image.getAttribute("src"));
  for (const link of $$("a.file", copy)) link.href = await inlined(link.getAttribute("href"));
  const page = document.implementation.createHTMLDocument(`${chat().title}`);
  page.documentElement.lang = document.documentElement.lang;
  page.documentElement.dir = document.documentElement.dir;
  const style = (await (await fetch("static/style.css")).text()).replaceAll("#flow", ".flow");
  const own = "body { display: block; overflow: auto; height: auto; background: var(--wall-1); } ";
  page.head.append(
    make("meta", { charset: "utf-8" }),
    make("meta", { name: "viewport", content: "width=device-width" }),
  );
  copy.className = "flow";
  page.body.append(copy);
  // As text: a style element made here would have to obey this page's own policy.
  const html = page.documentElement.outerHTML.replace(
    "</head>",
    () => `<style>${style}${own}</style></head>`,
  );
  const blob = new Blob(["<!doctype html>\n", html], { type: "text/html" });
  const link = make("a", {
    href: URL.createObjectURL(blob),
    download: "atelier-conversation.html",
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function inlined(address) {
  const blob = await (await fetch(address)).blob();
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
}
