/** What becomes of the answers: kept, saved, applied. */

import type { Answers } from './answers.web.ts';
import { say } from './words.ts';

export function Save({
  answers,
  source,
  isDone,
}: {
  readonly answers: Answers;
  readonly source: string;
  readonly isDone: boolean;
}) {
  const saving = answers.saving.value;
  const said =
    saving.state === 'failed'
      ? say('notSaved', { reason: saving.reason })
      : say(saving.state === 'saved' ? 'saved' : 'remembered');
  return (
    <div class="save">
      {isDone && (
        <p>
          <strong>{say('done')}</strong>
        </p>
      )}
      <div class="row">
        <button
          type="button"
          class="main"
          onClick={() => answers.download()}
          disabled={answers.decisions.value.size === 0}
        >
          {say('save')} <kbd>S</kbd>
        </button>
        <span class="soft" role="status">
          {said}
        </span>
      </div>
      <p class="soft">{say('applyHow', { source })}</p>
    </div>
  );
}
