"""scikit-learn's side of fewshot.mjs: python3 fewshot.py FOLDER. Prints a JSON list: the accuracies of each draw."""
import json
import pathlib
import sys
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC

warnings.filterwarnings("ignore")
folder = pathlib.Path(sys.argv[1])
x, y = np.load(folder / "features.npy"), np.load(folder / "labels.npy")
x = x / np.linalg.norm(x, axis=1, keepdims=True)
models = {
    "LogisticRegression C=10": LogisticRegression(C=10, max_iter=1000),
    "RidgeClassifier 1": RidgeClassifier(alpha=1),
    "LinearSVC C=1": LinearSVC(C=1),
}
out = []
for draw in json.loads((folder / "draws.json").read_text()):
    train, test = draw["train"], draw["test"]
    out.append({name: float((model.fit(x[train], y[train]).predict(x[test]) == y[test]).mean()) for name, model in models.items()})
print(json.dumps(out))
