/** The classifier for other places: what it is made for, what that costs, and a button that saves it. */

import { useState } from 'preact/hooks';
import { CarafeError, type ErrorCode } from '../errors.ts';
import { type Format, formats } from '../export/formats.ts';
import type { CompactType, ExportFormat } from '../results/exportResult.ts';
import { Dialog } from '../ui/Keys.tsx';
import { messageWords } from '../ui/sentences.ts';
import { number, percent } from '../ui/texts.ts';
import { type App, download, wordsOf } from './app.web.ts';
import type { StudioExport } from './engine.ts';
import { say } from './texts.ts';

const offered = ['page', 'file', 'folder', 'fixed', 'opencv'] as const satisfies readonly ExportFormat[];
const weightsOffered = ['float16', 'int8'] as const satisfies readonly CompactType[];
/** Another choice mends these. */
const mended = new Set<ErrorCode>(['UNSUPPORTED_MODEL', 'VERIFY_FAILED']);

/** What came of it. */
type Outcome =
  | { readonly kind: 'making' }
  | { readonly kind: 'made'; readonly made: StudioExport }
  | { readonly kind: 'failed'; readonly text: string };

/** A button that opens the panel. */
export function ExportPanel({ app }: { readonly app: App }) {
  const [isOpen, open] = useState(false);
  return (
    <>
      <button type="button" onClick={() => open(true)}>
        {say('export')}
      </button>
      {isOpen && (
        <Dialog title={say('exportTitle')} onClose={() => open(false)}>
          <Choice app={app} />
        </Dialog>
      )}
    </>
  );
}

function Choice({ app }: { readonly app: App }) {
  const [format, setFormat] = useState<ExportFormat>('page');
  const [weights, setWeights] = useState<CompactType>();
  const [outcome, setOutcome] = useState<Outcome>();
  const { compact }: Format = formats[format];
  const make = async () => {
    setOutcome({ kind: 'making' });
    try {
      const made = await app.engine.export({ format, ...(compact && weights && { weights }) });
      setOutcome({ kind: 'made', made });
    } catch (error) {
      setOutcome({ kind: 'failed', text: reasonOf(error) });
    }
  };
  return (
    <div class="export">
      <fieldset disabled={outcome?.kind === 'making'}>
        <legend>{say('exportAs')}</legend>
        {offered.map((name) => (
          <label key={name} class="choice">
            <input
              type="radio"
              name="format"
              checked={format === name}
              onChange={() => {
                setFormat(name);
                setOutcome(undefined);
              }}
            />
            {say(`export_${name}`)}
          </label>
        ))}
        <div class="row">
          <label class="row">
            {say('weights')}
            <select
              disabled={!compact}
              value={compact ? (weights ?? '') : ''}
              onChange={({ currentTarget: { value } }) => {
                setWeights(weightsOffered.find((each) => each === value));
                setOutcome(undefined);
              }}
            >
              {(['', ...weightsOffered] as const).map((each) => (
                <option key={each} value={each}>
                  {say(`weights_${each}`)}
                </option>
              ))}
            </select>
          </label>
          <button type="button" onClick={() => void make()}>
            {say('exportMake')}
          </button>
        </div>
      </fieldset>
      <div role="status">
        {outcome?.kind === 'making' && (
          <p>
            {say('exportMaking')} <progress aria-label={say('exportMaking')} />
          </p>
        )}
        {outcome?.kind === 'made' && <Made made={outcome.made} />}
      </div>
      {outcome?.kind === 'failed' && (
        <p class="problem" role="alert">
          {outcome.text}
        </p>
      )}
    </div>
  );
}

function Made({ made: { name, content, classifierBytes, compared, notes } }: { readonly made: StudioExport }) {
  const { photos, same, largest } = compared;
  return (
    <>
      <p>
        {say('exportMade', { name, size: number(content.size / 1e6, 1), original: number(classifierBytes / 1e6, 1) })}
      </p>
      <p>{say('exportAnswers', { same, count: photos, largest: percent(largest) })}</p>
      {same < photos && <p class="problem">{say('exportDiffers')}</p>}
      {notes.map((note) => (
        <p key={note.template} class="soft">
          {messageWords(note)}
        </p>
      ))}
      <p>
        <button type="button" class="main" onClick={() => download(name, content)}>
          {say('exportSave', { name })}
        </button>
      </p>
    </>
  );
}

/** Hints of the library name its options; here there is a choice. */
function reasonOf(error: unknown): string {
  if (error instanceof CarafeError && mended.has(error.code))
    return `${messageWords(error.said.what)} ${say('exportOther')}`;
  return wordsOf(error);
}
