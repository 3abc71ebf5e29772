/** What a project stands on: where it is kept, its network, the classifier that it started from. */

import { percent } from '../ui/texts.ts';
import type { App } from './app.web.ts';
import { Files } from './ClassPanel.tsx';
import { say } from './texts.ts';

export function Setting({ app }: { readonly app: App }) {
  const state = app.state.value;
  const canChoose = app.engine.chooseNetwork !== undefined;
  return (
    <section class="soft setting" aria-label={say('setting')}>
      {state && <p>{say('kept', { place: state.place })}</p>}
      <p>
        {state && say('network', { name: state.backbone })}
        {canChoose && (
          <span class="row">
            <Files
              text={say('chooseNetwork')}
              accept=".onnx,.json"
              class="button small"
              onFiles={(files) => void app.chooseNetwork([...files])}
            />
            <button type="button" class="small plain" onClick={() => void app.chooseNetwork([])}>
              {say('ownNetwork')}
            </button>
          </span>
        )}
      </p>
      {canChoose && <p>{say('networkHow')}</p>}
      {state && (
        <p>
          {state.earlier &&
            say(state.earlier.several ? 'earlierSeveral' : 'earlier', { figure: percent(state.earlier.figure) })}
          {state.earlier?.fits === false &&
            ` ${say(state.earlier.several ? 'earlierNeedsSeveral' : 'earlierNeedsOne')}`}
          <span class="row">
            <Files
              text={say('startFrom')}
              accept=".onnx"
              class="button small"
              onFiles={([file]) => {
                if (file) void app.startFrom(file);
              }}
            />
          </span>
        </p>
      )}
    </section>
  );
}
