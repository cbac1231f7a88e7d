// SPDX-License-Identifier: MIT
// What the app wrote, and what the simulator says.

import { byId, el, say, setText, timeOfDay } from "./dom.js";

const MOST = 5000;
const lines = byId("lines");
let last = 0;
let inTraceback = false;

export function addLines(news) {
  const fresh = news.filter(([number]) => number > last); // after a break of the connection all come again
  if (!fresh.length) return;
  const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 30;
  lines.append(...fresh.slice(-MOST).map(show));
  while (lines.childElementCount > MOST) lines.firstElementChild.remove();
  last = fresh.at(-1)[0];
  count();
  if (atEnd) lines.scrollTop = lines.scrollHeight;
}

function show([, at, stream, text]) {
  const begins = stream === "stderr" && text.startsWith("Traceback (");
  const marked = begins || (inTraceback && stream === "stderr");
  // It ends with the line of the exception, which is not indented.
  inTraceback = begins || (marked && text.startsWith(" "));
  const kind = marked ? `${stream} traceback${begins ? " begins" : ""}` : stream;
  return el("div", { class: kind }, el("time", {}, timeOfDay(at)), el("span", {}, text || " "));
}

function count() {
  setText(byId("log-count"), `${lines.childElementCount} lines`);
}

byId("log-clear").addEventListener("click", () => {
  lines.replaceChildren();
  count();
});

byId("log-copy").addEventListener("click", async () => {
  const text = [...lines.children].map((line) => `${line.firstChild.textContent} ${line.lastChild.textContent}\n`).join("");
  try {
    await navigator.clipboard.writeText(text);
    say("The log is copied.", 2);
  } catch {
    say("The browser does not let the page copy: select the text.");
  }
});
