// SPDX-License-Identifier: MIT
// The time line that all rows share. Bars are placed by the style sheet, from numbers that they have: when the time line
// moves, only its two numbers change.

import { byId, duration, el, drawIfNew } from "./dom.js";

const LINES = 4;
let zero = 0; // the time of the first request; numbers of the style sheet are small

export function setTimeLine(requests) {
  if (!requests.length) return;
  const first = Math.min(...requests.map((request) => request.start));
  const last = Math.max(...requests.map((request) => request.end ?? request.start + 500));
  zero ||= first;
  const chosen = Number(byId("span").value);
  const all = Math.max(last - first, 100);
  const span = chosen ? chosen : round(all);
  // In steps, so that it does not move at each request.
  const step = span / LINES;
  const start = chosen ? Math.max(0, Math.ceil((last - first) / step) * step - span) : 0;
  const style = byId("requests").style;
  style.setProperty("--start", start + first - zero);
  style.setProperty("--span", span);
  drawIfNew(byId("ruler"), [start, span], () =>
    Array.from({ length: LINES }, (_, n) => {
      const mark = el("span", {}, label(start + n * step));
      mark.style.left = `${(n * 100) / LINES}%`;
      return mark;
    }),
  );
}

function label(ms) {
  const [unit, size] = ms < 1000 ? ["ms", 1] : ms < 120e3 ? ["s", 1000] : ["min", 60e3];
  return ms ? `${Number((ms / size).toFixed(1))} ${unit}` : "0";
}

function round(ms) {
  const power = 10 ** Math.floor(Math.log10(ms));
  return [1, 2, 4, 8, 10].map((n) => n * power).find((span) => span >= ms);
}

export function place(track, hop, end) {
  zero ||= hop.start;
  const parts = [...hop.phases];
  const at = parts.length ? parts.at(-1)[2] : hop.start;
  // What goes on, or ended without a phase of its own.
  if (end === null) parts.push(["going", at, at]);
  else if (end > at) parts.push(["rest", at, end]);
  drawIfNew(track, parts, () =>
    parts.map(([name, from, to]) => {
      const bar = el("i", { class: name, title: `${name}: ${duration(to - from)}` });
      bar.style.setProperty("--from", from - zero);
      bar.style.setProperty("--to", to - zero);
      return bar;
    }),
  );
}
