"""Calls that are known by name: what prints, what sets up in silence, what reaches outside.

Patterns are dotted paths as they are written in a module; ``*`` stands for any text.
"""

from __future__ import annotations

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
