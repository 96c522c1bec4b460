// Animations can be paused. They do not start by themselves if the reader prefers less motion.
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
const figures = [...document.querySelectorAll("figure")];

function play(figure, on) {
  figure.classList.toggle("playing", on);
  figure.classList.toggle("paused", !on);
  const button = figure.querySelector("button");
  button.textContent = on ? button.dataset.pause : button.dataset.play;
  if (on) restart(figure.querySelector(".moving"));
}

// With a new URL for the same bytes, the browser starts at the first frame.
function restart(image) {
  image.bytes ??= Uint8Array.from(atob(image.src.split(",")[1]), (letter) => letter.charCodeAt(0));
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(new Blob([image.bytes], { type: "image/gif" }));
}

for (const figure of figures) {
  figure.querySelector("button").addEventListener("click", () => play(figure, !figure.classList.contains("playing")));
  play(figure, !lessMotion);
}

function restartIn(section) {
  for (const figure of section.querySelectorAll("figure.playing")) restart(figure.querySelector(".moving"));
}
