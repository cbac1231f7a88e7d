// SPDX-License-Identifier: MIT
// Dark or light, before the first paint: as the system has it, until the switch says otherwise.
"use strict";
{
  const kept = localStorage.getItem("dock-theme");
  if (kept) document.documentElement.dataset.theme = kept;
}
