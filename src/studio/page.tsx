/** The studio's page. */

import { useEffect, useState } from 'preact/hooks';
import { common } from '../ui/common.ts';
import { type Key, KeyHelp, useKeys } from '../ui/Keys.tsx';
import { LanguageSelect } from '../ui/LanguageSelect.tsx';
import { start } from '../ui/start.tsx';
import { App, inWords } from './app.web.ts';
import { ClassPanel, Files, UnlabelledPanel } from './ClassPanel.tsx';
import { chosen, filesOf } from './intake.web.ts';
import { Live } from './Live.tsx';
import { engineOf } from './opening.web.ts';
import { Phone } from './Phone.tsx';
import { Results } from './Results.tsx';
import { Setting } from './Setting.tsx';
import { say } from './texts.ts';

/** Loaded when it is chosen. */
const translations = { de: async () => (await import('./german.ts')).german };
const app = new App(await engineOf(document.getElementById('page')?.dataset.behind));

function Page() {
  const state = app.state.value;
  const [hasHelp, setHelp] = useState(false);
  const undo = () => void app.do(() => app.engine.undo());
  const redo = () => void app.do(() => app.engine.redo());
  const drop = () => void app.edit({ kind: 'drop', paths: [...app.selected.value] });
  const keys: Key[] = [
    { key: 'Ctrl+z', what: common('undo'), run: undo },
    { key: 'Ctrl+y', what: common('redo'), run: redo },
    { key: 'Delete', what: say('takeOut'), run: () => app.selected.value.size > 0 && drop() },
    { key: 'Escape', what: say('unselect'), run: () => app.unselect() },
    // Where no photo is selected, they answer for what is tried.
    ...(app.selected.value.size > 0 ? (state?.classes ?? []).slice(0, 9) : []).map(({ name }, place) => ({
      key: String(place + 1),
      what: state?.several ? say('giveLabel', { label: name }) : common('move', { label: name }),
      run: () => void app.give(name),
    })),
    { key: '?', what: say('help'), run: () => setHelp(true) },
  ];
  useKeys(keys);
  useArrivals();
  const classes = state?.classes ?? [];
  const photos = classes.reduce((sum, each) => sum + each.photos, state?.unlabelled?.photos ?? 0);
  return (
    <>
      <header class="bar">
        <h1>Carafe</h1>
        <span class="status" role="status">
          {app.status}
        </span>
        <span class="row">
          <button
            type="button"
            class="small"
            disabled={!state?.undo}
            title={state?.undo && say('undoWhat', { what: say(`what_${state.undo}`) })}
            onClick={undo}
          >
            {common('undo')}
          </button>
          <button
            type="button"
            class="small"
            disabled={!state?.redo}
            title={state?.redo && say('redoWhat', { what: say(`what_${state.redo}`) })}
            onClick={redo}
          >
            {common('redo')}
          </button>
          <button
            type="button"
            class="small"
            disabled={classes.every(({ photos }) => photos === 0)}
            onClick={() => void app.save('project.zip')}
          >
            {say('saveProject')}
          </button>
          <Phone app={app} />
          <LanguageSelect label={say('language')} translations={translations} />
          <button type="button" class="small" onClick={() => setHelp(true)}>
            {say('help')}
          </button>
        </span>
      </header>
      {state ? (
        state.waiting > 0 && <progress value={photos - state.waiting} max={photos} aria-label={app.status} />
      ) : (
        <progress value={app.loading.value} max={1} aria-label={say('loading')} />
      )}
      <div class="problems">
        {app.isLost.value && <Problem text={say('lost')} />}
        {state?.problem && <Problem text={inWords(state.problem)} />}
        {app.problem.value && !app.isLost.value && <Problem text={app.problem.value} onClose={() => app.forgive()} />}
      </div>
      <p class="hidden" role="status">
        {app.notice.value}
      </p>
      <div class="work">
        <div class="classes">
          {classes.map((shown) => (
            <ClassPanel key={shown.name} app={app} shown={shown} />
          ))}
          {state?.unlabelled && classes.length > 0 && <UnlabelledPanel app={app} shown={state.unlabelled} />}
          <div class="empty">
            {classes.length < 2 && !state?.learned && <p>{say(state?.several ? 'startLabels' : 'start')}</p>}
            <MakeClass />
            <label class="several">
              <input
                type="checkbox"
                checked={state?.several ?? false}
                onChange={({ currentTarget }) => {
                  const { checked } = currentTarget;
                  // Where photos forbid it, it stays as it was.
                  currentTarget.checked = !checked;
                  void app.edit({ kind: 'several', several: checked });
                }}
              />
              {say('several')}
            </label>
            <p>{say('dropHere')}</p>
            <Files text={say('addFolder')} isFolder onFiles={(files) => void app.add(undefined, chosen(files))} />
          </div>
          <Selection onDrop={drop} />
        </div>
        <aside class="side">
          <Live app={app} />
          <Setting app={app} />
        </aside>
        <div class="results">
          <Results app={app} />
        </div>
      </div>
      {hasHelp && <KeyHelp keys={keys} onClose={() => setHelp(false)} />}
    </>
  );
}

function Problem({ text, onClose }: { readonly text: string; readonly onClose?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>{text.split('`').map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}</p>
      {onClose && (
        <button type="button" class="small" onClick={onClose}>
          {common('close')}
        </button>
      )}
    </div>
  );
}

function MakeClass() {
  const [name, setName] = useState('');
  return (
    <form
      class="make"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        void app.edit({ kind: 'make', label: name });
        setName('');
      }}
    >
      <input
        type="text"
        value={name}
        placeholder={say('className')}
        aria-label={say('className')}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="main">
        {say('make')}
      </button>
    </form>
  );
}

/** What can be done with the photos that are selected. */
function Selection({ onDrop }: { readonly onDrop: () => void }) {
  const paths = [...app.selected.value];
  if (paths.length === 0) return null;
  const { classes = [], several } = app.state.value ?? {};
  const chosen = app.chosenPhotos;
  return (
    <div class="select row">
      <strong>{say('selected', { count: paths.length })}</strong>
      {several ? (
        <fieldset class="row">
          <legend class="hidden">{say('labels')}</legend>
          {classes.map(({ name }, place) => {
            const count = chosen.filter(({ labels }) => labels.includes(name)).length;
            const isOn = count === chosen.length ? 'true' : count > 0 ? 'mixed' : 'false';
            return (
              <button key={name} type="button" class="small" aria-pressed={isOn} onClick={() => void app.give(name)}>
                {name} {place < 9 && <kbd>{place + 1}</kbd>}
              </button>
            );
          })}
        </fieldset>
      ) : (
        <select
          aria-label={say('moveTo')}
          onChange={({ currentTarget: { value } }) => value && void app.edit({ kind: 'move', paths, to: value })}
        >
          <option value="">{say('moveTo')}</option>
          {classes.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      <button type="button" class="small" onClick={onDrop}>
        {say('takeOut')}
      </button>
      <button type="button" class="small plain" onClick={() => app.unselect()}>
        {say('unselect')}
      </button>
    </div>
  );
}

/**
 * What is dropped beside the classes names its own class by its folder; a photo that is pasted goes to the class of the
 * selected photos, else to the last one.
 */
function useArrivals(): void {
  useEffect(() => {
    const allow = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      const data = event.dataTransfer;
      if (data && data.files.length > 0) void app.do(async () => app.add(undefined, await filesOf(data)));
    };
    document.addEventListener('dragover', allow);
    document.addEventListener('drop', drop);
    const paste = (event: ClipboardEvent) => {
      const data = event.clipboardData;
      if (!data || data.files.length === 0) return;
      event.preventDefault();
      const last = app.state.value?.classes.slice(-1).map(({ name }) => name);
      const labels = app.chosenPhotos[0]?.labels ?? last;
      if (!labels || labels.length === 0) app.problem.value = say('start');
      else void app.do(async () => app.add(labels, await filesOf(data)));
    };
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('dragover', allow);
      document.removeEventListener('drop', drop);
      document.removeEventListener('paste', paste);
    };
  }, []);
}

void start(<Page />, translations);
