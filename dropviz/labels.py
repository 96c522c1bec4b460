"""The words on pictures, by language."""

import re
from collections.abc import Iterable

from dropviz.errors import UsageError, one_of
from dropviz.fonts import CHINESE, OWN, families, installed

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
        "seeds mean": "mean of {count} seeds, without bands",
        "linear": "linear, no hidden layer",
        "own loop": "recorded from a training loop of its own",
        "momentum": "momentum {value:g}",
        "weight decay": "weight decay {value:g}",
        "not drawn": "not drawn: {arms}",
        "comma": ", ",
        "semicolon": "; ",
        "colon": "{name}: {value}",
        "between": " ",
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
        "units row": "units",
        "drop_prob row": "drop_prob",
        "drop rate row": "dropped",
        "not shown": "+{count:,}",
        "titled": "{kind} ({arm})",
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
        "alt plot": "Animated plot, drawn by a function of the user's own: {arms}.",
        "alt ends": "Test accuracy at the end: {values}",
        "alt dropped": "Share of units that {arm} dropped over the recorded minibatches: {rates}",
        "unit": "{layer}, unit {unit}",
        "unit note": "{unit}: dropped in {count:,} of {total:,} recorded minibatches",
        "unit kept note": "{unit}: this layer drops no units",
        "edge note": "{left} → {right}: weight",
        "player controls": "Playback",
        "player play": "Play",
        "player pause": "Pause",
        "player back": "Step back",
        "player next": "Step forward",
        "player scrub": "Moment",
        "player speed": "Speed",
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
    },
    "zh": {
        "accuracy title": "训练过程中的准确率：用与不用暂退法",
        "accuracy title one": "训练过程中的准确率：{arm}",
        "network title": "每个小批量训练的都是不同的稀疏化子网络",
        "iteration": "迭代次数",
        "iteration now": "第 {now:,} 次迭代，共 {last:,} 次",
        "iteration only": "第 {now:,} 次迭代",
        "minibatch axis": "迭代次数（每次迭代用一个小批量，{batch:,} 个样本）",
        "accuracy axis": "准确率（评估时关闭暂退法）",
        "test": "{arm}，测试",
        "train": "{arm}，训练",
        "train noisy": "{arm}，训练（标签含噪声）",
        "images": "{size} 张训练图像",
        "all images": "全部训练图像",
        "label noise": "{share} 的标签随机重取",
        "seed": "随机种子 {seed}",
        "seeds": "{count} 个随机种子的均值 ± 标准差",
        "seeds mean": "{count} 个随机种子的均值，不画标准差带",
        "linear": "线性模型，无隐藏层",
        "own loop": "记录自用户自己的训练循环",
        "momentum": "动量 {value:g}",
        "weight decay": "权重衰减 {value:g}",
        "not drawn": "未画出：{arms}",
        "comma": "、",
        "semicolon": "；",
        "colon": "{name}：{value}",
        "between": "",
        "above": "高",
        "below": "低",
        "decided": "测试集上，“{arm}”最终比“{base}”{side} {points} 个百分点（{count} 个种子全部如此）",
        "undecided": "测试集上没有明显差别：“{arm}”最终平均比“{base}”{side} {points} 个百分点，{count} 个种子中有 {ahead} 个更高",
        "equal": "测试集上，“{arm}”最终与“{base}”持平",
        "one seed": "只有一次运行，不下结论：测试集上，“{arm}”最终比“{base}”{side} {points} 个百分点",
        "best": "各次运行中最好的一次评估：{values}",
        "standard": "标准网络",
        "thinned": "稀疏化子网络",
        "input": "输入",
        "output": "输出",
        "hidden": "隐藏层 {number}",
        "units": "{units:,} 个单元",
        "drop_prob": "暂退概率 {value:g}",
        "drop rate": "丢弃 {share}",
        "units row": "单元数",
        "drop_prob row": "暂退概率",
        "drop rate row": "丢弃",
        "not shown": "+{count:,}",
        "titled": "{kind}（{arm}）",
        "kept": "保留",
        "dropped": "被丢弃，与其相连的边一并去掉",
        "follows one": "图中跟踪每个小批量的第一个样本；每个样本都独立抽取自己的掩码。",
        "drop rate meaning": "“丢弃”是对整个小批量统计的比例；“+”后是未画出的单元数。",
        "example": "第 {index} 张图像",
        "its label": "标签：{label}",
        "its noisy label": "训练标签：{label}",
        "says": "预测：{label}",
        "full stop": "。",
        "alt accuracy": "动画折线图，训练与测试准确率随迭代的变化：{arms}。",
        "alt network": "动画网络图，逐个显示记录下来的小批量：{arms}。被丢弃的单元打叉，并失去它们的边。",
        "alt plot": "动画图，由用户自己的函数绘制：{arms}。",
        "alt ends": "最终测试准确率：{values}",
        "alt dropped": "“{arm}”在所记录的小批量中丢弃的单元比例：{rates}",
        "unit": "{layer}，单元 {unit}",
        "unit note": "{unit}：所记录的 {total:,} 个小批量中丢弃了 {count:,} 次",
        "unit kept note": "{unit}：该层不丢弃单元",
        "edge note": "{left} → {right}：权重",
        "player controls": "播放控制",
        "player play": "播放",
        "player pause": "暂停",
        "player back": "后退一步",
        "player next": "前进一步",
        "player scrub": "时刻",
        "player speed": "速度",
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
    },
}

# Names that experiments come with, as patterns, and what they are called in other languages.
NAMES: dict[str, dict[str, str]] = {
    "en": {},
    "zh": {
        "no dropout": "不用暂退法",
        "dropout": "暂退法",
        r"dropout ([\d./]+)": r"暂退法 \1",
        r"([\w.]+\.Dropout) ([\d./]+)": r"\1 \2",
        "digits": "手写数字 digits",
        "fashion-mnist": "Fashion-MNIST",
        "mnist": "MNIST",
        "kmnist": "KMNIST",
        # the classes of Fashion-MNIST
        "T-shirt/top": "T 恤/上衣",
        "Trouser": "裤子",
        "Pullover": "套头衫",
        "Dress": "连衣裙",
        "Coat": "外套",
        "Sandal": "凉鞋",
        "Shirt": "衬衫",
        "Sneaker": "运动鞋",
        "Bag": "包",
        "Ankle boot": "短靴",
    },
}

FONTS: dict[str, tuple[str, ...]] = {"en": (OWN,), "zh": CHINESE}


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

    def name(self, name: str) -> str:
        """What an arm, a class or a data set is called: names that experiments come with are translated."""
        for pattern, words in NAMES[self.language].items():
            if match := re.fullmatch(pattern, name):
                return match.expand(words)
        return name

    @property
    def fonts(self) -> list[str]:
        """Font families to draw with, the best first."""
        if not self._fonts:
            self._fonts = self.find_fonts()
        return self._fonts

    def check(self, names: Iterable[str]) -> None:
        """See to it that `names`, as they are called, can be drawn; UsageError that says which letters cannot."""
        self._fonts = families(self.fonts, [self.name(name) for name in names])

    def find_fonts(self) -> list[str]:
        """Look for the families; UsageError if none that has the glyphs of the language is installed."""
        wanted = FONTS[self.language]
        if self.language == "en":
            return list(wanted)
        there = installed()
        found = [name for name in wanted if name in there]
        if not found:
            raise UsageError(
                f"no font for language {self.language!r} is installed: install one of {', '.join(wanted)} "
                "(Debian: apt-get install fonts-noto-cjk), or draw with --lang en"
            )
        return [OWN, *found]  # figures in the wider one: at 6 pixels, a decimal point must still be seen


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{100 * share:.{digits}f}%"
