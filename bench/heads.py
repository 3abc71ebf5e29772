"""scikit-learn's side of heads.mjs: python3 heads.py FOLDER HEAD THREADS. Prints one JSON object."""
import json
import os
import pathlib
import sys
import time
import warnings

folder, head, threads = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1" if head in ("svm", "softmax") else str(threads)

import numpy as np  # noqa: E402
from sklearn.linear_model import LogisticRegressionCV  # noqa: E402
from sklearn.model_selection import PredefinedSplit  # noqa: E402

warnings.filterwarnings("ignore")
x, y, inner = (np.load(folder / f"{name}.npy") for name in ("features", "labels", "inner"))
train = inner >= 0
folds = PredefinedSplit(inner[train])

if head == "softmax":
    # Its own grid of ten C and its other defaults; the folds run in as many processes as there are threads.
    model = LogisticRegressionCV(cv=folds, n_jobs=threads)
    chosen = lambda m: {"C": float(m.C_[0])}  # noqa: E731
else:
    raise SystemExit(f"no counterpart for {head}")

began = time.perf_counter()
model.fit(x[train], y[train])
seconds = time.perf_counter() - began
right = (model.predict(x[~train]) == y[~train]).astype(int).tolist()
print(json.dumps({"model": type(model).__name__, "seconds": seconds, "right": right, "settings": chosen(model)}))
