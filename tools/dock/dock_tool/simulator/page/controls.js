// SPDX-License-Identifier: MIT
// What the person does to the app: network, clock, and the dock's ports.

import { byId, command, drawIfNew, duration, el, setText } from "./dom.js";

const CONDITIONS = [
  ["online", "Online", () => "online"],
  ["cable-out", "Cable out", () => "cable-out"],
  ["no-names", "No names", () => "no-names"],
  ["hang", "Resolver hangs", () => "hang"],
  ["refused", "Refused", () => "refused"],
  ["no-answer", "No answer", () => "no-answer"],
  ["slow", "Slow", () => `slow ${number("slow-bytes")} ${number("slow-ms")}`],
  ["reset", "Reset", () => `reset ${number("reset-bytes")}`],
];
const RATES = [1, 10, 60];
const JOYSTICK = [["LEFT", "←"], ["UP", "↑"], ["DOWN", "↓"], ["RIGHT", "→"], ["CENTER", "●"]];

let conditions = {};
let held = {};

const number = (id) => Math.max(0, Math.round(Number(byId(id).value) || 0));
const host = () => byId("host").value.trim() || "*";

function buttons(id, entries, act) {
  byId(id).append(...entries.map(([value, label]) => el("button", { "data-value": value, "aria-pressed": "false", onclick: () => act(value) }, label)));
}

function press(id, value) {
  for (const button of byId(id).children) button.setAttribute("aria-pressed", String(button.dataset.value === String(value)));
}

export function showControls(app) {
  byId("no-simulation").hidden = app.simulation;
  byId("network-set").disabled = byId("clock-set").disabled = !app.simulation;
  conditions = app.conditions;
  showCondition();
  const hosts = Object.entries(conditions).filter(([name, condition]) => name !== "*" || condition !== "online");
  drawIfNew(byId("conditions-set"), hosts, () =>
    hosts.map(([name, condition]) =>
      el("div", { class: "line" }, el("span", { class: "mono" }, name === "*" ? "all hosts" : name), el("span", {}, condition), el("span", { class: "spring" }),
        el("button", { "aria-label": `${name} online again`, onclick: () => command("network", { host: name, condition: "online" }) }, "×"))),
  );
  if (held.held !== app.clock.held || held.next !== app.clock.next) {
    const next = app.clock.next === null ? "" : `, the next one in ${duration(app.clock.next)}`;
    setText(byId("held"), app.clock.held ? `held${next}` : "");
    held = app.clock;
  }
  press("rates", app.clock.held ? "" : app.clock.rate);
  press("monitors", app.monitors);
  byId("lan").checked = app.lan;
  byId("computer").checked = app.host;
  drawIfNew(byId("outputs"), app.outputs, () =>
    Object.entries(app.outputs).map(([pin, active]) => el("div", { class: "line" }, el("span", { class: "mono" }, pin), el("span", { class: active ? "lit" : "quiet" }, active ? "on" : "off"))),
  );
}

function showCondition() {
  press("conditions", (conditions[host()] || conditions["*"] || "online").split(" ")[0]);
}

function setCondition(value) {
  const [, , text] = CONDITIONS.find(([name]) => name === value);
  command("network", { host: host(), condition: text() });
}

buttons("conditions", CONDITIONS.map(([value, label]) => [value, label]), setCondition);
// Another number counts at once where its condition is set.
for (const [id, value] of [["slow-bytes", "slow"], ["slow-ms", "slow"], ["reset-bytes", "reset"]]) {
  byId(id).addEventListener("change", () => conditions[host()]?.startsWith(value) && setCondition(value));
}
buttons("rates", RATES.map((rate) => [rate, `${rate}×`]), (rate) => command("clock", { rate }));
buttons("monitors", [0, 1, 2, 3, 4].map((count) => [count, String(count)]), (count) => command("devices", { monitors: count }));
buttons("joystick", JOYSTICK, () => {});

// Pressed as long as the button is; by a key as long as that is.
for (const button of byId("joystick").children) {
  const tell = (active) => {
    if ((button.getAttribute("aria-pressed") === "true") === active) return;
    button.setAttribute("aria-pressed", String(active));
    command("press", { pin: button.dataset.value, active });
  };
  button.setAttribute("aria-label", `Joystick ${button.dataset.value.toLowerCase()}`);
  for (const name of ["pointerdown", "keydown"]) button.addEventListener(name, (event) => [undefined, " ", "Enter"].includes(event.key) && tell(true));
  for (const name of ["pointerup", "pointerleave", "keyup", "blur"]) button.addEventListener(name, () => tell(false));
}

byId("host").addEventListener("input", showCondition);
byId("step").addEventListener("click", () => command("step"));
byId("lan").addEventListener("change", (event) => command("devices", { lan: event.target.checked }));
byId("computer").addEventListener("change", (event) => command("devices", { host: event.target.checked }));
byId("wall").value = new Date().toISOString().slice(0, 19);
byId("wall-set").addEventListener("click", () => {
  const ms = Date.parse(`${byId("wall").value}Z`);
  if (!Number.isNaN(ms)) command("clock", { wall: ms / 1000 });
});
