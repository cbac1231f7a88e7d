// SPDX-License-Identifier: MIT
// The app's state: fault, heap, files, timers, settings.

import { byId, bytes, command, drawIfNew, duration, el, setText } from "./dom.js";

let clock = { ms: 0, at: 0, rate: 1, held: false };

export function showApp(app) {
  clock = app.ended ? { ...app.clock, held: true } : app.clock;
  const fault = byId("fault");
  fault.hidden = !app.fault;
  setText(fault, app.fault || "");
  const [used, free] = app.heap || [0, 0];
  // Without -X heapsize the heap of the PC grows, which no dock's does.
  const grows = free > 1e8;
  setText(byId("heap"), app.heap ? `${bytes(used)} used · ${grows ? "grows with this machine's memory" : `${bytes(free)} free`}` : "–");
  byId("heap-meter").value = used + free ? used / (used + free) : 0;
  byId("heap-meter").hidden = grows;
  drawIfNew(byId("files"), app.files, () => (app.files.length ? app.files.map((file) => el("div", {}, file)) : ["none open"]));
  drawIfNew(byId("timers"), app.timers, () => (app.timers.length ? app.timers.map(showTimer) : [el("p", { class: "quiet" }, "No timer is set.")]));
  drawIfNew(byId("settings"), [app.settings, app.settings_fixed, app.read], () => showSettings(app));
  byId("setting-new").hidden = app.settings_fixed;
}

function showTimer({ task, due, repeat }) {
  const left = el("span", { class: "num", "data-due": due });
  tick(left);
  return el("div", { class: "timer" }, el("span", { class: "mono" }, task), el("span", { class: "quiet" }, repeat ? `every ${duration(repeat)}` : ""), left);
}

// In the time of the app, whose clock may be faster, or stand still.
function tick(left) {
  const now = clock.ms + (clock.held ? 0 : (Date.now() - clock.at) * clock.rate);
  const ms = Math.max(0, Number(left.dataset.due) - now);
  setText(left, ms < 120e3 ? `in ${(ms / 1000).toFixed(1)} s` : `in ${duration(ms)}`);
}

setInterval(() => byId("timers").querySelectorAll("[data-due]").forEach(tick), 200);

function showSettings(app) {
  if (app.settings_fixed) return [el("p", { class: "quiet" }, "The store is packed: its settings cannot be changed here.")];
  const pairs = Object.entries(app.settings);
  const missing = Object.keys(app.read).filter((key) => !(key in app.settings));
  return [
    ...pairs.map(([key, value]) => {
      const input = el("input", { value, "aria-label": key, spellcheck: "false", title: value });
      input.addEventListener("change", () => command("setting", { key, value: input.value }));
      input.addEventListener("keydown", (event) => event.key === "Enter" && input.blur());
      const remove = el("button", { title: `Remove ${key}`, "aria-label": `Remove ${key}`, onclick: () => command("setting", { key, value: null }) }, "×");
      return el("div", { class: "setting" }, el("span", { class: "mono", title: key in app.read ? "the app has read it" : "" }, key), input, remove);
    }),
    ...missing.map((key) => el("p", { class: "quiet" }, `The app has asked for ${key}: there is none.`)),
    pairs.length || missing.length ? "" : el("p", { class: "quiet" }, "There are no settings."),
  ];
}

byId("setting-new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = byId("setting-key");
  const value = byId("setting-value");
  if (!key.value) return key.focus();
  if (await command("setting", { key: key.value, value: value.value })) key.value = value.value = "";
  return undefined;
});
