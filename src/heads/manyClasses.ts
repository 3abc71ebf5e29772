/** The number of classes from which no head is optimised. */

/** Answers to classes in one step of all fits together, above which heads that are optimised take very long. */
const mostAnswers = 4e8;
/** With so few photos a class the nearest class mean is about as good as an optimised head; with more it falls behind. */
const fewPhotos = 5;

/**
 * Whether an optimised head is not to be had in a sensible time, and would gain little: classes are very many, and each
 * has few photos. Softmax takes some hundred steps, and in each of them every fit answers for every photo and every class.
 * @param fits that are made together: each training part, and each inner fold of it
 */
export function isTooMuchToOptimise(photos: number, classes: number, fits: number): boolean {
  return photos < fewPhotos * classes && photos * classes * fits > mostAnswers;
}
