// A deck without reveal.js: one section at a time, by keys or touch.
const sections = [...document.querySelectorAll(".slides > section")];
const number = document.createElement("div");
number.className = "number";
number.setAttribute("role", "status");
document.body.append(number);
document.documentElement.classList.add("deck");
let current = -1;

function go(target) {
  const next = Math.min(Math.max(target, 0), sections.length - 1);
  if (next === current) return;
  current = next;
  sections.forEach((section, index) => { section.hidden = index !== current; });
  number.textContent = `${current + 1} / ${sections.length}`;
  history.replaceState(null, "", `#/${current}`);
  restartIn(sections[current]);
}

function goToHash() {
  go(Number.parseInt(location.hash.slice(2), 10) || 0);
}

const keys = {
  ArrowRight: () => go(current + 1), ArrowDown: () => go(current + 1), PageDown: () => go(current + 1),
  ArrowLeft: () => go(current - 1), ArrowUp: () => go(current - 1), PageUp: () => go(current - 1),
  Home: () => go(0), End: () => go(sections.length - 1),
  f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  s: () => document.documentElement.classList.toggle("noted"),
  p: () => sections[current].querySelectorAll("figure").forEach(toggle),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const onButton = event.target instanceof HTMLButtonElement;
  if (event.key === " " && !onButton) go(current + (event.shiftKey ? -1 : 1));
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
});

let start = 0;
document.addEventListener("touchstart", (event) => { start = event.touches[0].clientX; }, { passive: true });
document.addEventListener("touchend", (event) => {
  const moved = event.changedTouches[0].clientX - start;
  if (Math.abs(moved) > 40) go(current + (moved < 0 ? 1 : -1));
});
addEventListener("hashchange", goToHash);
goToHash();
