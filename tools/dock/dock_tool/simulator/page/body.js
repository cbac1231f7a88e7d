// SPDX-License-Identifier: MIT
// A body as JSON, picture, text or hex.

import { el } from "./dom.js";

const MOST_TEXT = 200e3; // characters that the page shows
const MOST_HEX = 16384; // bytes

export function decode(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

// Gives the element, the view's name, and the names of all views that are possible.
export function showBody(data, type, chosen) {
  const views = { hex: () => pre(hex(data)) };
  const text = decodeText(data);
  if (text !== null) views.text = () => pre(cut(text));
  const json = text !== null ? parse(text) : undefined;
  if (json !== undefined) views.json = () => pre(cut(JSON.stringify(json, null, 2)));
  const picture = pictureType(data, type);
  if (picture) views.picture = () => image(data, picture);
  const view = chosen in views ? chosen : ["picture", "json", "text", "hex"].find((name) => views[name]);
  return [views[view](), view, ["json", "picture", "text", "hex"].filter((name) => views[name])];
}

function decodeText(data) {
  try {
    // The end may be in the middle of a character: of a large body only the first MiB is kept.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(data, { stream: true });
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function parse(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pictureType(data, type) {
  const starts = (...bytes) => bytes.every((byte, n) => data[n] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  if (starts(0x42, 0x4d) && !type.startsWith("text/")) return "image/bmp";
  return type.startsWith("image/") ? type.split(";")[0] : null;
}

function image(data, type) {
  const address = URL.createObjectURL(new Blob([data], { type }));
  const picture = el("img", { class: "picture", alt: "The body as a picture" });
  const free = () => URL.revokeObjectURL(address);
  picture.addEventListener("load", free);
  picture.addEventListener("error", () => {
    free();
    picture.replaceWith(el("p", { class: "quiet" }, "The browser cannot show this picture."));
  });
  picture.src = address;
  return picture;
}

function pre(text) {
  return el("pre", { class: "mono body", tabindex: "0" }, text);
}

function cut(text) {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}\n… ${text.length - MOST_TEXT} more characters` : text;
}

function hex(data) {
  const lines = [];
  for (let at = 0; at < Math.min(data.length, MOST_HEX); at += 16) {
    const part = [...data.subarray(at, at + 16)];
    const numbers = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${numbers.padEnd(48)} ${text}`);
  }
  if (data.length > MOST_HEX) lines.push(`… ${data.length - MOST_HEX} more bytes`);
  return lines.join("\n");
}
