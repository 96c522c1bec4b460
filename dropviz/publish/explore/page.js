// Controls of the page, and its sentences.

const by = (id) => document.getElementById(id);
const PAUSE = 400; // milliseconds without a change, after which the values are said to screen readers
const REDRAW = 200; // least milliseconds between two masks: units that come and go more often would flash

let saying = 0;
let drawing = 0;
let drawn = -REDRAW;

function sentence() {
  const values = accuracies(state);
  const key = !state.on ? "off" : state.masks ? "many" : "one";
  return word(key, { drop_prob: page.dropProbs[state.drop_prob], accuracy: percent(mean(values)), passes: state.masks + 1 });
}

function evidence() {
  const values = accuracies(state);
  const numbers = { now: page.iterations[state.iteration].toLocaleString("en"), last: page.lastIteration.toLocaleString("en") };
  const spread = { seeds: page.seeds.length, low: percent(Math.min(...values)), high: percent(Math.max(...values)) };
  const parts = [word("evidence", { ...numbers, ...spread })];
  const plain = { ...state, drop_prob: 0, on: false };
  if (page.dropProbs[0] === 0 && state.drop_prob) parts.push(word("plain", { accuracy: percent(mean(accuracies(plain))) }));
  return parts.join(document.documentElement.lang === "zh" ? "；" : "; ");
}

function say() {
  clearTimeout(saying);
  saying = setTimeout(() => {
    const texts = ["headline", "evidence", "prediction", "readout"].map((id) => by(id).textContent);
    by("said").textContent = texts.filter(Boolean).join(". ");
  }, PAUSE);
}

function label(name, text) {
  by(`${name}-value`).textContent = text;
  by(name).setAttribute("aria-valuetext", text);
  by(name).value = state[name];
}

function redrawNetwork() {
  clearTimeout(drawing);
  const wait = drawn + REDRAW - performance.now();
  if (wait > 0) {
    drawing = setTimeout(redrawNetwork, wait);
    return;
  }
  drawn = performance.now();
  drawNetwork();
}

function draw() {
  const main = document.querySelector("main");
  main.toggleAttribute("data-plain", page.dropProbs[state.drop_prob] === 0);
  main.toggleAttribute("data-on", state.on);
  by("headline").textContent = sentence();
  by("evidence").textContent = evidence();
  for (const name of NAMES) label(name, TICKS[name](state[name]));
  by("masks").disabled = !state.on;
  if (!state.on) label("masks", word("masks off"));
  redrawNetwork();
  NAMES.forEach(drawPlot);
  say();
}

function activate(name) {
  for (const each of NAMES) by(`${each}-plot`).classList.toggle("active", each === name);
}

function change(name, value) {
  state[name] = value;
  draw();
}

for (const name of NAMES) {
  by(name).addEventListener("input", () => {
    activate(name);
    change(name, Number(by(name).value));
  });
}
for (const input of document.querySelectorAll("[name=image]")) {
  drawImage(make(input.parentNode.querySelector("svg"), "g"), Number(input.value), 0, 0, 36);
  input.parentNode.querySelector("svg").setAttribute("viewBox", "0 0 36 36");
  input.addEventListener("change", () => change("image", Number(input.value)));
}
for (const input of document.querySelectorAll("[name=mode]")) {
  input.addEventListener("change", () => change("on", input.value === "on"));
}

// The middle of the sweep first: there is something to see in both directions.
state.drop_prob = Math.ceil(last.drop_prob / 2);
by("source").textContent = word("source", { seed: page.seeds[0] });
document.querySelector("[name=image]").checked = true;
document.querySelector("[name=mode]").checked = true; // a browser may remember another choice
activate("drop_prob");
new ResizeObserver(() => {
  buildNetwork();
  draw();
}).observe(network.svg);
