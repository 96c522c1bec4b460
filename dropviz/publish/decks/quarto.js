window.addEventListener("load", () => {
  if (lessMotion || !window.Reveal) return;
  const begin = () => restartIn(Reveal.getCurrentSlide(), ".moving");
  Reveal.on("slidechanged", begin);
  if (Reveal.isReady()) begin();
  else Reveal.on("ready", begin);
});
