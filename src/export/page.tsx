/** An exported page: a classifier that answers for photos in any browser, offline. */

import { signal } from '@preact/signals';
import * as z from 'zod';
import { ImageError } from '../errors.ts';
import type { WebPhoto } from '../images/decode.web.ts';
import { heatmapColours } from '../images/heatmapColours.ts';
import { LanguageSelect } from '../ui/LanguageSelect.tsx';
import { failureWords } from '../ui/sentences.ts';
import { start } from '../ui/start.tsx';
import { percent } from '../ui/texts.ts';
import { AnswerOf } from './AnswerOf.tsx';
import { Camera } from './camera.web.ts';
import { german } from './german.ts';
import { openInPage, type PageClassifier, type Said } from './pageClassifier.web.ts';
import { say } from './words.ts';

const pageData = z.object({ network: z.string(), runtime: z.string(), licences: z.string() });

const translations = { de: async () => german };

const said = signal<Said | undefined>(undefined);
const problem = signal('');
const picture = signal<string | undefined>(undefined);
const isFilming = signal(false);
const classifier = signal<PageClassifier | undefined>(undefined);
const isProven = signal<boolean | undefined>(undefined);
const isOver = signal(false);

async function ask(photo: WebPhoto): Promise<void> {
  try {
    const answer = await classifier.value?.say(photo);
    problem.value = '';
    said.value = answer;
  } catch (error) {
    said.value = undefined;
    problem.value =
      error instanceof ImageError
        ? say('unreadable', { reason: failureWords(error) })
        : error instanceof Error
          ? error.message.split('\n')[0]
          : String(error);
  }
}

async function show(file: Blob | null | undefined): Promise<void> {
  if (!file || !classifier.value) return;
  camera.stop();
  if (picture.value) URL.revokeObjectURL(picture.value);
  picture.value = URL.createObjectURL(file);
  await ask(file);
}

const camera = new Camera(ask, (filming) => {
  isFilming.value = filming;
});

async function film(): Promise<void> {
  if (isFilming.value) return camera.stop();
  picture.value = undefined;
  said.value = undefined;
  if (!(await camera.start())) problem.value = say('noCamera');
}

function Page({ licences }: { readonly licences: string }) {
  const ready = classifier.value;
  return (
    <>
      <div class="top">
        <h1>{say('title')}</h1>
        <LanguageSelect label={say('language')} translations={translations} />
      </div>
      <div class={`drop${isOver.value ? ' over' : ''}`}>
        <p>{say('drop')}</p>
        <div class="row">
          <label class="button main file">
            {say('choose')}
            <input
              type="file"
              accept="image/*"
              disabled={!ready}
              onChange={({ currentTarget }) => {
                void show(currentTarget.files?.[0]);
                currentTarget.value = '';
              }}
            />
          </label>
          <button type="button" disabled={!ready} aria-pressed={isFilming.value} onClick={() => void film()}>
            {say(isFilming.value ? 'stop' : 'camera')}
          </button>
        </div>
        <div class="stage" hidden={!isFilming.value && !picture.value}>
          <video hidden={!isFilming.value} muted playsInline ref={(video) => camera.showOn(video)} />
          {picture.value && <img src={picture.value} alt={say('photo')} />}
          {ready && said.value && <Heatmap ready={ready} said={said.value} />}
        </div>
      </div>
      {problem.value && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <div class="said" role="status">
        {ready ? said.value && <AnswerOf said={said.value} card={ready.file.card} /> : <Loading />}
        {ready && !said.value && <p class="soft">{say('ready')}</p>}
      </div>
      <p class="soft">{say('offline')}</p>
      {ready && <About ready={ready} licences={licences} />}
    </>
  );
}

function Loading() {
  return (
    <>
      <p>{say('loading')}</p>
      <progress aria-label={say('loading')} />
    </>
  );
}

/** Where a photo is not normal, over it. */
function Heatmap({ ready, said }: { readonly ready: PageClassifier; readonly said: Said }) {
  const { card } = ready.file;
  if (said.kind !== 'normal' || !said.detection.heatmap || card.task !== 'one-class' || !card.heatmap) return null;
  const image = heatmapColours(said.detection.heatmap, card.heatmap);
  return (
    <canvas
      role="img"
      aria-label={say('heatmap')}
      ref={(canvas) => {
        if (!canvas) return;
        canvas.width = image.width;
        canvas.height = image.height;
        const pixels = new ImageData(image.width, image.height);
        pixels.data.set(image.data);
        canvas.getContext('2d')?.putImageData(pixels, 0, 0);
      }}
    />
  );
}

function About({ ready: { file }, licences }: { readonly ready: PageClassifier; readonly licences: string }) {
  const { card } = file;
  const list = { count: card.labels.length, labels: card.labels.slice(0, 50).join(', ') };
  return (
    <details>
      <summary>{say('about')}</summary>
      {card.task === 'single-label' && <p>{say('answers', list)}</p>}
      {card.task === 'multi-label' && <p>{say('finds', list)}</p>}
      {card.task === 'single-label' && (
        <p>
          {say('accuracy', {
            share: percent(card.evaluation.accuracy.value),
            low: percent(card.evaluation.accuracy.low),
            high: percent(card.evaluation.accuracy.high),
          })}
        </p>
      )}
      {isProven.value !== undefined && <p>{say(isProven.value ? 'selfTest' : 'selfTestFailed')}</p>}
      <p class="soft">
        Carafe {card.version}, {card.backbone.name}
      </p>
      <details>
        <summary>{say('licences')}</summary>
        <pre>{licences}</pre>
      </details>
    </details>
  );
}

for (const name of ['dragover', 'dragleave', 'drop'] as const)
  document.addEventListener(name, (event) => {
    event.preventDefault();
    isOver.value = name === 'dragover';
    if (name === 'drop') void show(event.dataTransfer?.files[0]);
  });
document.addEventListener('paste', (event) => void show(event.clipboardData?.files[0]));

function Broken() {
  return <p role="alert">{say('broken')}</p>;
}

const holder = document.getElementById('data');
const data = pageData.safeParse(JSON.parse(holder?.textContent ?? 'null'));
holder?.remove();
void start(data.success ? <Page licences={data.data.licences} /> : <Broken />, translations);
if (data.success)
  try {
    const opened = await openInPage(data.data);
    classifier.value = opened;
    isProven.value = (await opened.file.verify()).passed;
    if (!isProven.value) problem.value = say('selfTestFailed');
  } catch (error) {
    problem.value = error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
