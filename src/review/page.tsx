/** The doctor's page: what was found, and a review of it. */

import * as z from 'zod';
import { doctorResult } from '../results/doctorResult.ts';
import { start } from '../ui/start.tsx';
import { Answers } from './answers.web.ts';
import { german } from './german.ts';
import { NextSection, RobustnessSection } from './OutlookSections.tsx';
import { say as outlook } from './outlookWords.ts';
import { questionsOf } from './queue.ts';
import { ReviewPanel } from './ReviewPanel.tsx';
import { Save } from './Save.tsx';
import { DuplicatesSection, LabelsSection, ProblemsSection, type SectionInput, ShortcutsSection } from './sections.tsx';
import { say } from './words.ts';

/** The sections of the page, in their order. */
const sections: readonly ((input: SectionInput) => preact.ComponentChild)[] = [
  ShortcutsSection,
  ProblemsSection,
  DuplicatesSection,
  NextSection,
  RobustnessSection,
];

const pageData = z.object({
  result: doctorResult,
  pictures: z.record(z.string(), z.string()),
  /** The folder of the photos as seen from the page, where it has been one. */
  folder: z.string().nullable(),
});

function Page({ result, pictures, folder }: z.infer<typeof pageData>) {
  const address = (path: string) => (Object.hasOwn(pictures, path) ? pictures[path] : undefined);
  const isServed = location.protocol.startsWith('http');
  const large = (path: string) => {
    if (isServed) return `photo/${encodeURIComponent(path)}`;
    return folder === null ? undefined : `${folder}/${path}`.split('/').map(encodeURIComponent).join('/');
  };
  const { images, classes, skipped } = result;
  const isSkipped = (wanted: string) => skipped.some(({ section }) => section === wanted);
  const input = { result, answers, address };
  return (
    <>
      <h1>{say('title')}</h1>
      <p class="soft">
        {say('summary', { count: images.found, source: images.source })}{' '}
        {classes.length > 0 && say('classes', { count: classes.length })}
      </p>
      <LabelsSection {...input} />
      <ReviewPanel
        questions={questionsOf(result)}
        classes={classes.map(({ label }) => label)}
        answers={answers}
        address={address}
        large={large}
        keys={[{ key: 's', what: say('save'), run: () => answers.download() }]}
        footer={(isDone) => <Save answers={answers} source={images.source} isDone={isDone} />}
      />
      {sections.map((Section, index) => (
        <Section key={index} {...input} />
      ))}
      {skipped.length > 0 && (
        <section>
          <h2>{say('skipped')}</h2>
          {result.task !== 'single-label' && (
            <p>{say(result.task === 'multi-label' ? 'skippedSeveral' : 'skippedUnlabelled')}</p>
          )}
          {isSkipped('morePhotos') && <p>{outlook('notSaid')}</p>}
          {isSkipped('robustness') && <p>{outlook('noClasses')}</p>}
        </section>
      )}
    </>
  );
}

function Broken() {
  return <p>{say('broken')}</p>;
}

const data = pageData.safeParse(JSON.parse(document.getElementById('data')?.textContent ?? 'null'));
const answers = new Answers(data.success ? data.data.result.set : '');
void start(data.success ? <Page {...data.data} /> : <Broken />, { de: async () => german });
