// Animations can be paused.
const figures = [...document.querySelectorAll("figure")];

function setPlaying(figure, on) {
  figure.classList.toggle("playing", on);
  figure.classList.toggle("paused", !on);
  const button = figure.querySelector("button");
  if (button) button.textContent = on ? button.dataset.pause : button.dataset.play;
}

function toggle(figure) {
  const moving = figure.querySelector(".moving");
  const on = moving.play ? moving.paused : !figure.classList.contains("playing");
  setPlaying(figure, on);
  if (moving.play) on ? moving.play() : moving.pause();
  else if (on) restart(moving);
}

for (const figure of figures) {
  figure.querySelector("button")?.addEventListener("click", () => toggle(figure));
  setPlaying(figure, !lessMotion);
}

// Buttons cover the picture, so they are seen only for a moment after the pointer has moved.
let moved;
for (const name of ["pointermove", "pointerdown"]) {
  document.addEventListener(name, () => {
    document.documentElement.classList.add("pointed");
    clearTimeout(moved);
    moved = setTimeout(() => document.documentElement.classList.remove("pointed"), 2000);
  });
}
