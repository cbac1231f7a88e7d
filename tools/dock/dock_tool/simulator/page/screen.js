// SPDX-License-Identifier: MIT
// What the app drew: the newest drawing, or one of the last fifty.

import { byId, el, setText, timeOfDay } from "./dom.js";

const MOST = 50;
const STRIP_MS = 400; // how often the strip is drawn at most

const picture = byId("picture");
const strip = byId("strip");
let drawings = []; // [number, time, width, height]
let chosen = 0; // the number of the one to look back at; 0: the newest
let shown = 0;
let loading = false;
let skipped = 0;
let stripTimer = 0;

export function addDrawings(news) {
  if (!news.length) return;
  // After a break of the connection all come again.
  if (drawings.length && news[0][0] <= drawings.at(-1)[0]) drawings = [];
  drawings = [...drawings, ...news].slice(-MOST);
  if (chosen && !drawings.some(([number]) => number === chosen)) chosen = 0;
  show();
  stripTimer ||= setTimeout(drawStrip, STRIP_MS);
}

function wanted() {
  return drawings.find(([number]) => number === chosen) || drawings.at(-1);
}

// One picture at a time: an app that draws faster than pictures can be made misses some here.
async function show() {
  const drawing = wanted();
  if (!drawing || loading || shown === drawing[0]) return;
  loading = true;
  const [number] = drawing;
  const next = new Image();
  next.src = `drawings/${number}.png`;
  try {
    await next.decode();
    if (!chosen && shown && number > shown + 1) skipped += number - shown - 1;
    picture.src = next.src;
    picture.alt = `Drawing ${number} of the app`;
    picture.hidden = false;
    byId("no-picture").hidden = true;
    byId("save").href = next.src;
    byId("save").download = `screen-${number}.png`;
    describe(drawing);
  } catch {
    if (wanted() === drawing) await refuse(drawing, next.src);
  }
  shown = number;
  loading = false;
  byId("live").hidden = !chosen;
  show();
}

// The number comes first: where there is little room the rest is cut.
function describe([number, at, width, height]) {
  const left = skipped && !chosen ? ` · ${skipped} were too fast to be shown here` : "";
  setText(byId("drawing"), `drawing ${number}${left} · ${timeOfDay(at).slice(0, 8)} · ${width} × ${height}`);
  byId("drawing").title = byId("drawing").textContent;
}

async function refuse(drawing, address) {
  const reason = await fetch(address).then((answer) => answer.text(), () => "no answer");
  describe(drawing);
  picture.hidden = true;
  byId("no-picture").hidden = false;
  setText(byId("no-picture"), reason);
}

function drawStrip() {
  stripTimer = 0;
  const atEnd = strip.scrollLeft + strip.clientWidth >= strip.scrollWidth - 20;
  const there = new Map([...strip.children].map((thumb) => [Number(thumb.dataset.number), thumb]));
  for (const [number, at] of drawings) {
    if (there.delete(number)) continue;
    const image = el("img", { src: `drawings/${number}.png?small`, loading: "lazy", alt: "", width: 96, height: 54 });
    image.addEventListener("error", () => image.replaceWith(el("span", { class: "none" }, "no picture")));
    strip.append(
      el("div", { class: "thumb", role: "option", "data-number": number, title: `drawing ${number}, ${timeOfDay(at)}`, onclick: () => choose(number) }, image, String(number)),
    );
  }
  for (const old of there.values()) old.remove();
  if (atEnd && !chosen) strip.scrollLeft = strip.scrollWidth;
  markStrip();
}

function markStrip() {
  const number = wanted()?.[0];
  for (const thumb of strip.children) thumb.setAttribute("aria-selected", Number(thumb.dataset.number) === number);
}

function choose(number) {
  chosen = number === drawings.at(-1)?.[0] ? 0 : number;
  byId("live").hidden = !chosen;
  show();
  markStrip();
  strip.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

strip.addEventListener("keydown", (event) => {
  const at = drawings.findIndex(([number]) => number === wanted()?.[0]);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: drawings.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (drawings[to]) choose(drawings[to][0]);
});

export const focusStrip = () => strip.focus();

export function openFull() {
  if (picture.hidden) return;
  byId("full-picture").src = picture.src;
  byId("full-dialog").showModal();
}

export function savePicture() {
  if (!picture.hidden) byId("save").click();
}

byId("live").addEventListener("click", () => choose(drawings.at(-1)[0]));
byId("full").addEventListener("click", openFull);
picture.addEventListener("click", openFull);
byId("full-dialog").addEventListener("click", () => byId("full-dialog").close());
