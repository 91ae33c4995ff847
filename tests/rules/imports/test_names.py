"""The names of demo functions: what they are about, in any script, never markup or a number."""

from __future__ import annotations

import re

import pytest

from fixing.running import fixed, prove_by_execution

DEMO = "for i in [1]:\n    print(i)\n"

HEADINGS = {
    "## 🎯 A Demo of the Layers!": "demo_layers",
    "## Step 3: ⚙️ Layers": "demo_layers",
    "## Слои сети": "demo_слои_сети",
    "## 激活 函数": "demo_激活_函数",
    "## 活性化関数": "demo_活性化関数",
    "## हिन्दी पाठ": "demo_हिन्दी_पाठ",
    "## Crème brûlée": "demo_creme_brulee",
    "## Größe der Schicht": "demo_große_der_schicht",
    "## ﬁne ｗｉｄｅ": "demo_fine_wide",
    "## Why <font color='red'>Layers</font> Matter": "demo_why_layers_matter",
    "## <span style='color: blue'>Sums</span>": "demo_sums",
    "## [Layers](https://example.org/a_b) and `code`": "demo_layers_code",
    "## ![logo](logo.png) Layers": "demo_layers",
    "## **Bold** and _soft_": "demo_bold_soft",
    "## Sums &amp; means": "demo_sums_means",
    "## The $x^2$ curve": "demo_curve",
    "## \\\\(a + b\\\\) is a sum": "demo_sum",
    "## Layers {#sec-layers}": "demo_layers",
    "<h2>Layers</h2>": "demo_layers",
    '<h3 id="a">Layers <em>of</em> networks</h3>': "demo_layers_networks",
    "## 3": "demo",
    "## Step 4": "demo",
    "## ---": "demo",
    "## <br/>": "demo",
}


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_names_the_demo(heading: str) -> None:
    expected = HEADINGS[heading]
    heading = heading.replace("\\\\", "\\")
    new = prove_by_execution(f"# %% [markdown]\n# {heading}\n\n# %%\n{DEMO}")
    assert f"\ndef {expected}():\n" in new


DEEDS = {
    "own function": ("def train():\n    return 1\n# %%\nx = train()\nassert x\n", "demo_train"),
    "own class": ("class MyNet:\n    w = 1\n# %%\nn = MyNet()\nprint(n.w)\n", "demo_my_net"),
    "a helper of its own": (
        "for i in [1]:\n    def helper():\n        print(i)\n    helper()\n    assert i\n",
        "demo_helper",
    ),
    "a library's": ("import math\nfor i in [1]:\n    print(math.sqrt(i))\n", "demo_sqrt"),
    "a demo": ("def demo_it():\n    return 1\n# %%\nassert demo_it()\n", "demo_it_2"),
    "nothing": (DEMO, "demo"),
    "a name that is taken": ("def demo():\n    pass\n# %%\n" + DEMO, "demo_2"),
    "a misspelt delimiter": ("### begin solution\n" + DEMO, "demo"),
    "a directive": ("#| hide\n" + DEMO, "demo"),
    "a comment": ("# Look at the loss\n" + DEMO, "demo_look_at_loss"),
}


@pytest.mark.parametrize(("text", "expected"), DEEDS.values(), ids=DEEDS)
def test_without_a_heading_the_demo_is_named_after_what_it_does(text: str, expected: str) -> None:
    assert f"def {expected}():\n" in fixed(f"# %%\n{text}")


def test_no_two_demos_have_one_name() -> None:
    new = fixed("# %%\nassert 1\n# %%\nassert 2\n# %%\nassert 3\n")
    assert re.findall(r"def (\w+)", new) == ["demo", "demo_2", "demo_3"]
