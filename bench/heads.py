"""scikit-learn's side of heads.mjs: python3 heads.py FOLDER HEAD once|chosen THREADS. Prints one JSON object."""
import json
import os
import pathlib
import sys
import time
import warnings

folder, head, mode, threads = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
# Where the folds run in a process each, BLAS gets one thread each.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1" if mode == "chosen" else str(threads)

import numpy as np  # noqa: E402
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
    "softmax": LogisticRegression(n_jobs=threads),
    "svm": LinearSVC(dual=False),
    "svm-rbf": SVC(cache_size=2000),
    "mlp": MLPClassifier(random_state=0),
}[head]
grid = {
    "svm": {"C": [1e-4, 1e-3, 1e-2, 1e-1, 1]},
    "svm-rbf": {"C": [0.1, 1, 10]},
    "mlp": {"alpha": [1e-4, 1e-2, 1]},
}
if mode == "once":
    model = once
    chosen = lambda m: {}  # noqa: E731
elif head == "softmax":
    # Its own grid of ten C.
    model = LogisticRegressionCV(cv=folds, n_jobs=threads)
    chosen = lambda m: {"C": float(m.C_[0])}  # noqa: E731
else:
    model = GridSearchCV(once, grid[head], cv=folds, n_jobs=threads)
    chosen = lambda m: m.best_params_  # noqa: E731

began = time.perf_counter()
model.fit(x[train], y[train])
seconds = time.perf_counter() - began
right = (model.predict(x[~train]) == y[~train]).astype(int).tolist()
name = {"softmax": "LogisticRegression"}.get(head, type(once).__name__)
name = {("softmax", "chosen"): "LogisticRegressionCV"}.get((head, mode), name)
print(json.dumps({"model": name, "seconds": seconds, "right": right, "settings": chosen(model)}))
