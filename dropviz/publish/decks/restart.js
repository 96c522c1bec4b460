// Animations begin anew when their slide comes, unless the reader prefers less motion.
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
let turn = 0;

// A video begins at its first frame; so does a GIF with a new URL.
function restart(moving) {
  if (moving.play) {
    moving.currentTime = 0;
    moving.play().catch(() => {}); // a browser may wait for a click
    return;
  }
  moving.first ??= moving.src;
  if (!moving.first) return; // not loaded yet
  if (!moving.first.startsWith("data:")) {
    turn += 1;
    moving.src = `${moving.first}?${turn}`;
    return;
  }
  moving.bytes ??= Uint8Array.from(atob(moving.first.split(",")[1]), (letter) => letter.charCodeAt(0));
  if (moving.src.startsWith("blob:")) URL.revokeObjectURL(moving.src);
  moving.src = URL.createObjectURL(new Blob([moving.bytes], { type: "image/gif" }));
}

function restartIn(section, those = "figure.playing .moving") {
  for (const video of document.querySelectorAll("video")) video.pause();
  for (const moving of section.querySelectorAll(those)) restart(moving);
}
