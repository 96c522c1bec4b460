"""The explorable page: recorded values only, in Chromium as people use it; and the sweeps that it refuses."""

import dataclasses
import re
import time
from itertools import pairwise

import numpy as np
import pytest
from conftest import shrunk
from selenium.webdriver.common.keys import Keys

import dropviz
from dropviz._util.web import asset
from dropviz.errors import RecordingError
from dropviz.experiments.presets import PRESETS
from dropviz.publish.explore.page import SCRIPTS

HOSTILE = "</script ><script>window.evil=1</script>"
SWEEP = shrunk(PRESETS["explore"])
SWEEP = SWEEP.replace(arms=tuple(SWEEP.arms[n] for n in (0, 5, 8)), hidden=(24, 12))


@pytest.fixture(scope="module")
def sweep(train_once):
    """Recordings of three drop probabilities and two seeds."""
    return train_once(SWEEP)


@pytest.fixture(scope="module")
def made(sweep, tmp_path_factory):
    """The page of these recordings."""
    return dropviz.explore(sweep, out=tmp_path_factory.mktemp("explore") / "a.html")


def choose(browser, **settings):
    """Set sliders, image and switch as a user would, and wait for the network."""
    script = """for (const [id, value] of Object.entries(arguments[0])) {
        const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event("input")); }
        document.querySelector(`[name=mode][value=${arguments[1]}]`).click();
        document.querySelector(`[name=image][value="${arguments[2]}"]`).click();
        return new Promise(done => setTimeout(done, 250));"""
    image, mode = settings.pop("image"), "on" if settings.pop("on") else "off"
    browser.run(script, settings, mode, image)


def text(browser, name):
    """Return the words of an element."""
    return browser.run("return document.getElementById(arguments[0]).textContent", name)


def test_every_value_is_recorded(sweep, made, browser):
    """Accuracy, spread, prediction and crossed units are those of the recordings, or means of the passes chosen."""
    browser.open(made, reduced=True)
    for arm, snapshot, masks, image, on in (
        (0, 2, 0, 0, False),
        (1, 0, 0, 1, True),
        (1, 3, 6, 2, True),
        (2, 1, 29, 3, True),
    ):
        choose(browser, drop_prob=arm, iteration=snapshot, masks=masks, image=image, on=on)
        runs = [each for each in sweep if each.arm == SWEEP.arms[arm].name]
        probes = runs[0].probes
        accuracies = [
            each.probes["passes/average accuracy"][snapshot, masks] if on else each.metric("test_accuracy")[snapshot]
            for each in runs
        ]
        assert f" {100 * np.mean(accuracies):.1f}% " in text(browser, "headline")
        spread = f"2 seeds from {100 * min(accuracies):.1f}% to {100 * max(accuracies):.1f}%"
        assert spread in text(browser, "evidence")
        drawn = probes["passes/drawn prediction"][snapshot, : masks + 1, image].mean(axis=0)
        shares = drawn if on else probes["passes/off prediction"][snapshot, image]
        assert browser.run("return prediction(passes())") == pytest.approx(shares.tolist(), abs=5e-5)
        found = re.search(r": (\d) \(([\d.]+)%\), (right|wrong)", text(browser, "prediction"))
        assert int(found[1]) == shares.argmax()
        assert float(found[2]) == pytest.approx(100 * shares.max(), abs=0.06)
        assert (found[3] == "right") == (shares.argmax() == probes["passes/label"][image])
        crossed = browser.run("return network.units.map(unit => unit.cross.getAttribute('opacity'))")
        kept = [probes[f"passes/kept {layer}"][snapshot, masks, image] for layer in (1, 2)]
        expected = np.concatenate([*(~each for each in kept), np.zeros(10, bool)]) & on
        assert crossed == [str(int(each)) for each in expected]


def test_the_script_draws_nothing_at_random():
    """No random numbers, exponentials or products of weights: predictions are read, not computed."""
    script = "".join(asset("dropviz.publish.explore", name) for name in SCRIPTS)
    assert not re.search(r"random|crypto|Math\.exp|fetch|XMLHttp|import\(", script)


def test_keyboard_reaches_and_moves_everything(made, browser):
    """Tab goes from image to network, switch and sliders, each with a visible focus; arrows move; values are said."""
    browser.open(made, reduced=True)
    order = []
    for _ in range(5):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        order.append(browser.run("const e = document.activeElement; return e.id || e.name"))
        assert (
            browser.run("""const e = document.activeElement, shown = e.type === "radio" ? e.nextElementSibling : e;
            return getComputedStyle(shown).outlineStyle""")
            == "solid"
        )
    assert order == ["image", "network", "mode", "drop_prob", "iteration"]
    browser.driver.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    browser.driver.find_element("id", "drop_prob").send_keys(Keys.END)
    browser.driver.find_element("id", "network").send_keys(Keys.ARROW_DOWN)
    time.sleep(0.6)
    said = text(browser, "said")
    iteration = browser.run("return page.iterations")[-2]
    assert "At drop_prob 0.8: " in said
    assert f"Iteration {iteration} of " in said
    assert "hidden 1, unit 0: output " in said
    assert browser.run("return document.getElementById('drop_prob').getAttribute('aria-valuetext')") == "0.8"
    assert browser.log() == []


def test_units_come_and_go_too_slowly_to_flash(made, browser):
    """However fast a slider moves, the masks change at most every fifth of a second; the sentence follows at once."""
    browser.open(made)
    choose(browser, on=True, image=0, drop_prob=1)
    script = """const [done] = arguments, slider = document.getElementById("masks"), heads = new Set();
        const times = [];
        const watch = { childList: true, characterData: true };
        new MutationObserver(() => { times.push(performance.now()); }).observe(network.mask, watch);
        let n = 0;
        (function step() {
            if (n === 30) return setTimeout(() => done([times, heads.size, network.mask.textContent]), 300);
            slider.value = n++; slider.dispatchEvent(new Event("input"));
            heads.add(document.getElementById("headline").textContent);
            setTimeout(step, 30);
        })();"""
    times, heads, mask = browser.driver.execute_async_script(script)
    assert len(times) >= 3
    assert min(after - before for before, after in pairwise(times)) > 150  # ms; timers of browsers are not exact
    assert heads == 30
    assert mask == "mask 30 of 30"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_is_wide_enough(sweep, tmp_path, browser, lang):
    """At 390 px nothing runs out to the right, targets are 44 px, one curve is shown, and motion can be off."""
    made = dropviz.explore(sweep, out=tmp_path / "a.html", lang=lang)
    assert made.stat().st_size < 5_000_000
    browser.open(made, (390, 844), reduced=True)
    choose(browser, on=True, image=1, masks=4)
    assert browser.run("return document.documentElement.scrollWidth") == 390
    for control in browser.driver.find_elements("css selector", "label:has([type=radio]), input[type=range]"):
        assert min(control.rect["height"], control.rect["width"]) >= 44
        assert control.rect["x"] + control.rect["width"] <= 390
    figures = browser.driver.find_elements("css selector", "figure")
    shown = [each.get_attribute("id") for each in figures if each.is_displayed()]
    assert shown == ["masks-plot"]
    motion = "return getComputedStyle(document.querySelector('.edge')).transitionDuration"
    assert browser.run(motion) == "0s"
    assert browser.sent() == [made.as_uri()]
    assert browser.log() == []


def test_names_stay_words(sweep, tmp_path, browser):
    """A class name that is markup is shown as it is, and runs nothing."""
    named = [
        dataclasses.replace(each, examples=dataclasses.replace(each.examples, class_names=(HOSTILE, *"123456789")))
        for each in sweep
    ]
    browser.open(dropviz.explore(named, out=tmp_path / "a.html"))
    assert browser.run("return [window.evil ?? 0, page.classes[0]]") == [0, HOSTILE]
    assert browser.log() == []


def test_what_is_no_sweep_is_refused(sweep, recordings, tmp_path):
    """One line says why, and no file is written."""
    one = [each for each in sweep if each.arm == SWEEP.arms[1].name]
    widened = [dataclasses.replace(arm, l2=0.1 * number) for number, arm in enumerate(SWEEP.arms)]
    other = [dataclasses.replace(each, experiment=SWEEP.replace(arms=tuple(widened))) for each in sweep]
    for runs, words in (
        (recordings, "not recorded with the probe"),
        (one, "one value"),
        (other, "differ in l2"),
    ):
        with pytest.raises(RecordingError, match=words) as caught:
            dropviz.explore(runs, out=tmp_path / "a.html")
        assert "\n" not in str(caught.value)
    assert not any(tmp_path.iterdir())


def test_runs_that_diverged_are_named(sweep, tmp_path):
    """The page says it above the settings; where it cannot be made, the error does."""
    losses = {name: np.full(len(sweep[-1].snapshots["iteration"]), np.inf) for name in ("train_loss", "test_loss")}
    run = dataclasses.replace(sweep[-1], snapshots={**sweep[-1].snapshots, **losses})
    words = rf"1 of {len(sweep)} runs diverged, the first from iteration \d+ on \({run.arm}: seed {run.seed}, from"
    assert re.search(words, dropviz.explore([*sweep[:-1], run], out=tmp_path / "a.html").read_text("utf-8"))
    infinite = {"passes/off 1": np.full_like(run.probes["passes/off 1"], np.inf)}
    worse = dataclasses.replace(sweep[0], probes={**sweep[0].probes, **infinite}, snapshots=run.snapshots)
    with pytest.raises(RecordingError, match=f"^passes/off 1 of arm .* is not finite: 2 of {len(sweep)} runs diverged"):
        dropviz.explore([worse, *sweep[1:-1], run], out=tmp_path / "b.html")


def test_passes_are_the_networks_own(sweep):
    """Masks of the first layer and outputs agree, recur at each snapshot, and drop more units at a larger drop_prob."""
    none, half, most = (next(run.probes for run in sweep if run.arm == arm.name) for arm in SWEEP.arms)
    assert none["passes/kept 1"].all()
    assert (none["passes/drawn prediction"] == none["passes/off prediction"][:, None]).all()
    for probes, drop_prob in ((half, 0.5), (most, 0.8)):
        kept, off = probes["passes/kept 1"], probes["passes/off 1"][:, None].astype(float)
        np.testing.assert_allclose(probes["passes/drawn 1"], off * kept / (1 - drop_prob), rtol=2e-3, atol=1e-6)
        assert (kept == kept[:1]).all()
        assert kept.mean() == pytest.approx(1 - drop_prob, abs=0.1)
    assert not (most["passes/kept 1"] & ~half["passes/kept 1"]).any()
    run = next(each for each in sweep if each.arm == SWEEP.arms[1].name)
    assert not np.array_equal(run.probes["passes/average accuracy"][:, 0], run.metric("test_accuracy"))
