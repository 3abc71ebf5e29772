/** The program for OpenCV, in C++: it resizes photos as the classifier's own graph does. */

import type { Card } from '../../classifier/card.ts';
import type { Kernel, Resize } from '../../images/preprocessing.ts';
import { answerLines } from './answers.ts';

/** Kernels of the distance t >= 0, as in images/resize.ts. */
const kernels: Readonly<Record<Kernel, string>> = {
  nearest: '',
  bilinear: 'return std::max(0.0, 1 - t);',
  bicubic: `if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    return t < 2 ? -0.5 * (((t - 5) * t + 8) * t - 4) : 0;`,
  lanczos3: `const double pi = 3.14159265358979323846;
    if (t < 1e-4) return 1;
    return t < 3 ? 3 * std::sin(pi * t) * std::sin(pi * t / 3) / (pi * pi * t * t) : 0;`,
};

/** The size after resizing, as in images/targetSize.ts. */
function target(resize: Resize): string {
  if (resize.rule === 'squash') return `return cv::Size(${resize.width}, ${resize.height});`;
  if (resize.rule === 'shortest-edge')
    return `const long shorter = std::min(photo.rows, photo.cols);
    return cv::Size(int(${resize.size}L * photo.cols / shorter), int(${resize.size}L * photo.rows / shorter));`;
  return `const auto fit = [](long edge, long other, long mostOfEdge, long mostOfOther) {
        return int(std::min(mostOfEdge, std::max(1L, (2 * mostOfOther * edge + other) / (2 * other))));
    };
    return cv::Size(fit(photo.cols, photo.rows, ${resize.width}, ${resize.height}), fit(photo.rows, photo.cols, ${resize.height}, ${resize.width}));`;
}

export function cppProgram(card: Card): string {
  const { resize, kernel, crop } = card.preprocessing;
  const isNearest = kernel === 'nearest';
  const outputs = card.task === 'one-class' ? ['score'] : ['probabilities', ...(card.unknown ? ['unknownScore'] : [])];
  return `// Needs OpenCV 4.6 or newer
// Build: g++ -O2 predict.cpp -o predict $(pkg-config --cflags --libs opencv4)
// Run: ./predict photo.jpg (with labels.txt and opencv.onnx in the current folder)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>

static const int height = ${crop.height}, width = ${crop.width};
${
  isNearest
    ? ''
    : `
static double kernel(double t) {
    ${kernels[kernel]}
}
`
}
// The size after resizing, before the crop.
static cv::Size target(const cv::Mat& photo) {
    ${target(resize)}
}

// Weights by which an edge of \`from\` pixels becomes \`to\`, the middle \`kept\` of them: a row each, black outside.
static cv::Mat weights(int from, int to, int kept) {
    cv::Mat rows = cv::Mat::zeros(kept, from, CV_32F);
    const double stretch = std::max(double(from) / to, 1.0);
    const int offset = int(std::floor((to - kept) / 2.0));
    for (int y = 0; y < kept; y++) {
        const int place = y + offset;
        if (place < 0 || place >= to) continue;
        const double centre = (place + 0.5) * from / to;
        double sum = 0;
        for (int x = 0; x < from; x++) {
            const double weight = ${isNearest ? 'std::floor(centre) == x' : 'kernel(std::abs(x + 0.5 - centre) / stretch)'};
            rows.at<float>(y, x) = float(weight);
            sum += weight;
        }
        rows.row(y) /= sum;
    }
    ${isNearest ? '(void)stretch;\n    ' : ''}return rows;
}

// float32 [1, 3, height, width], red, green and blue from 0 to 255.
static cv::Mat inputOf(const cv::Mat& photo) {
    const cv::Size size = target(photo);
    const cv::Mat down = weights(photo.rows, size.height, height), across = weights(photo.cols, size.width, width);
    const int shape[] = {1, 3, height, width};
    cv::Mat input(4, shape, CV_32F), planes[3];
    cv::split(photo, planes);
    for (int c = 0; c < 3; c++) {
        cv::Mat plane, bytes, to(height, width, CV_32F, input.ptr<float>(0, c));
        planes[2 - c].convertTo(plane, CV_32F);
        cv::Mat(down * plane * across.t()).convertTo(bytes, CV_8U);
        bytes.convertTo(to, CV_32F);
    }
    return input;
}

static void print(cv::dnn::Net& net, const std::vector<std::string>& names, const std::vector<std::string>& labels, const char* path) {
    const cv::Mat photo = cv::imread(path, cv::IMREAD_COLOR);
    if (photo.empty()) {
        std::fprintf(stderr, "%s cannot be read\\n", path);
        std::exit(1);
    }
    net.setInput(inputOf(photo));
    std::vector<cv::Mat> outputs;
    net.forward(outputs, names);
    std::map<std::string, cv::Mat> result;
    for (size_t at = 0; at < names.size(); at++) result[names[at]] = outputs[at];
${answerLines(card, 'cpp')}
}

int main(int argc, char** argv) {
    std::vector<std::string> labels;
    std::ifstream file("labels.txt");
    for (std::string line; std::getline(file, line);) labels.push_back(line);
    cv::dnn::Net net = cv::dnn::readNetFromONNX("opencv.onnx");
    const std::vector<std::string> names = {${outputs.map((name) => `"${name}"`).join(', ')}};
    for (int i = 1; i < argc; i++) print(net, names, labels, argv[i]);
    return 0;
}
`;
}
