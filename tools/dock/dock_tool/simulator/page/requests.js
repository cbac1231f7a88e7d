// SPDX-License-Identifier: MIT
// The list of requests, a row for each exchange, and the gauge of slots.

import { byId, bytes, drawIfNew, duration, el, setText } from "./dom.js";
import { clearDetails, showDetails } from "./details.js";
import { place, setTimeLine } from "./timeline.js";

const SLOTS = 16;
const MOST = 1000;
const rows = byId("rows");
const requests = new Map(); // key -> what the simulator told, with its elements
let selected = null; // the element
let leftOut = 0;

byId("slots").append(...Array.from({ length: SLOTS }, () => el("i")));

export function addRequests(news, old, first) {
  if (first) {
    for (const request of requests.values()) forget(request);
    clearDetails();
    selected = null;
  }
  leftOut = old;
  if (!news.length && !first) return;
  const atEnd = rows.scrollTop + rows.clientHeight >= rows.scrollHeight - 30;
  for (const told of news.sort((a, b) => a.start - b.start)) {
    const request = requests.get(told.key) || { elements: [] };
    Object.assign(request, told);
    requests.set(told.key, request);
    draw(request);
  }
  // The simulator forgets the oldest ones in the same way.
  for (const request of requests.values()) {
    if (requests.size <= MOST) break;
    if (request.end !== null || request.lost) forget(request);
  }
  setTimeLine([...requests.values()]);
  countSlots();
  count();
  if (atEnd && !selected) rows.scrollTop = rows.scrollHeight;
}

function forget(request) {
  requests.delete(request.key);
  for (const element of request.elements) {
    if (element === selected) selected = null;
    element.remove();
  }
}

function draw(request) {
  request.hops.forEach((hop, number) => {
    let element = request.elements[number];
    if (!element) {
      element = el("div", { class: "row", role: "option", id: `r-${request.key}-${number}`, "aria-selected": "false" });
      element.request = request;
      element.hop = number;
      element.append(...["num", "", "url", "", "num", "num", "num", "track"].map((name) => el("span", { class: name })));
      const before = request.elements[number - 1];
      if (before) before.after(element);
      else rows.append(element);
      request.elements[number] = element;
    }
    fill(element, request, hop, number);
    if (element === selected) showDetails(request.key, number, request);
  });
}

function fill(element, request, hop, number) {
  const last = number === request.hops.length - 1;
  const [state, kind] = status(request, hop, last);
  const end = last ? (request.end ?? hop.end) : hop.end;
  const cells = [
    number ? "↳" : request.number,
    hop.method,
    hop.url,
    state,
    bytes(last ? Math.max(hop.bytes, request.hops.length === 1 ? request.received : 0) : hop.bytes),
    number ? "" : (request.slot ?? "–"),
    end === null ? "…" : duration(end - hop.start),
  ];
  cells.forEach((text, column) => text !== hop.url && setText(element.children[column], String(text)));
  drawIfNew(element.children[2], hop.url, () => address(hop.url));
  element.children[2].title = hop.url;
  element.children[3].title = request.error || "";
  element.className = `row ${kind}${number ? " redirected" : ""}`;
  place(element.children[7], hop, end);
  element.hidden = !matches(element);
}

// The path is what tells requests apart: where there is no room, the host is cut first.
function address(url) {
  const [, host, path] = url.match(/^\w+:\/\/([^/?#]*)(.*)$/) || [null, "", url];
  return [el("span", { class: "host" }, host), el("span", { class: "path" }, path)];
}

function status(request, hop, last) {
  if (!last) return [String(hop.status || "again"), "ok"];
  if (request.cancelled) return ["cancelled", "cancelled"];
  if (request.lost) return ["app ended", "cancelled"];
  if (request.status === null) return [hop.status ? `${hop.status} …` : "…", "pending"];
  const name = request.status < 100 ? ` ${request.name || request.kind}` : "";
  return [`${request.status}${name}`, request.failed ? "failed" : "ok"];
}

function matches(element) {
  const { request, hop } = element;
  const text = byId("filter").value.toLowerCase();
  if (byId("failed").checked && !request.failed) return false;
  if (!text) return true;
  const own = request.hops[hop];
  return `${own.method} ${own.url} ${element.children[3].textContent} ${request.error || ""}`.toLowerCase().includes(text);
}

function filter() {
  for (const element of rows.children) element.hidden = !matches(element);
  count();
}

function count() {
  const all = [...requests.values()];
  const failed = all.filter((request) => request.failed).length;
  const parts = [`${all.length} requests`, failed && `${failed} failed`, leftOut && `${leftOut} older ones are no longer kept`];
  setText(byId("rows-count"), parts.filter(Boolean).join(" · "));
}

function countSlots() {
  const busy = new Map();
  for (const request of requests.values()) {
    if (request.end === null && !request.lost && request.slot !== null) busy.set(request.slot, request.number);
  }
  [...byId("slots").children].forEach((cell, slot) => {
    cell.className = busy.has(slot) ? "busy" : "";
    cell.title = busy.has(slot) ? `slot ${slot}: request ${busy.get(slot)}` : `slot ${slot}: free`;
  });
  setText(byId("slots-text"), `${busy.size} of ${SLOTS} slots`);
  byId("slots").setAttribute("aria-label", `${busy.size} of ${SLOTS} slots are in use`);
}

function select(element) {
  selected?.setAttribute("aria-selected", "false");
  selected = element;
  if (!element) {
    rows.removeAttribute("aria-activedescendant");
    clearDetails();
    return;
  }
  element.setAttribute("aria-selected", "true");
  rows.setAttribute("aria-activedescendant", element.id);
  element.scrollIntoView({ block: "nearest" });
  showDetails(element.request.key, element.hop, element.request);
}

rows.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (row && getSelection().isCollapsed) select(row);
});

rows.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return select(null);
  if (event.key === "Enter" && selected) return byId("details").focus();
  const shown = [...rows.children].filter((row) => !row.hidden);
  const at = shown.indexOf(selected);
  const page = Math.max(1, Math.floor(rows.clientHeight / 24) - 1);
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? shown.length - 1 : at - 1,
    PageDown: Math.min(at + page, shown.length - 1),
    PageUp: Math.max(at - page, 0),
    Home: 0,
    End: shown.length - 1,
  }[event.key];
  if (to === undefined) return undefined;
  event.preventDefault();
  if (shown[to]) select(shown[to]);
  return undefined;
});

export function focusRows() {
  rows.focus();
  if (!selected) select([...rows.children].findLast((row) => !row.hidden) || null);
}

for (const name of ["input", "search"]) byId("filter").addEventListener(name, filter); // Escape gives only "search"
byId("failed").addEventListener("change", filter);
byId("span").addEventListener("change", () => setTimeLine([...requests.values()]));
