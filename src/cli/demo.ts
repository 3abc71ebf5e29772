/** `carafe demo`. */

import { basename, dirname, join } from 'node:path';
import { writeSampleImages } from '../demo/writeSample.node.ts';
import { predictPhotos } from '../runs/answers.node.ts';
import { loadClassifier } from '../runs/load.node.ts';
import { commandAgain } from './again.ts';
import type { Run } from './command.ts';
import { answerLine } from './predict.ts';
import { count } from './show.ts';
import { paint, safe } from './terminal.ts';
import { textOf } from './text/trained.ts';
import { trainShown } from './train.ts';

export const run: Run<'demo'> = async ([folder = 'carafe-demo'], { json, perClass, seed = 0, threads }, terminal) => {
  const { out, stderr, signal } = terminal;
  const photos = join(folder, 'photos');
  const say = (text: string) => void (json ? stderr.say(text) : out(text));
  const began = performance.now();
  const drawn = await writeSampleImages(photos, { perClass, seed, signal });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`${count(drawn.images)} images of ${drawn.classes.length} classes drawn in ${safe(photos)} (${seconds} s)\n\n`);
  const again = commandAgain('train', [photos], { out: folder });
  const result = await trainShown(photos, { out: folder, seed, threads }, { ...terminal, again });
  if (json) {
    out(`${JSON.stringify(result)}\n`);
    return 0;
  }
  out(textOf(result));
  const classifier = await loadClassifier(result.files.classifier, { threads });
  // The classifier in the file may have learned from all photos: what it has not seen is drawn for the purpose.
  const unseen = join(folder, 'new-photos');
  await writeSampleImages(unseen, { perClass: 1, seed: seed + 1, signal });
  const { predictions } = await predictPhotos(classifier, [unseen], { top: 1, signal });
  const isRight = (prediction: (typeof predictions)[number]) =>
    'label' in prediction && prediction.label === basename(dirname(prediction.path));
  const right = predictions.filter(isRight).length;
  out(`\nIts answers for ${predictions.length} new photos, drawn after training, ${right} of them right:\n`);
  for (const prediction of predictions) out(`  ${isRight(prediction) ? ' ' : '✗'} ${answerLine(prediction)}`);
  out(
    `\nNow try your own photos, one folder per class:\n  ${paint('cyan', 'node dist/cli/main.js train my-photos/')}\n`,
  );
  return 0;
};
