// Plays a scene: says for each frame which marks are seen, how far the trail is uncovered, and what is under the pointer.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const svg = document.querySelector("svg");
  const [scrub, tip, stage] = [by("scrub"), by("tip"), by("stage")];
  const SPEEDS = [0.25, 0.5, 1, 2]; // at twice the speed a mask still lasts longer than the flash rule asks for
  const last = data.durations.length - 1;

  // What comes and goes: the elements of each class, by its number.
  const groups = data.seen.map((_, n) => [...svg.getElementsByClassName(`${data.prefix}s${n}`)]);
  const shown = data.seen.map(() => null);
  const clip = svg.querySelector(`#${data.prefix}t rect`);
  const words = groups.flatMap((elements, n) =>
    elements.flatMap((e) => (e.tagName === "text" ? [e] : [...e.querySelectorAll("text")])).map((e) => [e, n]));
  const number = (element, name) => Number(element.getAttribute(name));
  words.sort(([a], [b]) => number(a, "y") - number(b, "y") || number(a, "x") - number(b, "x")); // as they are read, the headline first

  let frame = last;
  let playing = false;
  let plays = 0;
  let elapsed = 0; // hundredths of a second since this frame began
  let before = 0;
  let target = null; // what the tip is about

  // Runs are first, end, first, end, ...; the frame is in one if an odd number of them is at or before it.
  function isSeen(n, at) {
    let count = 0;
    while (count < data.seen[n].length && data.seen[n][count] <= at) count += 1;
    return count % 2 === 1;
  }

  function draw(to) {
    frame = Math.max(0, Math.min(last, to));
    groups.forEach((elements, n) => {
      const seen = isSeen(n, frame);
      if (seen !== shown[n]) elements.forEach((e) => e.setAttribute("visibility", seen ? "visible" : "hidden"));
      shown[n] = seen;
    });
    if (clip) clip.setAttribute("width", data.fronts[frame]);
    const now = words.filter(([, n]) => shown[n]).map(([e]) => e.textContent).join(" · ");
    by("now").textContent = now;
    by("count").textContent = `${frame + 1} / ${last + 1}`;
    scrub.value = frame;
    by("value").textContent = data.counters[frame];
    scrub.setAttribute("aria-valuetext", data.counters[frame] || `${frame + 1} / ${last + 1}`);
    if (target) target();
  }

  function go(to) {
    pause();
    elapsed = 0;
    draw(to);
  }

  function label() {
    by("play").textContent = playing ? data.words.pause : data.words.play;
    by("now").setAttribute("aria-live", playing ? "off" : "polite");
  }

  function play() {
    if (frame === last) draw(0);
    [playing, plays, elapsed, before] = [true, 0, 0, performance.now()];
    label();
    requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    label();
  }

  function tick(now) {
    if (!playing) return;
    elapsed += (Math.min(now - before, 1000) / 10) * Number(by("speed").value);
    before = Math.max(now, before);
    let to = frame;
    while (playing && elapsed >= data.durations[to]) {
      elapsed -= data.durations[to];
      if (to < last) to += 1;
      else if (data.loop && ++plays >= data.loop) pause();
      else to = 0;
    }
    if (to !== frame) draw(to);
    requestAnimationFrame(tick);
  }

  // What is under the pointer.

  const SVG = "http://www.w3.org/2000/svg";
  function make(tag, attributes, parent = svg) {
    const element = parent.appendChild(document.createElementNS(SVG, tag));
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function classOf(element) {
    const its = element.closest("[class]");
    const name = its ? its.getAttribute("class") : "";
    return name.startsWith(`${data.prefix}s`) ? Number(name.slice(data.prefix.length + 1)) : null;
  }

  // Named circles and segments, where they stand; those of one name are one part.
  const dots = new Map();
  const lines = [];
  for (const element of svg.querySelectorAll("[data-part]")) {
    const part = Number(element.dataset.part);
    if (element.tagName === "circle") {
      const [x, y, r] = ["cx", "cy", "r"].map((name) => Number(element.getAttribute(name)));
      dots.set(part, { part, x, y, r });
    } else {
      const [x1, y1, x2, y2] = element.getAttribute("d").match(/-?[\d.]+/g).map(Number);
      lines.push({ part, x1, y1, x2, y2, n: classOf(element) });
    }
  }

  function noteOf(part) {
    const { words: said, values, digits } = data.parts[part];
    if (!values) return said;
    const value = values[frame];
    return `${said} ${value === null ? "?" : (value / 10 ** digits).toFixed(digits)}`;
  }

  const rings = make("g", { class: "ring", visibility: "hidden" });

  // Show rows of words about marks, outside the box that the marks fill: on the first of the sides with room for them.
  const SIDES = ["right", "left", "below", "above"];

  function say(rows, marks, sides = SIDES) {
    by("hint").classList.add("used");
    tip.replaceChildren(...rows.map(([text, color]) => {
      const row = document.createElement("span");
      if (color) {
        const key = row.appendChild(document.createElementNS(SVG, "svg"));
        key.setAttribute("class", "key");
        key.setAttribute("viewBox", "0 0 2 2");
        make("circle", { cx: 1, cy: 1, r: 1, fill: color }, key);
      }
      row.append(text);
      return row;
    }));
    tip.hidden = false;
    rings.replaceChildren();
    for (const [tag, attributes] of marks) make(tag, attributes, rings);
    svg.append(rings);
    rings.setAttribute("visibility", "visible");
    place(sides);
  }

  function place(sides) {
    const [about, box] = [rings.getBoundingClientRect(), stage.getBoundingClientRect()]; // the tip begins where the stage does
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const middle = { x: (about.left + about.right - width) / 2 - box.left, y: (about.top + about.bottom - height) / 2 - box.top };
    const places = {
      right: { x: about.right - box.left + 12, y: middle.y },
      left: { x: about.left - box.left - 12 - width, y: middle.y },
      below: { x: middle.x, y: about.bottom - box.top + 12 },
      above: { x: middle.x, y: about.top - box.top - 12 - height },
    };
    const clamp = (value, most) => Math.max(0, Math.min(value, most));
    const beside = (side) => side === "right" || side === "left";
    const fits = (side) => (beside(side)
      ? places[side].x >= 0 && places[side].x + width <= box.width
      : places[side].y >= 0 && places[side].y + height <= box.height);
    const side = sides.find(fits) ?? "below";
    const { x, y } = places[side];
    tip.style.left = `${clamp(x, box.width - width)}px`;
    tip.style.top = `${beside(side) ? clamp(y, box.height - height) : y}px`;
  }

  function hush() {
    target = null;
    tip.hidden = true;
    rings.setAttribute("visibility", "hidden");
  }

  function sayDot({ part, x, y, r }) {
    say([[noteOf(part)]], [["circle", { cx: x, cy: y, r: r + 4 }]]);
  }

  function sayLine(line) {
    if (line.n !== null && !shown[line.n]) return hush();
    const { x1, y1, x2, y2 } = line;
    say([[noteOf(line.part)]], [["line", { x1, y1, x2, y2 }]], ["below", "above", "right", "left"]);
  }

  function sayReading(x) {
    const { xs, heads, lines: curves } = data.readings;
    const end = Math.max(0, xs.findLastIndex((each) => each <= data.fronts[frame]));
    let near = 0;
    for (let n = 1; n <= end; n += 1) if (Math.abs(xs[n] - x) < Math.abs(xs[near] - x)) near = n;
    const inside = curves.filter(({ ys }) => ys[near] !== null);
    const marks = inside.map(({ color, ys }) => ["circle", { cx: xs[near], cy: ys[near], r: 7, stroke: color }]);
    const rows = curves.map(({ color, words: said }) => [said[near], color]);
    say([[heads[near]], ...rows], marks);
  }

  function reach(line, x, y) {
    const [dx, dy] = [line.x2 - line.x1, line.y2 - line.y1];
    const along = Math.max(0, Math.min(1, ((x - line.x1) * dx + (y - line.y1) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(line.x1 + along * dx - x, line.y1 + along * dy - y);
  }

  function nearest(things, distance, most) {
    let [found, least] = [null, most];
    for (const thing of things) if (distance(thing) <= least) [found, least] = [thing, distance(thing)];
    return found;
  }

  function look(event) {
    const matrix = svg.getScreenCTM();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const near = (pixels) => pixels / matrix.a;
    const dot = nearest(dots.values(), (d) => Math.hypot(d.x - x, d.y - y) - d.r, near(event.pointerType === "touch" ? 10 : 2));
    const line = dot ? null : nearest(lines.filter((l) => l.n === null || shown[l.n]), (l) => reach(l, x, y), near(5));
    const xs = data.readings ? data.readings.xs : [];
    if (dot) target = () => sayDot(dot);
    else if (line) target = () => sayLine(line);
    else if (xs.length && x >= xs[0] - 20 && x <= xs.at(-1) + 20) target = () => sayReading(x);
    else return hush();
    target();
  }

  stage.addEventListener("pointermove", look);
  stage.addEventListener("pointerdown", look);
  stage.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hush());

  // One stop of the Tab key for all dots; up and down go from dot to dot.
  const hits = [...dots.values()].map((dot, order) => {
    const hit = make("circle", {
      class: "hit", cx: dot.x, cy: dot.y, r: dot.r, role: "img", tabindex: order ? -1 : 0, "aria-label": data.parts[dot.part].words,
    });
    hit.addEventListener("focus", () => {
      hits.forEach((each) => each.setAttribute("tabindex", each === hit ? 0 : -1));
      if (!hit.matches(":focus-visible")) return;
      target = () => sayDot(dot);
      target();
    });
    hit.addEventListener("blur", hush);
    return hit;
  });

  // Keys.

  function speed(by_) {
    const select = by("speed");
    const at = SPEEDS.indexOf(Number(select.value)) + by_;
    select.value = String(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at))]);
  }

  const KEYS = {
    " ": () => (playing ? pause() : play()),
    ArrowLeft: () => go(frame - 1),
    ArrowRight: () => go(frame + 1),
    Home: () => go(0),
    End: () => go(last),
    "+": () => speed(1),
    "=": () => speed(1),
    "-": () => speed(-1),
    Escape: hush,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { target: at, key } = event;
    const order = hits.indexOf(at);
    if (order >= 0 && (key === "ArrowUp" || key === "ArrowDown")) {
      hits[Math.max(0, Math.min(hits.length - 1, order + (key === "ArrowUp" ? -1 : 1)))].focus();
      event.preventDefault();
    }
    // The list of speeds has keys of its own, and the space bar presses a button.
    if (!(key in KEYS) || at.tagName === "SELECT" || (at.tagName === "BUTTON" && key === " ")) return;
    KEYS[key]();
    event.preventDefault();
  });

  by("play").addEventListener("click", () => (playing ? pause() : play()));
  by("back").addEventListener("click", () => go(frame - 1));
  by("next").addEventListener("click", () => go(frame + 1));
  scrub.addEventListener("input", () => go(Number(scrub.value)));
  addEventListener("beforeprint", () => go(last));

  by("controls").hidden = false;
  by("hint").hidden = !(data.parts.length || data.readings);
  label();
  draw(last);
  if (last > 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches) play();
})();
