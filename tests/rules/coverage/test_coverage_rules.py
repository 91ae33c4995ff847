"""COV001–COV008: what tests touch, by name resolution, and what they leave out."""

from __future__ import annotations

import pytest

from evidence import SOLUTION, graded, markdown, rows, said, solution

RELU = solution("def relu(x):", "return max(x, 0)")
LAYER = (
    SOLUTION + "class Layer:\n"
    "    def __init__(self, size, bias=True):\n        ### BEGIN SOLUTION\n"
    "        self.size = size\n        ### END SOLUTION\n\n"
    "    def forward(self, x):\n        ### BEGIN SOLUTION\n        return x\n"
    "        ### END SOLUTION\n\n\n"
)
OTHER = LAYER.replace("Layer", "Other")


# --- COV001: which test touches what ---


@pytest.mark.parametrize(
    "test",
    [
        "assert relu(1)",
        "f = relu\n    assert f(1)".replace("    ", ""),
        "assert [relu(x) for x in (1, 2)]",
        "assert list(map(relu, [1]))",
        "def inner():\n    return relu(1)\nassert inner()",
        "from tinytorch.core.activations import relu\nassert relu(1)",
        "assert globals()['re' + 'lu'](1)",
    ],
)
def test_a_test_touches_what_it_runs(test: str) -> None:
    assert rows(RELU + graded(test), "COV001") == []


def test_a_test_touches_what_its_helpers_run() -> None:
    helper = "# %%\ndef check(x):\n    assert relu(x)\n\n\n"
    assert rows(RELU + helper + graded("check(1)"), "COV001") == []
    alias = "# %%\nactivation = relu\n\n"
    assert rows(RELU + alias + graded("assert activation(1)"), "COV001") == []


@pytest.mark.parametrize(
    "test",
    [
        "relu = abs\nassert relu(1)",
        "assert relu_like(1)",
        "x = 'relu(1)'\nassert x",
        "assert np.relu(1)",
    ],
    ids=["a local of that name", "a similar name", "a string", "another's function"],
)
def test_a_name_alone_touches_nothing(test: str) -> None:
    text = "# %%\nimport numpy as np\n\n" + RELU + graded(test, "test_unit_relu")
    assert len(rows(text, "COV001")) == 1


def test_a_method_is_touched_through_an_object_of_its_class() -> None:
    both = LAYER + OTHER
    text = both + graded("a = Layer(1)\nb = Other(1)\nassert a.forward(1) == b.size")
    assert [m for _, m in said(text, "COV001")] == [
        "no test touches Other.forward: a wrong answer passes"
    ]
    assert rows(both + graded("for l in [Layer(1), Other(1)]:\n    l.forward(1)"), "COV001") == []


def test_calling_an_object_runs_its_call_method_only() -> None:
    call = LAYER.rstrip() + "\n\n    def __call__(self, x):\n        return self.forward(x)\n\n\n"
    assert rows(call + graded("assert Layer(1)(2)"), "COV001") == []
    assert len(rows(call + graded("layer = Layer(1)\nassert layer.size"), "COV001")) == 1


def test_a_method_of_a_base_is_touched_through_its_heir() -> None:
    heir = "# %%\nclass Dense(Layer):\n    pass\n\n\n"
    assert rows(LAYER + heir + graded("d = Dense(1)\nassert d.forward(1)"), "COV001") == []


@pytest.mark.parametrize(
    ("method", "touching", "others"),
    [
        ("__add__", "a + 1", "3 + 4"),
        ("__radd__", "1 + a", "a.size"),
        ("__sub__", "a - 1", "a + 1"),
        ("__iadd__", "[a := a.same(), exec('')]\na += 1", "a + 1"),
        ("__neg__", "-a", "not a"),
        ("__eq__", "a == a", "1 == 2"),
        ("__lt__", "sorted([a, a])", "abs(a)"),
        ("__getitem__", "a[0]", "str(a)"),
        ("__setitem__", "a.size\na[0] = 1", "a[0]"),
        ("__len__", "len(a)", "print(a)"),
        ("__iter__", "[x for x in a]", "-a"),
        ("__contains__", "1 in a", "a == a"),
        ("__enter__", "a.size\nwith a: pass", "a.size"),
        ("__repr__", "f'{a}'", "-a"),
        ("__abs__", "abs(a)", "str(a)"),
        ("__add__", "sum([a, a])", "max(a, a)"),
        ("__radd__", "sum([a, a])", "sorted([a, a])"),
        ("__iter__", "sum(a)", "len(a)"),
        ("__bool__", "bool(a)", "isinstance(a, int)"),
        ("__iter__", "any(a)", "hasattr(a, 'size')"),
        ("__str__", "'%s' % a", "a * 2"),
        ("__getitem__", "a[0] += 1", "a.size += 1"),
        ("__mul__", "import operator\noperator.mul(a, 2)", "abs(a)"),
    ],
)
def test_an_operator_touches_the_method_that_python_calls_for_it(
    method: str, touching: str, others: str
) -> None:
    layer = LAYER.replace("forward(self", f"{method}(self")
    made = "a = Layer(1)\n"
    assert rows(layer + graded(made + touching), "COV001") == []
    assert [m for _, m in said(layer + graded(made + others), "COV001")] == [
        f"no test touches Layer.{method}: a wrong answer passes"
    ]


def test_a_class_that_no_test_touches_is_reported_once() -> None:
    text = LAYER + RELU + graded("assert relu(1)")
    assert [m for _, m in said(text, "COV001")] == ["no test touches Layer: a wrong answer passes"]


def test_what_the_module_installs_on_import_is_touched_by_every_test() -> None:
    install = "# %%\ndef enable():\n    Tensor.relu = relu\n\n\nenable()\n\n"
    assert rows(RELU + install + graded("assert Tensor(1).relu()"), "COV001") == []


def test_bare_asserts_of_a_graded_cell_are_a_test() -> None:
    cell = graded("pass").split("def ")[0] + "assert relu(1)\n"
    assert rows(RELU + cell, "COV001") == []


def test_a_module_without_tests() -> None:
    assert [m for _, m in said(RELU, "COV001")] == [
        "no test touches relu, nor any other solution of the module"
    ]


# --- COV002: parameters ---


@pytest.mark.parametrize(
    "test",
    [
        "assert Layer(1, False)",
        "assert Layer(1, bias=False)",
        "assert Layer(*[1, False])",
        "assert Layer(**{'size': 1})",
    ],
)
def test_a_parameter_that_is_passed(test: str) -> None:
    assert rows(LAYER + graded(test + ".forward(1)"), "COV002") == []


def test_a_parameter_that_is_left_at_its_default() -> None:
    assert said(LAYER + graded("assert Layer(1).forward(1)"), "COV002") == [
        (3, "no test passes bias to Layer.__init__")
    ]


def test_super_passes_parameters_too() -> None:
    heir = (
        "# %%\nclass Dense(Layer):\n    def __init__(self):\n"
        "        super().__init__(1, bias=False)\n\n\n"
    )
    assert rows(LAYER + heir + graded("assert Dense().forward(1)"), "COV002") == []


def test_a_solution_without_a_test_is_not_asked_for_parameters() -> None:
    assert rows(LAYER, "COV002") == []


# --- COV003: errors ---

RAISING = solution("def root(x):", "if x < 0:\n    raise ValueError('no')\nreturn x")


@pytest.mark.parametrize(
    "test",
    [
        "with pytest.raises(ValueError):\n    root(-1)",
        "try:\n    root(-1)\nexcept ValueError:\n    pass",
        "assert_raises(ValueError, root, -1)",
    ],
)
def test_an_error_that_is_expected(test: str) -> None:
    assert rows(RAISING + graded(test), "COV003") == []


def test_an_error_that_no_test_expects() -> None:
    optional = "try:\n    import torch\nexcept ImportError:\n    pass\nassert root(1)"
    assert said(RAISING + graded(optional), "COV003") == [
        (5, "no test expects an error, though root raises ValueError")
    ]
    assert rows(RELU + graded("assert relu(1)"), "COV003") == []


# --- COV004: extreme values ---

EXP = solution("def softmax(x):", "return np.exp(x)")


@pytest.mark.parametrize(
    "test",
    [
        "softmax([1000, -1000])",
        "softmax(1e30)",
        "softmax(-1e-30)",
        "softmax(float('inf'))",
        "softmax(np.finfo(np.float32).max)",
        "assert softmax([1000.0]) == 1",
        '"""Extreme values."""\nsoftmax(x)',
    ],
)
def test_what_is_extreme(test: str) -> None:
    assert rows(EXP + graded(test), "COV004") == []


@pytest.mark.parametrize(
    "test",
    [
        "softmax(np.random.randn(1000, 5))",
        "assert softmax(1) < 1e6",
        "assert np.allclose(softmax(1), 1, atol=1e-12)",
        "softmax(x / 1e6)",
        "np.random.seed(12345)\nsoftmax(1)",
    ],
    ids=["a shape", "a bound", "a tolerance", "a divisor", "a seed"],
)
def test_what_is_not(test: str) -> None:
    assert len(rows(EXP + graded(test), "COV004")) == 1


def test_counting_words_needs_no_extreme_values() -> None:
    count = solution("def ratio(words, tokens):", "return len(tokens) / len(words)")
    assert rows(count + graded("assert ratio('a', 'b')"), "COV004") == []


# --- COV005: large batches ---

BATCHED = solution('def rows(x):\n    """Sum (batch, features)."""', "return x.sum(1)")


@pytest.mark.parametrize(
    "test",
    [
        "rows(np.ones((512, 3)))",
        "rows(np.random.randn(100, 3))",
        "batch = 256\nrows(np.zeros((batch, 3)))",
        "for batch in [1, 1024]:\n    rows(np.zeros((batch, 3)))",
        "rows(rng.normal(size=(300, 2)))",
    ],
)
def test_a_large_batch(test: str) -> None:
    assert rows(BATCHED + graded(test), "COV005") == []


@pytest.mark.parametrize(
    "test", ["rows(np.ones((2, 512)))", "rows(np.ones(512))", "rows(Linear(784, 10))"]
)
def test_no_large_batch(test: str) -> None:
    assert len(rows(BATCHED + graded(test), "COV005")) == 1


def test_code_without_batches_is_not_asked_for_one() -> None:
    assert rows(RELU + graded("assert relu(1)"), "COV005") == []


# --- COV006, COV007: what is asked of a module about quantization only ---

CALIBRATE = solution("def calibrate(samples):", "return max(samples)")


def test_the_effect_of_calibration_is_a_comparison() -> None:
    compared = "good = calibrate([1])\nbad = calibrate([9])\nassert good < bad"
    assert rows(CALIBRATE + graded(compared, "test_calibration"), "COV006") == []
    called = graded("assert calibrate([1]) > 0", "test_calibration")
    assert rows(CALIBRATE + called, "COV006") == [2]
    unrelated = graded("a, b = 1, 2\nassert a < b", "test_calibration")
    assert rows(CALIBRATE + unrelated, "COV006") == [2]


def test_a_tokenizer_is_not_asked_for_either() -> None:
    text = markdown("A tokenizer. Probability calibration is another story.")
    text += markdown("- mixed precision\n\nWhat is **mixed precision**?")
    text += RELU + graded("assert relu(1)")
    assert rows(text, "COV006") == []
    assert rows(text, "COV007") == []


@pytest.mark.parametrize("form", ["### Strategy 3: mixed precision", "**Mixed Precision** helps."])
def test_who_teaches_mixed_precision_tests_it(form: str) -> None:
    text = markdown(form) + RELU
    assert rows(text + graded("assert relu(1)"), "COV007") == [2]
    assert rows(text + graded("assert relu(1)", "test_mixed_precision"), "COV007") == []


# --- COV008: a clock ---


def test_a_benchmark_reads_a_clock_and_runs_a_solution() -> None:
    assert len(rows(RELU, "COV008")) == 1
    timed = "# %%\ndef benchmark():\n    t = time.perf_counter()\n    relu(1)\n"
    assert rows(RELU + timed, "COV008") == []
    assert len(rows(RELU + timed.replace("relu(1)", "sum([1])"), "COV008")) == 1


# --- what is a solution ---


def test_without_any_region_all_of_a_solution_cell_is_written_by_students() -> None:
    wiped = SOLUTION + "def step(x):\n    return x\n\n\n"
    assert len(rows(wiped + graded("assert True"), "COV001")) == 1
    assert rows(RELU + wiped + graded("assert relu(1)"), "COV001") == []


def test_a_region_around_a_function_makes_it_a_solution() -> None:
    around = SOLUTION + "### BEGIN SOLUTION\ndef step(x):\n    return x\n### END SOLUTION\n\n\n"
    assert len(rows(around + graded("assert True"), "COV001")) == 1
