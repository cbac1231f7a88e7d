// SPDX-License-Identifier: MIT
// What the parts of the page share.

export const byId = (id) => document.getElementById(id);

// el("a", {href: "x", class: "y"}, "text", child). Values are never read as HTML.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== false && child !== null && child !== ""));
  return element;
}

// Changes only what is different, so that a selection in the text stays.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Draws anew when value is another than at the last time, and nobody types there.
export function drawIfNew(element, value, draw) {
  const text = JSON.stringify(value);
  if (element.drawn === text || (element.contains(document.activeElement) && document.activeElement.matches("input"))) return;
  element.drawn = text;
  element.replaceChildren(...draw());
}

const notice = byId("notice");
let noticeTimer = 0;

export function say(text, seconds = 8) {
  notice.textContent = text;
  notice.hidden = !text;
  clearTimeout(noticeTimer);
  if (text && seconds) noticeTimer = setTimeout(() => (notice.hidden = true), seconds * 1000);
}

// Sends a command; what is wrong with it is said.
export async function command(name, values = {}) {
  try {
    const answer = await fetch(`do/${name}`, { method: "POST", body: JSON.stringify(values) });
    if (!answer.ok) {
      const text = await answer.text();
      let reason = text;
      try {
        reason = JSON.parse(text).error;
      } catch {
        // it was no JSON
      }
      say(reason);
    }
    return answer.ok;
  } catch {
    say("the simulator does not answer");
    return false;
  }
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
export const timeOfDay = (ms) => clock.format(ms);

export function bytes(count) {
  if (count < 10000) return String(count);
  if (count < 1e6) return `${(count / 1000).toFixed(count < 1e5 ? 1 : 0)} k`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} M` : `${(count / 1e9).toFixed(1)} G`;
}

export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 120e3) return `${(ms / 1000).toFixed(ms < 10e3 ? 2 : 1)} s`;
  return ms < 7200e3 ? `${(ms / 60e3).toFixed(0)} min` : `${(ms / 3600e3).toFixed(1)} h`;
}
