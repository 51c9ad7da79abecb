// Keeps the counter fresh, and counts up calmly. Without this script the page says the same.
"use strict";

const PERIOD = 10_000;
const CLIMB = 1200;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const format = new Intl.NumberFormat(document.documentElement.lang);

function climb(number, from, to, text) {
  if (still.matches || document.hidden) {
    number.textContent = text;
    return;
  }
  const began = performance.now();
  const step = (now) => {
    const part = Math.min(1, (now - began) / CLIMB);
    const eased = 1 - (1 - part) ** 3;
    number.textContent = part < 1 ? format.format(Math.round(from + (to - from) * eased)) : text;
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function watch(box) {
  const number = box.querySelector("[data-count]");
  const bar = box.querySelector("progress");
  const aim = box.querySelector("[data-goal]");

  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch(box.dataset.counter);
      if (!answer.ok) return;
      const { count, filled, text, goal, goal_text: goalText } = await answer.json();
      const shown = Number(number.dataset.count);
      if (count === shown) return;
      number.dataset.count = count;
      if (bar && goal) {
        bar.max = goal; // it may have risen
        bar.value = filled;
      }
      if (aim && goalText) aim.textContent = goalText;
      climb(number, shown, count, text);
    } catch {
      // Offline for a moment: the next round tries again.
    }
  }

  setInterval(refresh, PERIOD);
  document.addEventListener("visibilitychange", refresh);
}

document.querySelectorAll("[data-counter]").forEach(watch);
