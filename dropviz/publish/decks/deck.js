// Our own small deck: one section at a time, by keys or touch.
const sections = [...document.querySelectorAll(".slides > section")];
const number = document.createElement("div");
number.className = "number";
number.setAttribute("role", "status");
document.body.append(number);
document.documentElement.classList.add("deck");
let now = -1;

function go(to) {
  const next = Math.min(Math.max(to, 0), sections.length - 1);
  if (next === now) return;
  now = next;
  sections.forEach((section, place) => { section.hidden = place !== now; });
  number.textContent = `${now + 1} / ${sections.length}`;
  history.replaceState(null, "", `#/${now}`);
  shown(sections[now]);
}

function goToHash() {
  go(Number.parseInt(location.hash.slice(2), 10) || 0);
}

const keys = {
  ArrowRight: () => go(now + 1), ArrowDown: () => go(now + 1), PageDown: () => go(now + 1),
  ArrowLeft: () => go(now - 1), ArrowUp: () => go(now - 1), PageUp: () => go(now - 1),
  Home: () => go(0), End: () => go(sections.length - 1),
  f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  s: () => document.documentElement.classList.toggle("noted"),
  p: () => sections[now].querySelector("button")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const onButton = event.target instanceof HTMLButtonElement;
  if (event.key === " " && !onButton) go(now + (event.shiftKey ? -1 : 1));
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
});

let start = 0;
document.addEventListener("touchstart", (event) => { start = event.touches[0].clientX; }, { passive: true });
document.addEventListener("touchend", (event) => {
  const moved = event.changedTouches[0].clientX - start;
  if (Math.abs(moved) > 40) go(now + (moved < 0 ? 1 : -1));
});
addEventListener("hashchange", goToHash);
goToHash();
