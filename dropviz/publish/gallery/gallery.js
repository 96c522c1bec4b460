// Animations can be paused. They do not start by themselves if the reader prefers less motion.
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;

function play(figure, on) {
  for (const source of figure.querySelectorAll("source")) source.srcset = on ? source.dataset.moving : source.dataset.still;
  const button = figure.querySelector("button");
  button.textContent = on ? button.dataset.pause : button.dataset.play;
  figure.dataset.playing = on;
}

for (const figure of document.querySelectorAll("figure")) {
  figure.querySelector("button").addEventListener("click", () => play(figure, figure.dataset.playing !== "true"));
  play(figure, !lessMotion);
}
