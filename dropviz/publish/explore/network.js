// The network for one image: units by their outputs, edges by their weights, and the predicted probabilities.

const SVG = "http://www.w3.org/2000/svg";
const WEAKEST = 0.2; // weights below this share of the largest one of their layer are not drawn

function make(parent, tag, attributes = {}, text = "") {
  const element = parent.appendChild(document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

function drawImage(parent, image, x, y, size) {
  const [, rows, columns] = arrays.image.shape;
  const pixel = size / Math.max(rows, columns);
  read("image", image).forEach((value, n) => {
    const place = { x: x + (n % columns) * pixel, y: y + Math.floor(n / columns) * pixel };
    if (value) make(parent, "rect", { class: "pixel", ...place, width: pixel, height: pixel, "fill-opacity": (value / 255).toFixed(3) });
  });
  make(parent, "rect", { class: "frame", x, y, width: size, height: size });
  return { x, y, pixel, columns };
}

const network = { svg: document.getElementById("network"), units: [], edges: [], pointed: -1 };

function layOut() {
  const { width, height } = network.svg.getBoundingClientRect();
  const narrow = width < 600;
  const top = narrow ? 44 : 76;
  const foot = 8;
  const side = Math.min(narrow ? 72 : 168, height - top - foot);
  const rows = Math.max(...page.layers.slice(1).map((layer) => layer.shown.length));
  const pitch = (height - top - foot) / rows;
  const radius = Math.min(pitch * 0.42, narrow ? 9 : 14);
  const right = width - (narrow ? 124 : 380);
  const columns = page.layers.length - 1;
  const first = side + (narrow ? 28 : 110);
  const x = (layer) => (columns > 1 ? first + ((layer - 1) * (right - first)) / (columns - 1) : right);
  const y = (layer, n) => top + pitch * (n + 0.5 + (rows - page.layers[layer].shown.length) / 2);
  return { width, height, narrow, top, side, pitch, radius, x, y, right };
}

// Elements of the picture at its present size; `drawNetwork` then changes their attributes only.
function buildNetwork() {
  const place = layOut();
  network.svg.replaceChildren();
  Object.assign(network, { place, units: [], edges: [] });
  network.svg.setAttribute("viewBox", `0 0 ${place.width} ${place.height}`);
  network.image = make(network.svg, "g");
  buildEdges(place);
  page.layers.forEach((layer, n) => n && buildColumn(place, layer, n));
  buildHeads(place);
  network.ring = make(network.svg, "circle", { class: "ring", r: place.radius + 4, visibility: "hidden" });
  network.rows = page.classes.map((name, n) => buildRow(place, name, n));
  network.passes = make(network.svg, "path", { class: "passes" });
}

function buildHeads({ x, top, narrow, side, right }) {
  page.layers.forEach((layer, n) => {
    const at = { x: n ? x(n) : side / 2, "text-anchor": "middle" };
    make(network.svg, "text", { ...at, class: "strong", y: top - (narrow ? 24 : 28) }, layer.name);
    const count = layer.shown.length < layer.units ? "shown" : "all shown";
    if (n && !narrow) make(network.svg, "text", { ...at, class: "quiet", y: top - 10 }, word(count, { shown: layer.shown.length, units: layer.units }));
  });
  network.mask = make(network.svg, "text", { class: "strong", "text-anchor": "middle", x: (x(1) + x(Math.max(1, page.layers.length - 2))) / 2, y: narrow ? 36 : 22 });
}

function buildEdges({ x, y }) {
  page.layers.slice(1).forEach((layer, n) => {
    const to = n + 1;
    layer.shown.forEach((_, unit) => {
      const count = arrays[`weights ${to}`].shape[3];
      for (let from = 0; from < count; from += 1) {
        const element = make(network.svg, "line", { class: "edge", x2: x(to), y2: y(to, unit) });
        if (n) set(element, { x1: x(n), y1: y(n, from) });
        network.edges.push({ element, to, unit, from });
      }
    });
  });
}

function buildColumn({ x, y, radius }, layer, number) {
  layer.shown.forEach((name, n) => {
    const at = { cx: x(number), cy: y(number, n), r: radius };
    const [left, up, reach] = [x(number), y(number, n), radius * 0.6];
    const unit = {
      layer: number, n, name,
      circle: make(network.svg, "circle", { ...at, class: "unit" }),
      fill: make(network.svg, "circle", { ...at, class: "fill", "fill-opacity": 0 }),
      cross: make(network.svg, "path", { class: "cross", opacity: 0, d: `M${left - reach} ${up - reach}l${2 * reach} ${2 * reach}m0 ${-2 * reach}l${-2 * reach} ${2 * reach}` }),
    };
    unit.circle.addEventListener("pointerenter", () => point(network.units.indexOf(unit)));
    unit.circle.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && point(-1));
    network.units.push(unit);
  });
}

function buildRow({ right, y, radius, narrow, width, pitch }, name, n) {
  const output = page.layers.length - 1;
  const labelWidth = narrow ? 26 : Math.min(110, 14 + 8 * Math.max(...page.classes.map((each) => each.length)));
  const left = right + radius + 8 + labelWidth;
  const room = width - left - (narrow ? 4 : 92);
  const height = Math.min(pitch * 0.62, 18);
  const middle = y(output, n);
  return {
    left, room, middle, height,
    label: make(network.svg, "text", { x: right + radius + 8, y: middle + 5 }, narrow ? name.slice(0, 3) : name),
    bar: make(network.svg, "rect", { class: "bar", x: left, y: middle - height / 2, height }),
    value: make(network.svg, "text", { y: middle + 5 }),
  };
}

function drawNetwork() {
  const output = page.layers.length - 1;
  const layers = page.layers.map((_, n) => (n && n < output ? units(n) : []));
  const each = passes();
  const shown = each[each.length - 1]; // the pass whose mask is shown
  layers[output] = page.layers[output].shown.map((unit) => ({ output: shown[unit], kept: true }));
  drawInput();
  drawUnits(layers, shown);
  drawEdges(layers);
  drawBars(each);
  network.mask.textContent = state.on ? word("mask", { number: state.masks + 1, passes: last.masks + 1 }) : word("no mask");
  readUnit();
}

function drawInput() {
  const { side, top, height } = network.place;
  network.image.replaceChildren();
  network.pixels = drawImage(network.image, state.image, 1, top + Math.max(0, (height - top - side) / 2 - 4), side - 2);
}

function drawUnits(layers, shown) {
  const best = Math.max(...shown);
  const scales = layers.map((_, n) => (n && n < layers.length - 1 ? largest(n) : 1));
  for (const unit of network.units) {
    const { output, kept } = layers[unit.layer][unit.n];
    const first = unit.layer === layers.length - 1 && output === best;
    set(unit.circle, { class: `unit${kept ? "" : " dropped"}${first ? " first" : ""}` });
    set(unit.fill, { "fill-opacity": kept ? Math.min(1, output / scales[unit.layer]).toFixed(3) : 0 });
    set(unit.cross, { opacity: kept ? 0 : 1 });
    Object.assign(unit, { output, kept });
  }
}

function drawEdges(layers) {
  const at = [state.drop_prob, state.iteration];
  const weights = layers.map((_, n) => (n ? read(`weights ${n}`, ...at) : []));
  const scales = weights.map((each) => Math.max(...each.map(Math.abs), 1e-9));
  const inputs = read("inputs 1", ...at);
  const { x, y, pixel, columns } = network.pixels;
  for (const edge of network.edges) {
    const { element, to, unit, from } = edge;
    const index = unit * arrays[`weights ${to}`].shape[3] + from;
    const share = weights[to][index] / scales[to];
    const kept = layers[to][unit].kept && (to === 1 || layers[to - 1][from].kept);
    if (to === 1) set(element, { x1: x + ((inputs[index] % columns) + 0.5) * pixel, y1: y + (Math.floor(inputs[index] / columns) + 0.5) * pixel });
    const pointed = network.units[network.pointed];
    const touches = !pointed || (to === pointed.layer && unit === pointed.n) || (to === pointed.layer + 1 && from === pointed.n);
    set(element, {
      class: `edge ${share < 0 ? "negative" : "positive"}${kept && !touches ? " faded" : ""}`,
      opacity: kept && Math.abs(share) >= WEAKEST ? (0.25 + 0.75 * Math.abs(share)).toFixed(3) : 0,
      "stroke-width": (0.4 + 3.2 * Math.abs(share)).toFixed(2),
    });
  }
}

function drawBars(each) {
  const shares = prediction(each);
  const best = shares.indexOf(Math.max(...shares));
  const label = trueLabel();
  const { narrow } = network.place;
  shares.forEach((share, n) => {
    const { bar, value, label: name, left, room } = network.rows[n];
    const end = Math.max(1, ...each.map((shares) => shares[n] * room)); // of the bar, or of the largest pass
    const verdict = n !== best ? "" : best === label ? "right" : "wrong";
    const sign = verdict === "right" ? " ✓" : verdict === "wrong" ? " ✗" : "";
    set(bar, { class: `bar ${verdict}`, width: Math.max(1, share * room).toFixed(2) });
    set(value, { x: left + end + 6, class: `${n === best ? "strong" : "quiet"}${verdict === "wrong" ? " wrong" : ""}` });
    value.textContent = narrow ? "" : percent(share) + sign; // on a phone the sentence below has it
    set(name, { class: n === label ? "strong" : "quiet" });
  });
  drawPasses(each);
  const said = document.getElementById("prediction");
  said.className = best === label ? "" : "wrong";
  const names = { name: page.classes[best], label: page.classes[label], share: percent(shares[best]) };
  said.textContent = `${best === label ? "✓" : "✗"} ${word(best === label ? "right" : "wrong", names)}`;
}

// A line for each averaged pass, on the bar of each class.
function drawPasses(each) {
  const marks = state.on
    ? network.rows.flatMap(({ left, room, middle, height }, n) => each.map((shares) => `M${(left + shares[n] * room).toFixed(1)} ${middle - height / 2}v${height}`))
    : [];
  set(network.passes, { d: marks.join("") || "M0 0" });
}

function point(index) {
  network.pointed = index;
  drawNetwork();
}

function readUnit() {
  const unit = network.units[network.pointed];
  const readout = document.getElementById("readout");
  network.ring.setAttribute("visibility", unit ? "visible" : "hidden");
  if (!unit) return void (readout.textContent = "");
  set(network.ring, { cx: unit.circle.getAttribute("cx"), cy: unit.circle.getAttribute("cy") });
  const hidden = unit.layer < page.layers.length - 1;
  const names = { layer: page.layers[unit.layer].name, unit: hidden ? unit.name : page.classes[unit.n], output: unit.output.toFixed(2) };
  readout.textContent = word(unit.kept ? "unit" : "unit dropped", names) + (state.on && hidden ? share(unit) : "");
}

// How many of all recorded masks of this image drop a unit.
function share({ layer, n }) {
  const total = last.masks + 1;
  const kept = Array.from({ length: total }, (_, pass) => read(`kept ${layer}`, state.drop_prob, state.iteration, pass, state.image)[n]);
  return word("unit share", { count: total - kept.reduce((a, b) => a + b, 0), total });
}

const STEPS = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };
network.svg.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return point(-1);
  if (!STEPS[event.key]) return undefined;
  event.preventDefault();
  const [across, down] = STEPS[event.key];
  const { layer, n } = network.units[network.pointed] ?? { layer: 1, n: -down };
  const next = Math.max(1, Math.min(page.layers.length - 1, layer + across));
  const row = Math.max(0, Math.min(page.layers[next].shown.length - 1, n + down));
  point(network.units.findIndex((unit) => unit.layer === next && unit.n === row));
  return say();
});
network.svg.addEventListener("blur", () => point(-1));
