/** Answers to classes in one step of all fits together, above which heads that are optimised take very long. */
const mostAnswers = 4e8;

/**
 * Whether there are so many classes that an optimised head is not to be had in a sensible time: softmax takes some hundred
 * steps, and in each of them every fit answers for every photo and every class.
 * @param fits that are made together: each training part, and each inner fold of it
 */
export function isTooMuchToOptimise(photos: number, classes: number, fits: number): boolean {
  return photos * classes * fits > mostAnswers;
}
