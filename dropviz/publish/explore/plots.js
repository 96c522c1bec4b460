// A curve for each slider: its x axis is the slider's, and the dot has the same height in all of them.

const PLOT = { left: 46, right: 16, top: 14, bottom: 20 }; // pixels; the sliders under the plots have the same margins
const NAMES = ["drop_prob", "iteration", "masks"];
const TICKS = {
  drop_prob: (n) => String(page.dropProbs[n]),
  iteration: (n) => page.iterations[n].toLocaleString("en"),
  masks: (n) => String(n + 1),
};

const TENTHS = 10; // the y axis begins at a multiple of a tenth

// Lowest accuracy of the later half of training, by whether dropout is on: how training begins would flatten the curves.
const floors = [false, true].map((on) => {
  const half = page.iterations.map((_, n) => n).slice(Math.floor(page.iterations.length / 2));
  const every = page.dropProbs.flatMap((_, drop_prob) => half.map((iteration) => mean(accuracies({ drop_prob, iteration, masks: 0, on }))));
  return Math.min(...every);
});

// Beginning of the y axis: what is below is cut off, but never the dot.
function lowest() {
  return Math.floor(TENTHS * Math.min(floors[Number(state.on)], mean(accuracies(state)), 0.8) - 1e-9) / TENTHS;
}

function along(name, settings) {
  return Array.from({ length: last[name] + 1 }, (_, n) => accuracies({ ...state, ...settings, [name]: n }));
}

// Lines of a plot, the main one last: a class, accuracies of all seeds at each place of the slider, and a key.
function lines(name) {
  const off = { kind: "off", values: along(name, { on: false }), key: "key off" };
  const main = { kind: "main", values: along(name, {}) };
  if (state.on) return [off, { ...main, key: "key on" }];
  if (name === "masks") return [{ kind: "quiet", values: along(name, { on: true }), key: "key on" }, { ...main, key: "key off" }];
  if (name === "drop_prob" || page.dropProbs[0] !== 0) return [{ ...main, key: "key off" }];
  const plain = { kind: "plain", values: along(name, { drop_prob: 0 }), key: "key plain" };
  if (state.drop_prob === 0) return [{ ...main, key: "key plain" }];
  return [plain, { ...main, text: `${word("drop_prob")} ${page.dropProbs[state.drop_prob]}` }];
}

function drawPlot(name) {
  const figure = document.getElementById(`${name}-plot`);
  const svg = figure.querySelector("figure > svg");
  const { width, height } = svg.getBoundingClientRect();
  if (!width) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  const x = (n) => PLOT.left + (n * (width - PLOT.left - PLOT.right)) / last[name];
  const low = lowest();
  const y = (share) => PLOT.top + ((1 - share) / (1 - low)) * (height - PLOT.top - PLOT.bottom);
  drawAxes(svg, name, x, y, low);
  const clip = make(make(svg, "clipPath", { id: `${name}-clip` }), "rect");
  set(clip, { x: 0, y: 0, width, height: y(low) });
  const inside = make(svg, "g", { "clip-path": `url(#${name}-clip)` });
  const shown = lines(name);
  shown.forEach((line) => drawLine(inside, line, x, y));
  drawDot(svg, name, x, y, width);
  drawKeys(figure.querySelector(".keys"), shown);
}

function drawAxes(svg, name, x, y, low) {
  for (const share of [low, (1 + low) / 2, 1]) {
    make(svg, "path", { class: "axis", d: `M${PLOT.left} ${y(share)}H${x(last[name])}` });
    make(svg, "text", { class: "quiet", x: PLOT.left - 6, y: y(share) + 4, "text-anchor": "end" }, `${Math.round(100 * share)}%`);
  }
  const steps = last[name] <= 10 ? Array.from({ length: last[name] + 1 }, (_, n) => n) : [0, last[name]];
  for (const n of steps) make(svg, "text", { class: "quiet", x: x(n), y: y(low) + 16, "text-anchor": n === last[name] && last[name] > 10 ? "end" : "middle" }, TICKS[name](n));
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
