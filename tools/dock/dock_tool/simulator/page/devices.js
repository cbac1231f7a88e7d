// SPDX-License-Identifier: MIT
// What is plugged into the dock: USB devices, the bus I2C1, and messages of the vendor's backend.

import { byId, command, drawIfNew, el, say, setText } from "./dom.js";

const WIDTH = 128;
const HEIGHT = 64;

let usb = [];

const hex = (number) => number.toString(16).padStart(4, "0");

export function showDevices(app) {
  usb = app.usb;
  drawIfNew(byId("usb"), usb, () =>
    usb.length
      ? usb.map(([vendor, product, name], at) =>
          el("div", { class: "line" }, el("span", { class: "mono" }, `${hex(vendor)}:${hex(product)}`), el("span", {}, name), el("span", { class: "spring" }),
            el("button", { "aria-label": `Unplug ${name}`, onclick: () => command("devices", { usb: usb.filter((_, n) => n !== at) }) }, "×")))
      : [el("p", { class: "quiet" }, "Nothing is plugged in.")],
  );
  byId("oled").checked = app.oled;
  byId("thermometer").checked = app.celsius !== null;
  if (app.celsius !== null && document.activeElement !== byId("celsius")) byId("celsius").value = app.celsius;
  byId("panel").hidden = !app.oled;
  setText(byId("panel-state"), !app.oled ? "" : !app.panel ? "nothing written" : app.panel.on ? `contrast ${app.panel.contrast}` : "off");
  drawPanel(app.panel);
  setText(byId("suspended"), app.suspended ? "suspended by the app" : "");
  setText(byId("listens"), app.listens ? "The app waits for messages." : "The app has no handler for messages.");
}

// Eight pages of 128 columns; bit 0 is on top.
function drawPanel(panel) {
  const canvas = byId("panel");
  const text = JSON.stringify(panel);
  if (canvas.drawn === text) return;
  canvas.drawn = text;
  const context = canvas.getContext("2d");
  const image = context.createImageData(WIDTH, HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const at = 2 * ((y >> 3) * WIDTH + x);
      const bit = panel ? (parseInt(panel.pixels.slice(at, at + 2), 16) >> (y & 7)) & 1 : 0;
      const lit = panel?.on && (panel.all_on || Boolean(bit) !== Boolean(panel.inverse));
      image.data.set(lit ? [150, 220, 255, 255] : [0, 0, 0, 255], 4 * (y * WIDTH + x));
    }
  }
  context.putImageData(image, 0, 0);
}

byId("usb-new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const ids = byId("usb-ids").value.trim().match(/^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i);
  if (!ids) {
    say("a USB device is VENDOR:PRODUCT, both hexadecimal, for example 046d:c52b");
    byId("usb-ids").focus();
    return;
  }
  const device = [parseInt(ids[1], 16), parseInt(ids[2], 16), byId("usb-name").value];
  if (await command("devices", { usb: [...usb, device] })) byId("usb-ids").value = byId("usb-name").value = "";
});
byId("message-new").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await command("message", { text: byId("message").value })) byId("message").value = "";
});
byId("oled").addEventListener("change", (event) => command("devices", { oled: event.target.checked }));
const measure = () => command("devices", { celsius: byId("thermometer").checked ? Number(byId("celsius").value) : "none" });
byId("thermometer").addEventListener("change", measure);
byId("celsius").addEventListener("change", () => byId("thermometer").checked && measure());
