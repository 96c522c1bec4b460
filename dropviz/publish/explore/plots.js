// A curve for each slider: its x axis is the slider's, and the dot has the same height in all of them.

const PLOT = { left: 40, right: 16, top: 14, bottom: 20 }; // pixels; the sliders under the plots have the same margins
const NAMES = ["drop_prob", "iteration", "masks"];
const TICKS = {
  drop_prob: (n) => String(page.dropProbs[n]),
  iteration: (n) => page.iterations[n].toLocaleString("en"),
  masks: (n) => String(n + 1),
};

const lowest = (() => {
  const every = [...read("test"), ...read("average"), ...read("train")];
  return Math.floor(Math.min(...every) * 10) / 10;
})();

function along(name, settings, values = accuracies) {
  return Array.from({ length: last[name] + 1 }, (_, n) => values({ ...state, ...settings, [name]: n }));
}

// Lines of a plot, the main one last: a class, accuracies of all seeds at each place of the slider, and a key.
function lines(name) {
  const off = { kind: "off", values: along(name, { on: false }), key: "key off" };
  const main = { kind: "main", values: along(name, {}) };
  const key = `drop_prob ${page.dropProbs[state.drop_prob]}`;
  if (name === "masks") return [{ ...off, kind: state.on ? "off" : "main" }, { kind: state.on ? "main" : "train", values: along(name, { on: true }), key: "key on" }];
  if (name === "drop_prob") return state.on ? [off, { ...main, key: "key on" }] : [{ ...main, key: "key off" }];
  if (state.on) return [off, { ...main, key: "key on" }];
  const train = { kind: "train", values: along(name, {}, ({ drop_prob, iteration }) => read("train", drop_prob, iteration)), key: "key train" };
  const plain = { kind: "plain", values: along(name, { drop_prob: 0 }), key: "key plain" };
  const isPlain = state.drop_prob === 0 || page.dropProbs[0] !== 0;
  return [train, ...(isPlain ? [] : [plain]), { ...main, text: state.drop_prob === 0 && page.dropProbs[0] === 0 ? word("key plain") : key }];
}

function drawPlot(name) {
  const figure = document.getElementById(`${name}-plot`);
  const svg = figure.querySelector("figure > svg");
  const { width, height } = svg.getBoundingClientRect();
  if (!width) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  const x = (n) => PLOT.left + (n * (width - PLOT.left - PLOT.right)) / last[name];
  const y = (share) => PLOT.top + ((1 - share) / (1 - lowest)) * (height - PLOT.top - PLOT.bottom);
  drawAxes(svg, name, x, y, width, height);
  const shown = lines(name);
  shown.forEach((line) => drawLine(svg, line, x, y));
  drawDot(svg, name, x, y, width);
  drawKeys(figure.querySelector(".keys"), shown);
}

function drawAxes(svg, name, x, y, width, height) {
  for (const share of [lowest, (1 + lowest) / 2, 1]) {
    make(svg, "path", { class: "axis", d: `M${PLOT.left} ${y(share)}H${width - PLOT.right}` });
    make(svg, "text", { class: "quiet", x: PLOT.left - 6, y: y(share) + 4, "text-anchor": "end" }, `${Math.round(100 * share)}%`);
  }
  const steps = last[name] <= 10 ? Array.from({ length: last[name] + 1 }, (_, n) => n) : [0, last[name]];
  for (const n of steps) make(svg, "text", { class: "quiet", x: x(n), y: height - 4, "text-anchor": n === last[name] && last[name] > 10 ? "end" : "middle" }, TICKS[name](n));
}

function drawLine(svg, { kind, values }, x, y) {
  const path = (ys) => ys.map((share, n) => `${x(n).toFixed(1)} ${y(share).toFixed(1)}`);
  if (kind === "main") {
    const edge = [...path(values.map((each) => Math.max(...each))), ...path(values.map((each) => Math.min(...each))).reverse()];
    make(svg, "path", { class: "band", d: `M${edge.join("L")}Z` });
  }
  make(svg, "path", { class: `line ${kind}`, d: `M${path(values.map(mean)).join("L")}` });
}

function drawDot(svg, name, x, y, width) {
  if (name === "masks" && !state.on) return;
  const share = mean(accuracies(state));
  const at = { x: x(state[name]), y: y(share) };
  make(svg, "path", { class: "level", d: `M${PLOT.left} ${at.y}H${width - PLOT.right}` });
  make(svg, "circle", { class: "dot", cx: at.x, cy: at.y, r: 8 });
  const right = at.x > width / 2;
  make(svg, "text", { class: "strong", x: at.x + (right ? -10 : 10), y: at.y + 24, "text-anchor": right ? "end" : "start" }, percent(share));
}

function drawKeys(parent, shown) {
  parent.replaceChildren(...[...shown].reverse().map(({ kind, key, text }) => {
    const item = document.createElement("span");
    const sign = make(item, "svg", { viewBox: "0 0 20 8", "aria-hidden": "true" });
    make(sign, "path", { class: `line ${kind}`, d: "M0 4H20" });
    item.append(text ?? word(key));
    return item;
  }));
}

function goTo(name, svg, event) {
  const input = document.getElementById(name);
  if (input.disabled) return;
  const { left, width } = svg.getBoundingClientRect();
  const share = (event.clientX - left - PLOT.left) / (width - PLOT.left - PLOT.right);
  input.value = Math.round(share * last[name]);
  input.dispatchEvent(new Event("input"));
}

for (const name of NAMES) {
  const svg = document.querySelector(`#${name}-plot > svg`);
  svg.addEventListener("pointerdown", (event) => goTo(name, svg, event));
  svg.addEventListener("pointermove", (event) => event.buttons && goTo(name, svg, event));
}
