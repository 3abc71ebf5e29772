/** What the programs of an export do with a network's outputs, in each language. */

import type { Card } from '../../classifier/card.ts';

export type Language = 'python' | 'javascript' | 'csharp' | 'cpp';

/** How a language asks for a threshold that a program has as a number. */
function number(value: number): string {
  return String(Math.fround(value));
}

/** Lines that print the answer for a photo; `result` has the outputs by name. No text of the user's stands in them. */
export function answerLines(card: Card, language: Language): string {
  return answers[kindOf(card)][language](card);
}

type Kind = 'one' | 'known' | 'several' | 'normal';

function kindOf(card: Card): Kind {
  if (card.task === 'one-class') return 'normal';
  if (card.task === 'multi-label') return 'several';
  return card.unknown ? 'known' : 'one';
}

const most = {
  python: `    best = int(result['probabilities'][0].argmax())
    answer = labels[best]`,
  javascript: `  const probabilities = Array.from(result.probabilities.data);
  const best = probabilities.indexOf(Math.max(...probabilities));
  const answer = labels[best];`,
  csharp: `    var probabilities = result["probabilities"].AsEnumerable<float>().ToArray();
    var best = Array.IndexOf(probabilities, probabilities.Max());
    var answer = labels[best];`,
  cpp: `    cv::Point best;
    double probability;
    cv::minMaxLoc(result["probabilities"].reshape(1, 1), nullptr, &probability, nullptr, &best);
    std::string answer = labels[best.x];`,
};

const print = {
  python: `    print(answer, f"{result['probabilities'][0][best]:.4f}")`,
  javascript: `  console.log(answer, probabilities[best].toFixed(4));`,
  csharp: `    Console.WriteLine($"{answer} {probabilities[best].ToString("F4", CultureInfo.InvariantCulture)}");`,
  cpp: `    std::printf("%s %.4f\\n", answer.c_str(), probability);`,
};

const unknown = (card: Card) => {
  const above = card.task === 'one-class' || !card.unknown ? '0' : number(card.unknown.threshold);
  return {
    python: `    if not result['isKnown'][0]:
        answer = 'unknown'  # unlike all that it learned from`,
    javascript: `  const shown = result.isKnown.data[0] ? answer : 'unknown'; // unlike all that it learned from`,
    csharp: `    if (!result["isKnown"].AsEnumerable<bool>().First()) answer = "unknown"; // unlike all that it learned from`,
    cpp: `    if (result["unknownScore"].at<float>(0) > ${above}f) answer = "unknown"; // unlike all that it learned from`,
  };
};

/** Thresholds of each label, as a list in the language's own form. */
function limits(card: Card): string {
  return card.task === 'multi-label' ? card.calibration.thresholds.map(number).join(', ') : '';
}

const floats = (card: Card) =>
  limits(card)
    .split(', ')
    .map((value) => `${/[.e]/.test(value) ? value : `${value}.0`}f`)
    .join(', ');

const answers: Readonly<Record<Kind, Readonly<Record<Language, (card: Card) => string>>>> = {
  one: {
    python: () => `${most.python}\n${print.python}`,
    javascript: () => `${most.javascript}\n${print.javascript}`,
    csharp: () => `${most.csharp}\n${print.csharp}`,
    cpp: () => `${most.cpp}\n${print.cpp}`,
  },
  known: {
    python: (card) => `${most.python}\n${unknown(card).python}\n${print.python}`,
    javascript: (card) =>
      `${most.javascript}\n${unknown(card).javascript}\n${print.javascript.replace('answer', 'shown')}`,
    csharp: (card) => `${most.csharp}\n${unknown(card).csharp}\n${print.csharp}`,
    cpp: (card) => `${most.cpp}\n${unknown(card).cpp}\n${print.cpp}`,
  },
  several: {
    python: (card) => `    limits = [${limits(card)}]
    found = [(p, label) for label, p, limit in zip(labels, result['probabilities'][0], limits) if p >= limit]
    print(', '.join(f'{label} {p:.4f}' for p, label in sorted(found, reverse=True)) or 'none')`,
    javascript: (card) => `  const limits = [${limits(card)}];
  const found = Array.from(result.probabilities.data, (probability, at) => ({ label: labels[at], probability, limit: limits[at] }))
    .filter(({ probability, limit }) => probability >= limit)
    .sort((a, b) => b.probability - a.probability);
  console.log(found.map(({ label, probability }) => \`\${label} \${probability.toFixed(4)}\`).join(', ') || 'none');`,
    csharp: (card) => `    float[] limits = { ${floats(card)} };
    var found = result["probabilities"].AsEnumerable<float>().Select((p, at) => (p, at)).Where(one => one.p >= limits[one.at])
        .OrderByDescending(one => one.p).Select(one => $"{labels[one.at]} {one.p.ToString("F4", CultureInfo.InvariantCulture)}");
    Console.WriteLine(found.Any() ? string.Join(", ", found) : "none");`,
    cpp: (card) => `    const std::vector<float> limits = {${floats(card)}};
    std::vector<std::pair<float, std::string>> found;
    for (size_t at = 0; at < labels.size(); at++) {
        const float probability = result["probabilities"].at<float>(0, int(at));
        if (probability >= limits[at]) found.push_back({-probability, labels[at]});
    }
    std::sort(found.begin(), found.end());
    for (const auto& one : found) std::printf("%s%s %.4f", &one == &found[0] ? "" : ", ", one.second.c_str(), -one.first);
    std::printf(found.empty() ? "none\\n" : "\\n");`,
  },
  normal: {
    python: () => `    print('normal' if result['isNormal'][0] else 'abnormal', f"{result['score'][0]:.4f}")`,
    javascript: () =>
      `  console.log(result.isNormal.data[0] ? 'normal' : 'abnormal', result.score.data[0].toFixed(4));`,
    csharp:
      () => `    var score = result["score"].AsEnumerable<float>().First().ToString("F4", CultureInfo.InvariantCulture);
    Console.WriteLine((result["isNormal"].AsEnumerable<bool>().First() ? "normal " : "abnormal ") + score);`,
    cpp: (card) => `    const float score = result["score"].at<float>(0);
    std::printf("%s %.4f\\n", score <= ${card.task === 'one-class' ? number(card.threshold.value) : 0}f ? "normal" : "abnormal", score);`,
  },
};
