// SPDX-License-Identifier: MIT
// Takes the events of the simulator, and gives each part of the page its own.

import { byId, command, say, setText } from "./dom.js";
import { showApp } from "./app.js";
import { showControls } from "./controls.js";
import { showDevices } from "./devices.js";
import { addLines } from "./log.js";
import { addDrawings, focusStrip, openFull, savePicture } from "./screen.js";
import { addRequests, focusRows } from "./requests.js";

const SILENCE_MS = 25e3; // the simulator says something at least every ten seconds

let heard = 0;
let connected = false;

function take(news) {
  showState(news.app);
  showApp(news.app);
  showControls(news.app);
  showDevices(news.app);
  addLines(news.log);
  addDrawings(news.drawings);
  addRequests(news.requests, news.left_out, news.first);
}

function showState(app) {
  const name = app.path.split("/").pop();
  document.title = `${app.state === "fault" ? "✗ " : ""}${name} – dock simulate`;
  setText(byId("app-name"), name);
  byId("app-name").title = app.path;
  const pill = byId("state");
  setText(pill, app.ended ? (app.state === "fault" ? `fault, ${app.ended.text}` : app.ended.text) : app.state);
  pill.className = `pill ${app.state === "fault" || app.ended?.failed ? "bad" : app.ended ? "over" : "good"}`;
  setText(byId("about"), [app.program && `dl7450 ${app.program}`, `run ${app.run}`].filter(Boolean).join(" · "));
  byId("stop").disabled = Boolean(app.ended);
  if (app.refused) say(`${app.refused}. Only the log is shown.`, 0);
}

function connect() {
  const events = new EventSource("events");
  const alive = () => {
    heard = Date.now();
    if (connected) return;
    connected = true;
    document.body.classList.remove("lost");
    say("");
  };
  events.onmessage = (event) => {
    alive();
    take(JSON.parse(event.data));
  };
  events.addEventListener("alive", alive);
  events.onerror = () => lost();
  // EventSource connects again by itself, except after an answer that it does not accept.
  setInterval(() => {
    if (Date.now() - heard > SILENCE_MS) lost();
  }, 5000);
}

function lost() {
  connected = false;
  document.body.classList.add("lost");
  byId("state").className = "pill bad";
  setText(byId("state"), "no simulator");
  say("The simulator is gone. What it has shown stays here; start it again, and open the address that it prints.", 0);
}

function switchTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  root.dataset.theme = (root.dataset.theme || system) === "light" ? "dark" : "light";
  localStorage.setItem("dock-theme", root.dataset.theme);
  nameTheme();
}

function nameTheme() {
  const root = document.documentElement;
  const light = root.dataset.theme ? root.dataset.theme === "light" : matchMedia("(prefers-color-scheme: light)").matches;
  byId("theme").firstChild.textContent = light ? "Dark " : "Light ";
}

const keys = {
  r: () => command("restart"),
  s: () => command("stop"),
  t: switchTheme,
  f: openFull,
  p: savePicture,
  v: focusStrip,
  q: focusRows,
  e: () => byId("har").click(),
  c: () => command("clear"),
  l: () => byId("lines").focus(),
  "/": () => {
    byId("filter").focus();
    byId("filter").select();
  },
  "?": () => byId("help-dialog").showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (typing && event.key === "Escape") event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

byId("restart").addEventListener("click", keys.r);
byId("stop").addEventListener("click", keys.s);
byId("requests-clear").addEventListener("click", keys.c);
byId("theme").addEventListener("click", switchTheme);
byId("help").addEventListener("click", keys["?"]);
matchMedia("(prefers-color-scheme: light)").addEventListener("change", nameTheme);
nameTheme();
connect();
