// The recorded arrays of the page. Nothing is computed but means and extremes.
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);
const TYPES = { u1: Uint8Array, u2: Uint16Array, i2: Int16Array, f4: Float32Array, bits: Uint8Array };

function decode({ shape, kind, scale, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return { shape, scale, values: new TYPES[kind](bytes.buffer), isBits: kind === "bits" };
}

const arrays = Object.fromEntries(Object.entries(page.arrays).map(([name, array]) => [name, decode(array)]));

// The values along the last axes, after those that an index is given for.
function read(name, ...index) {
  const { shape, scale, values, isBits } = arrays[name];
  const length = shape.slice(index.length).reduce((product, size) => product * size, 1);
  const start = index.reduce((sum, each, axis) => sum * shape[axis] + each, 0) * length;
  return Array.from({ length }, (_, n) => {
    const at = start + n;
    return isBits ? (values[at >> 3] >> (7 - (at & 7))) & 1 : values[at] * scale;
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share) => `${(100 * share).toFixed(1)}%`;
const word = (key, values = {}) => page.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const last = { drop_prob: page.dropProbs.length - 1, iteration: page.iterations.length - 1, masks: arrays.average.shape[2] - 1 };
// What is shown: indices of arm, snapshot and last averaged pass, the test image, and whether dropout is on.
const state = { drop_prob: 0, iteration: last.iteration, masks: 0, image: 0, on: false };

// Test accuracies of all seeds, at these settings.
function accuracies({ drop_prob, iteration, masks, on }) {
  return on ? read("average", drop_prob, iteration, masks) : read("test", drop_prob, iteration);
}

// Probabilities of each averaged pass; of the one pass with dropout off.
function passes() {
  const at = [state.drop_prob, state.iteration];
  if (!state.on) return [read("off prediction", ...at, state.image)];
  return Array.from({ length: state.masks + 1 }, (_, pass) => read("drawn prediction", ...at, pass, state.image));
}

function prediction(each) {
  return each[0].map((_, label) => mean(each.map((shares) => shares[label])));
}

const trueLabel = () => read("label")[state.image];

// Outputs and masks of the shown units of a hidden layer, counted from 1, in the pass that is shown.
function units(layer) {
  const at = [state.drop_prob, state.iteration, ...(state.on ? [state.masks] : []), state.image];
  const outputs = read(`${state.on ? "drawn" : "off"} ${layer}`, ...at);
  const kept = state.on ? read(`kept ${layer}`, ...at) : outputs.map(() => 1);
  return outputs.map((output, n) => ({ output, kept: kept[n] === 1 }));
}

// The largest recorded output of a layer at this drop_prob, for this image: what the darkest unit stands for.
function largest(layer) {
  const outputs = page.iterations.map((_, snapshot) => Math.max(...read(`off ${layer}`, state.drop_prob, snapshot, state.image)));
  return Math.max(...outputs) || 1;
}
