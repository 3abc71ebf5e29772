/** What the page says of what more photos would gain, and of what bad ones cost. */

import { corruptionWords } from '../images/corruptions.ts';
import { texts } from '../ui/texts.ts';

export const english = {
  next: 'What to photograph next',
  nextBest: 'First of all {label}: {photos} more photos would gain about {gain} points (95% interval {low} to {high}).',
  nextNone: 'No class stands out: {photos} more photos of one class would gain at most {most} points.',
  nextHow:
    'The gain is what {photos} more photos of the class would add to the accuracy over all classes, in points. A plain classifier was trained again without half of the class; what that cost on photos that it had not seen tells the gain. It assumes photos like these.',
  nextLeft: 'Not measured, since they have too few separate photos or make fewer mistakes than these: {classes}.',
  class: 'class',
  now: 'photos to learn from',
  gain: 'gain, points',
  interval: '95% interval',
  mends: 'would mend most',
  range: '{low} to {high}',
  mistake: '{label} mistaken for {takenFor}',
  robustness: 'What if photos come out badly?',
  worst: 'Most is lost where photos are bad in this way: {kind}. It costs {lost} points of accuracy.',
  harmless: 'None of these costs measurable accuracy.',
  robustnessHow: [
    'Points of accuracy that a plain classifier loses, with 95% intervals, on {count} photo that it had not seen ({accuracy} correct as it is), changed in one way by the computer.',
    'Points of accuracy that a plain classifier loses, with 95% intervals, on {count} photos that it had not seen ({accuracy} correct as they are), each changed in one way by the computer.',
  ],
  ...corruptionWords,
  notSaid:
    'What more photos would gain is not said: it takes two classes with five separate photos each, and too long where photos and classes are very many.',
  noClasses: 'What bad photos cost is only known of classes.',
} as const;

export const say = texts('outlook', english);
