// SPDX-License-Identifier: MIT
// All that is known of one exchange: fields both ways, the bodies, the error.

import { byId, bytes, duration, el, say } from "./dom.js";
import { decode, showBody } from "./body.js";

const pane = byId("details");
let wanted = null; // [key, hop]
let secrets = false;
let views = {}; // how bodies are shown: the person's choice
let timer = 0;

export function clearDetails() {
  wanted = null;
  pane.replaceChildren(el("p", { class: "quiet" }, "Select a request: its header fields and bodies are shown here."));
}

export function showDetails(key, hop, request) {
  if (wanted?.[0] !== key || wanted?.[1] !== hop) {
    secrets = false;
    views = {};
    pane.scrollTop = 0;
  }
  wanted = [key, hop, request];
  // A request in progress changes often: it is asked for at most five times a second.
  timer ||= setTimeout(load, pane.childElementCount > 1 && pane.dataset.key === `${key}/${hop}` ? 200 : 0);
}

async function load() {
  timer = 0;
  if (!wanted) return;
  const [key, hop, request] = wanted;
  const answer = await fetch(`requests/${key}/${hop}${secrets ? "?secrets" : ""}`).catch(() => null);
  if (wanted?.[0] !== key || wanted?.[1] !== hop) return;
  if (!answer?.ok) {
    pane.replaceChildren(el("p", { class: "quiet" }, answer ? await answer.text() : "The simulator does not answer."));
    return;
  }
  const top = pane.scrollTop;
  draw(await answer.json(), request, request.hops[hop], `${key}/${hop}`);
  pane.scrollTop = top;
}

function draw(told, request, hop, key) {
  if (!getSelection().isCollapsed && pane.contains(getSelection().anchorNode)) return; // do not take a selection away
  pane.dataset.key = key;
  const curl = `curl -i -X ${told.method} '${told.url.replaceAll("'", "'\\''")}'`;
  const phases = hop.phases.map(([name, from, to]) => el("span", { class: "phase" }, el("i", { class: name }), `${name} ${duration(to - from)}`));
  pane.replaceChildren(
    el("div", { class: "line title" },
      el("strong", {}, `${told.method} ${told.url}`),
      el("span", { class: "spring" }),
      el("button", { title: curl, onclick: () => copy(told.url) }, "Copy URL"),
      told.has_secrets && el("button", { "aria-pressed": String(secrets), onclick: toggleSecrets }, secrets ? "Hide secrets" : "Show secrets"),
    ),
    told.error ? el("p", { class: "error" }, `${request.status} ${request.name}: ${told.error}`) : "",
    el("p", { class: "quiet line" }, ...phases, told.peer && el("span", {}, `peer ${told.peer}`), told.reused && el("span", {}, "on a kept connection")),
    el("div", { class: "two" },
      part("Sent", told.sent_line, told.sent_headers, "sent", told.sent_body, told),
      part("Received", told.line, told.headers, "received", told.body, told),
    ),
  );
}

function part(title, line, fields, side, body, told) {
  return el("div", {},
    el("h3", {}, title),
    el("div", { class: "mono first-line" }, line || (side === "sent" ? "nothing was sent" : "nothing has come")),
    el("dl", { class: "fields mono" }, ...fields.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    body.size ? bodyPart(side, body, fields) : el("p", { class: "quiet" }, told.without_bodies ? "The body is no longer kept." : "No body."),
  );
}

function bodyPart(side, body, fields) {
  const type = fields.find(([name]) => name.toLowerCase() === "content-type")?.[1] || "";
  const data = decode(body.base64);
  const holder = el("div", { class: "body-part" });
  const drawBody = () => {
    const [shown, view, possible] = showBody(data, type, views[side]);
    holder.replaceChildren(
      el("div", { class: "line" }, el("span", { class: "quiet" }, `Body, ${bytes(body.size)} bytes`),
        el("span", { class: "choices", role: "group", "aria-label": `${side} body as` },
          ...possible.map((name) => el("button", { "aria-pressed": String(name === view), onclick: () => { views[side] = name; drawBody(); } }, name)))),
      shown,
    );
  };
  drawBody();
  return holder;
}

function toggleSecrets() {
  secrets = !secrets;
  load();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("The URL is copied.", 2);
  } catch {
    say("The browser does not let the page copy: select the text.");
  }
}
