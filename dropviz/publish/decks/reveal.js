Reveal.on("ready", (event) => restartIn(event.currentSlide));
Reveal.on("slidechanged", (event) => restartIn(event.currentSlide));
const across = Number(document.querySelector(".reveal").dataset.across);
Reveal.initialize({ width: across, height: 720, margin: 0, center: false, hash: true, controls: false, transition: "none" });
