"""Calls that are known by name: what prints, what sets up in silence, what reaches outside.

Patterns are dotted paths as they are written in a module; ``*`` stands for any text.
"""

from __future__ import annotations

import re

#: Calls that print.
PRINTERS = (
    "print", "pprint", "pp", "pprint.pprint", "pprint.pp", "display", "rich.print",
    "sys.stdout.write", "sys.stderr.write", "sys.stdout.flush", "console.print", "warnings.warn",
    "logging.debug", "logging.info", "logging.warning", "logging.error", "logging.critical",
    "logger.debug", "logger.info", "logger.warning", "logger.error", "logger.critical",
    "log.debug", "log.info", "log.warning", "log.error",
)  # fmt: skip

#: Calls that set a module up in silence. Importers rely on them.
QUIET_SETUP = (
    "sys.path.*", "os.environ.setdefault", "os.environ.update", "os.environ.pop",
    "sys.setrecursionlimit", "warnings.filterwarnings",
    "warnings.simplefilter", "logging.basicConfig", "logging.disable", "*.setLevel",
    "*.addHandler", "np.set_printoptions", "numpy.set_printoptions", "np.seterr", "numpy.seterr",
    "torch.set_*", "pd.set_option", "pandas.set_option", "matplotlib.use", "mpl.use",
    "plt.style.use", "plt.rc", "plt.rcParams.update", "plt.ion", "plt.ioff", "sns.set*",
    "signal.signal", "atexit.register", "locale.setlocale", "gc.disable", "gc.enable",
    "faulthandler.enable", "load_dotenv", "nest_asyncio.apply", "multiprocessing.set_start_method",
    "importlib.reload", "__all__.*", "get_ipython().*", "setattr", "decimal.getcontext",
)  # fmt: skip

#: Calls that give None, whatever they are given: a notebook shows nothing.
GIVES_NOTHING = (
    *(path for path in PRINTERS if not path.endswith(".write")), "os._exit",
    "*.append", "*.extend", "*.clear", "*.sort", "*.insert", "random.seed", "np.random.seed",
    "numpy.random.seed", "time.sleep",
    "sleep", "plt.show", "plt.close", "plt.tight_layout", "os.makedirs", "os.mkdir", "os.chdir",
    "os.remove", "os.rename", "os.unlink", "sys.path.*", "sys.exit", "exit", "quit",
    "random.shuffle", "gc.enable", "gc.disable", "exec", "setattr", "delattr",
    "warnings.filterwarnings", "warnings.simplefilter", "logging.basicConfig", "np.save",
    "np.random.shuffle", "np.set_printoptions", "np.copyto", "plt.savefig",
    "np.testing.assert_*", "numpy.testing.assert_*", "torch.testing.assert_*", "assert_*",
    "torch.save", "pickle.dump", "json.dump",
)  # fmt: skip

#: Methods that leave the object alone that they are called on, and what they are given.
LEAVES_ALONE = frozenset(
    # text, numbers, containers
    "as_integer_ratio bit_length capitalize casefold center conjugate copy count decode difference "
    "elements encode endswith expandtabs find format format_map fromkeys get hex index "
    "intersection isdisjoint issubset issuperset items join keys ljust lower lstrip maketrans "
    "most_common partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit "
    "rstrip split splitlines startswith strip swapcase symmetric_difference title total translate "
    "union upper values zfill _asdict _replace isoformat strftime strptime timestamp "
    "group groups groupdict match search fullmatch findall finditer sub subn span start end "
    # paths
    "absolute as_posix as_uri exists expanduser glob is_dir is_file iterdir joinpath read_bytes "
    "read_text relative_to resolve rglob samefile stat with_name with_stem with_suffix "
    # arrays and tables
    "abs agg all any argmax argmin argsort argpartition astype clip corr cov cpu cumprod cumsum "
    "describe detach diagonal diff dot equals exp flatten float groupby head idxmax idxmin info "
    "isna isnull isin item iterrows itertuples log long mean median memory_usage min max ndim "
    "nelement nonzero norm notna nunique numel numpy permute prod ptp quantile ravel repeat "
    "reshape round sample searchsorted sigmoid size softmax sqrt squeeze std sum swapaxes t tail "
    "take tanh to to_dict to_list to_numpy to_string tobytes tolist trace transpose unique "
    "unsqueeze value_counts var view parameters named_parameters state_dict "
    # what draws, which keeps its own picture
    "__repr__ __str__ __len__ __contains__ __getitem__ __iter__ __eq__ __hash__ mro".split()
)

#: Packages whose functions are known: those that change what they are given first are named.
KNOWN_PACKAGES = frozenset(
    "IPython PIL cv2 ipywidgets jax matplotlib networkx np numpy pandas plotly psutil rich "
    "scipy seaborn sklearn sympy tabulate tensorflow torch torchvision tqdm typing_extensions "
    "yaml".split()
)

#: Calls that fix the state of a random generator: part of the demo they stand in, or of nothing.
SEEDS = ("*.seed", "seed", "*.manual_seed", "*.set_seed")

#: Calls that reach outside the process, whatever becomes of their result.
OUTSIDE = (
    "subprocess.*", "shutil.*", "socket.*", "requests.*", "urllib.request.*", "urlopen",
    "urlretrieve", "input", "os.chdir", "os.makedirs", "os.mkdir", "os.popen", "os.putenv",
    "os.remove", "os.removedirs", "os.rename", "os.replace", "os.rmdir", "os.system", "os.unlink",
    "np.save*", "numpy.save*", "*.write_text", "*.write_bytes", "*.savefig", "*.to_csv",
    "*.unlink", "*.touch", "*.rmdir",
)  # fmt: skip

#: Methods that change the object they are called on.
MUTATORS = frozenset(
    "add append appendleft clear discard extend fill insert pop popitem popleft put register "
    "remove resize reverse setdefault sort subscribe update "
    "__setitem__ __delitem__ __setattr__".split()
)

#: Functions that change what they are given first.
CHANGES_FIRST = frozenset(
    "copyto delattr fill_diagonal heapify heappop heappush place put setattr setitem "
    "shuffle".split()
)

#: Builtin functions that are written where a type is meant → that type, of ``typing``.
MEANT_TYPES = {"any": "Any", "callable": "Callable"}

#: Comments above a body that the student is to see.
GUIDANCE = re.compile(r"#.*\b(?:TODO|APPROACH|HINTS?|YOUR CODE)\b")
