/** What an exported page says. */

import { texts } from '../ui/texts.ts';

export const english = {
  about: 'About this page',
  abnormal: 'Not normal',
  accuracy: 'When it was trained, it classified {share} of photos correctly that it had not seen ({low} to {high}).',
  answers: ['It gives one answer: {labels}.', 'It gives one of {count} answers: {labels}.'],
  broken: 'This page is damaged. Copy it again.',
  camera: 'Use the camera',
  choose: 'Choose a photo',
  drop: 'Drop a photo here, paste one, choose one, or use the camera.',
  finds: ['It looks for {count} label: {labels}.', 'It looks for {count} labels: {labels}.'],
  heatmap: 'Where it is not normal',
  language: 'Language',
  licences: 'Licences',
  loading: 'Getting ready',
  mayBe: 'It may also be {labels}.',
  mayBeMany: 'It may also be one of {count} others.',
  nearest: 'It is unlike all that I learned. Most alike:',
  noCamera: 'There is no camera that this page may use. Choose a photo instead.',
  none: 'None of the labels',
  normal: 'Normal',
  offline: 'It works offline. Photos stay on this computer: this page cannot send anything.',
  photo: 'Your photo',
  ready: 'Ready.',
  score: 'Score {score}; above {threshold} it is not normal.',
  selfTest: 'Self-test: this browser gives the answers that were given in training.',
  selfTestFailed: 'Self-test: this browser does not give the answers that were given in training. Do not rely on it.',
  stop: 'Stop the camera',
  title: 'What is in this photo?',
  unknown: 'I do not know this',
  unreadable: 'This photo cannot be read: {reason}.',
} as const;

export const say = texts('exported', english);
