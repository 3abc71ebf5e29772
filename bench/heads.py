"""scikit-learn's side of heads.mjs: python3 heads.py FOLDER HEAD THREADS [once | C]. Prints one JSON object.

once: settings chosen on the first fold alone, and only the fit on the whole training part is timed; C: nothing is chosen."""
import json
import os
import pathlib
import sys
import time
import warnings

folder, head, threads = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
single = sys.argv[4] if len(sys.argv) > 4 else None
# Where the folds run in a process each, BLAS gets one thread each.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(threads) if single else "1"

import numpy as np  # noqa: E402
from joblib.externals.loky import get_reusable_executor  # noqa: E402
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV  # noqa: E402
from sklearn.model_selection import GridSearchCV, PredefinedSplit  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from sklearn.svm import SVC, LinearSVC  # noqa: E402

warnings.filterwarnings("ignore")
x, y, inner = (np.load(folder / f"{name}.npy") for name in ("features", "labels", "inner"))
train = inner >= 0
folds = PredefinedSplit(inner[train])

# Everything that is not written here is scikit-learn's default.
once = {
    "softmax": LogisticRegression(max_iter=1000),
    "svm": LinearSVC(dual=False),
    "svm-rbf": SVC(cache_size=2000),
    "mlp": MLPClassifier(random_state=0),
}[head]
grid = {
    "svm": {"C": [1e-4, 1e-3, 1e-2, 1e-1, 1]},
    # On these features 0.1 and 100 do no better.
    "svm-rbf": {"C": [0.3, 1, 10]},
    "mlp": {"alpha": [1e-4, 1e-2, 1]},
}
if single:
    if single == "once":
        first = PredefinedSplit(np.where(inner[train] == 0, 0, -1))
        search = GridSearchCV(once, grid[head], cv=first, n_jobs=threads, refit=False)
        settings = search.fit(x[train], y[train]).best_params_
        # Or its processes would count as the fit's.
        get_reusable_executor().shutdown(wait=True)
    else:
        settings = {"C": float(single)}
    model = once.set_params(**settings)
    chosen = lambda m: settings  # noqa: E731
elif head == "softmax":
    # Its own grid of ten C.
    model = LogisticRegressionCV(cv=folds, n_jobs=threads)
    chosen = lambda m: {"C": float(m.C_[0])}  # noqa: E731
else:
    model = GridSearchCV(once, grid[head], cv=folds, n_jobs=threads)
    chosen = lambda m: m.best_params_  # noqa: E731

began, before = time.perf_counter(), sum(os.times()[:4])
model.fit(x[train], y[train])
seconds = time.perf_counter() - began
# What the processes of the folds took is known once they have ended.
get_reusable_executor().shutdown(wait=True)
processor = sum(os.times()[:4]) - before
right = (model.predict(x[~train]) == y[~train]).astype(int).tolist()
name = type(once if isinstance(model, GridSearchCV) else model).__name__
print(json.dumps({"model": name, "seconds": seconds, "processor": processor, "right": right, "settings": chosen(model)}))
