"""The words on pictures, by language."""

from contextlib import suppress

from dropviz.errors import UsageError, one_of

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "accuracy title": "Accuracy while training, with and without dropout",
        "accuracy title one": "Accuracy while training: {arm}",
        "network title": "Every minibatch trains a different thinned network",
        "iteration": "iteration",
        "iteration now": "iteration {now:,} of {last:,}",
        "iteration only": "iteration {now:,}",
        "minibatch axis": "iteration (one minibatch of {batch:,})",
        "accuracy axis": "accuracy, dropout off",
        "test": "{arm}, test",
        "train": "{arm}, train",
        "train noisy": "{arm}, train (noisy)",
        "images": "{size} training images",
        "all images": "all training images",
        "label noise": "{share} of labels redrawn at random",
        "seed": "seed {seed}",
        "seeds": "mean ± sd of {count} seeds",
        "own loop": "recorded from a training loop of its own",
        "above": "above",
        "below": "below",
        "decided": "{arm} ends {points} points {side} {base} on the test set, in {count} of {count} seeds",
        "undecided": "No clear difference on the test set: {arm} ends {points} points {side} {base}, above in {ahead} of {count} seeds",
        "equal": "{arm} ends level with {base} on the test set",
        "one seed": "One run, no claim: {arm} ends {points} points {side} {base} on the test set",
        "best": "at the best snapshot of each run: {values}",
        "standard": "Standard network",
        "thinned": "Thinned network",
        "input": "input",
        "output": "output",
        "hidden": "hidden {number}",
        "units": "{units:,} units",
        "drop_prob": "drop_prob {value:g}",
        "drop rate": "dropped {share}",
        "not shown": "+{count:,}",
        "kept": "kept",
        "dropped": "dropped, with its edges",
        "follows one": "Followed: the first example of each minibatch. Every example draws a mask of its own.",
        "drop rate meaning": "“dropped” is the share over all examples of the minibatch; “+” counts the units not shown.",
        "example": "image {index}",
        "its label": "label: {label}",
        "its noisy label": "trained as: {label}",
        "says": "says: {label}",
        "full stop": ".",
        "alt accuracy": "Animated line chart of train and test accuracy against iteration: {arms}.",
        "alt network": "Animated diagram of a network, one recorded minibatch after another: {arms}. Dropped units are crossed out and lose their edges.",
        "alt ends": "Test accuracy at the end: {values}",
        "alt dropped": "Share of units that {arm} dropped over the recorded minibatches: {rates}",
        "deck title": "Dropout, as recorded: {name}",
        "deck title own": "Dropout, as recorded",
        "slide accuracy": "Does dropout help here?",
        "slide accuracy one": "How accurate it becomes",
        "slide network": "What dropout does to a network",
        "slide figures": "Settings and figures",
        "test end": "test, at the end",
        "test best": "test, best snapshot",
        "train end": "train, at the end",
        "train best": "train, same snapshot",
        "dropped units": "units dropped",
        "table foot": "The best snapshot of each run is the one with its highest test accuracy: picked on the test set itself.",
        "shown alone": "{chart} shows {arm} alone: {reason}",
        "left out": "no slide for {chart}: {reason}",
        "draw again": "To draw it again: {command}",
        "experiment file": "The experiment, to be saved as {file}:",
        "pause": "Pause",
        "play": "Play",
        "notes": "Notes",
    },
    "zh": {
        "accuracy title": "训练中的准确率：用与不用暂退法",
        "accuracy title one": "训练中的准确率：{arm}",
        "network title": "每个小批量都在训练一个不同的稀疏化子网络",
        "iteration": "迭代",
        "iteration now": "第 {now:,} 次迭代，共 {last:,} 次",
        "iteration only": "第 {now:,} 次迭代",
        "minibatch axis": "迭代（每次一个 {batch:,} 样本的小批量）",
        "accuracy axis": "准确率（关闭暂退法）",
        "test": "{arm}，测试",
        "train": "{arm}，训练",
        "train noisy": "{arm}，训练（含噪声）",
        "images": "{size} 张训练图像",
        "all images": "全部训练图像",
        "label noise": "{share} 的标签随机重抽",
        "seed": "种子 {seed}",
        "seeds": "{count} 个种子的均值 ± 标准差",
        "own loop": "录自用户自己的训练循环",
        "above": "高",
        "below": "低",
        "decided": "测试集上 {arm} 最终比 {base} {side} {points} 个百分点（{count} 个种子中 {count} 个）",
        "undecided": "测试集上没有明显差别：{arm} 平均比 {base} {side} {points} 个百分点，{count} 个种子中 {ahead} 个更高",
        "equal": "测试集上 {arm} 最终与 {base} 持平",
        "one seed": "仅一次运行，不下结论：测试集上 {arm} 比 {base} {side} {points} 个百分点",
        "best": "各次运行最好的一次评估：{values}",
        "standard": "标准网络",
        "thinned": "稀疏化子网络",
        "input": "输入",
        "output": "输出",
        "hidden": "隐藏层 {number}",
        "units": "{units:,} 个单元",
        "drop_prob": "暂退概率 {value:g}",
        "drop rate": "丢弃 {share}",
        "not shown": "+{count:,}",
        "kept": "保留",
        "dropped": "被丢弃，连边一同去掉",
        "follows one": "跟随每个小批量的第一个样本；每个样本都有自己的掩码。",
        "drop rate meaning": "“丢弃”是整个小批量中的比例；“+”是未画出的单元数。",
        "example": "图像 {index}",
        "its label": "标签：{label}",
        "its noisy label": "按此训练：{label}",
        "says": "判为：{label}",
        "full stop": "。",
        "alt accuracy": "动画折线图，训练与测试准确率随迭代的变化：{arms}。",
        "alt network": "动画网络图，逐个显示记录下来的小批量：{arms}。被丢弃的单元打叉，并失去它们的边。",
        "alt ends": "最终测试准确率：{values}",
        "alt dropped": "{arm} 在所记录的小批量中丢弃单元的比例：{rates}",
        "deck title": "暂退法实录：{name}",
        "deck title own": "暂退法实录",
        "slide accuracy": "暂退法在这里有用吗？",
        "slide accuracy one": "准确率能到多少",
        "slide network": "暂退法对网络做了什么",
        "slide figures": "设置与数据",
        "test end": "测试（最终）",
        "test best": "测试（最佳评估）",
        "train end": "训练（最终）",
        "train best": "训练（同次评估）",
        "dropped units": "被丢弃的单元",
        "table foot": "每次运行的最佳评估，是测试准确率最高的那次：它是用测试集本身挑出来的。",
        "shown alone": "{chart} 只画出 {arm}：{reason}",
        "left out": "没有 {chart} 的幻灯片：{reason}",
        "draw again": "重新绘制：{command}",
        "experiment file": "实验设置，请存为 {file}：",
        "pause": "暂停",
        "play": "播放",
        "notes": "备注",
    },
}

# DejaVu Sans comes with matplotlib, so that pictures are alike on every machine; it has no Chinese glyphs.
FONTS: dict[str, tuple[str, ...]] = {
    "en": ("DejaVu Sans",),
    "zh": (
        "Noto Sans CJK SC",
        "Noto Sans CJK JP",  # the face that older matplotlibs see of the same file
        "Source Han Sans SC",
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
        "PingFang SC",
        "Microsoft YaHei",
        "SimHei",
    ),
}


class Labels:
    """The words of one language: `labels("iteration now", now=3, last=10)`."""

    def __init__(self, language: str) -> None:
        if language not in WORDS:
            raise UsageError(one_of("language", language, WORDS))
        self.language = language
        self._fonts: list[str] = []

    def __call__(self, key: str, **values: object) -> str:
        """The words of `key`, with `values` put in."""
        return WORDS[self.language][key].format(**values)

    @property
    def fonts(self) -> list[str]:
        """Font families to draw with, the best first."""
        if not self._fonts:
            self._fonts = self.find_fonts()
        return self._fonts

    def find_fonts(self) -> list[str]:
        """Look for the families; UsageError if none that has the glyphs of the language is installed."""
        wanted = FONTS[self.language]
        if self.language == "en":
            return list(wanted)
        installed = _installed_fonts()
        found = [name for name in wanted if name in installed]
        if not found:
            raise UsageError(
                f"no font for language {self.language!r} is installed: install one of {', '.join(wanted)} "
                "(Debian: apt-get install fonts-noto-cjk), or draw with --lang en"
            )
        return [*found, "DejaVu Sans"]


def _installed_fonts() -> set[str]:
    """Names of the font families there are, those among them that came after matplotlib last looked."""
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    known = {font.fname for font in fonts.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with suppress(RuntimeError, OSError, ValueError):  # a file that is no font is not the user's question
                fonts.addfont(path)
    return {font.name for font in fonts.ttflist}


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{100 * share:.{digits}f}%"
