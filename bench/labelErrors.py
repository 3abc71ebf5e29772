"""cleanlab's published ranking of label errors (Northcutt, Jiang and Chuang 2021), with scikit-learn alone.

Five-fold out-of-fold probabilities of a logistic regression on standardised features; photos in the off-diagonals of the
confident joint come first, ranked by normalised margin as `find_label_issues(return_indices_ranked_by='normalized_margin')`
does, then all others by the same. Prints the order of all photos as JSON.
"""
import json
import sys

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

about = json.load(open(sys.argv[1] + ".json"))
labels = np.array(about["labels"])
features = np.fromfile(sys.argv[1] + ".f32", dtype=np.float32).reshape(-1, about["columns"])
model = make_pipeline(StandardScaler(), PCA(200, random_state=0), LogisticRegression(C=0.01, max_iter=300))
folds = StratifiedKFold(5, shuffle=True, random_state=0)
p = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")

rows = np.arange(len(labels))
thresholds = np.array([p[labels == c, c].mean() for c in range(p.shape[1])])
confident = np.where(p >= thresholds, p, -1)
member = np.where(confident.max(axis=1) >= 0, confident.argmax(axis=1), labels)
others = p.copy()
others[rows, labels] = -1
margin = p[rows, labels] - others.max(axis=1)
is_issue = (member != labels) & (p[rows, labels] < p[rows, member])
print(json.dumps(np.lexsort((margin, ~is_issue)).tolist()))
