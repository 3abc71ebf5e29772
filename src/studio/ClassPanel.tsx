/** A class: its photos, and what can be done with it. */

import { useState } from 'preact/hooks';
import type { App } from './app.web.ts';
import type { Photos, StudioState } from './engine.ts';
import { chosen, filesOf } from './intake.web.ts';
import { PhotoGrid } from './PhotoGrid.tsx';
import { say } from './texts.ts';
import { unlabelled } from './unlabelled.ts';

type Shown = StudioState['classes'][number];

export function ClassPanel({ app, shown }: { readonly app: App; readonly shown: Shown }) {
  const { name, enabled, photos: count, failed } = shown;
  const [isOver, setOver] = useState(false);
  const photos = app.photos.value.get(name) ?? [];
  return (
    <section
      class={`panel class${enabled ? '' : ' off'}${isOver ? ' over' : ''}`}
      aria-label={name}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        const data = event.dataTransfer;
        if (data) void app.do(async () => app.add([name], await filesOf(data)));
      }}
    >
      <header>
        <h2>{name}</h2>
        <span class="count">
          {say('photos', { count })}
          {failed > 0 && `, ${say('failed', { count: failed })}`}
        </span>
        <span class="row">
          <Files
            text={say('add')}
            title={say('addTo', { label: name })}
            onFiles={(files) => void app.add([name], chosen(files))}
          />
          {/* The phone's own camera, which needs no https. */}
          <Files
            text={say('take')}
            title={say('takeTo', { label: name })}
            isCamera
            class="button touch"
            onFiles={(files) => void app.add([name], chosen(files))}
          />
          <ClassMenu app={app} shown={shown} />
        </span>
      </header>
      {photos.length > 0 ? <PhotoGrid app={app} photos={photos} label={name} /> : <p class="soft">{say('noPhotos')}</p>}
    </section>
  );
}

/** Photos without a label: they teach what has none. */
export function UnlabelledPanel({ app, shown: { photos: count } }: { readonly app: App; readonly shown: Photos }) {
  const photos = app.photos.value.get(unlabelled) ?? [];
  const name = say('unlabelled');
  return (
    <section class="panel class" aria-label={name}>
      <header>
        <h2 class="soft">{name}</h2>
        <span class="count">{say('photos', { count })}</span>
        <span class="row">
          <Files
            text={say('add')}
            title={say('addTo', { label: name })}
            onFiles={(files) => void app.add([], chosen(files))}
          />
        </span>
      </header>
      {photos.length > 0 ? (
        <PhotoGrid app={app} photos={photos} label={unlabelled} />
      ) : (
        <p class="soft">{say('unlabelledHow')}</p>
      )}
    </section>
  );
}

/** A button that lets files be chosen. */
export function Files({
  text,
  title,
  isFolder = false,
  isCamera = false,
  accept = isFolder ? undefined : isCamera ? 'image/*' : 'image/*,.zip,.tif,.tiff,.bmp',
  class: style = 'button',
  onFiles,
}: {
  readonly text: string;
  readonly title?: string;
  readonly isFolder?: boolean;
  readonly isCamera?: boolean;
  readonly accept?: string | undefined;
  readonly class?: string;
  readonly onFiles: (files: FileList) => void;
}) {
  return (
    <label class={style}>
      {text}
      <input
        class="hidden"
        type="file"
        multiple
        capture={isCamera ? 'environment' : undefined}
        accept={accept}
        aria-label={title ?? text}
        ref={(element) => {
          if (element) element.webkitdirectory = isFolder;
        }}
        onChange={({ currentTarget }) => {
          if (currentTarget.files?.length) onFiles(currentTarget.files);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}

function ClassMenu({ app, shown: { name, enabled } }: { readonly app: App; readonly shown: Shown }) {
  const [isOpen, open] = useState(false);
  const [text, setText] = useState(name);
  const others = (app.state.value?.classes ?? []).filter((each) => each.name !== name);
  const edit: App['edit'] = (wanted) => {
    open(false);
    return app.edit(wanted);
  };
  return (
    <>
      <button
        type="button"
        class="small"
        aria-expanded={isOpen}
        aria-label={say('moreOf', { label: name })}
        onClick={() => open(!isOpen)}
      >
        {say('more')}
      </button>
      {isOpen && (
        <div class="row menu">
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              void edit({ kind: 'rename', label: name, to: text });
            }}
          >
            <input
              type="text"
              value={text}
              aria-label={say('renameTo', { label: name })}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
            <button type="submit" class="small">
              {say('rename')}
            </button>
          </form>
          {others.length > 0 && (
            <select
              aria-label={say('mergeInto', { label: name })}
              onChange={({ currentTarget: { value } }) =>
                value && void edit({ kind: 'merge', label: name, into: value })
              }
            >
              <option value="">{say('mergeInto', { label: name })}</option>
              {others.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.name}
                </option>
              ))}
            </select>
          )}
          <button
            type="button"
            class="small"
            onClick={() => void edit({ kind: 'enable', label: name, enabled: !enabled })}
          >
            {say(enabled ? 'disable' : 'enable')}
          </button>
          <button type="button" class="small" onClick={() => void edit({ kind: 'remove', label: name })}>
            {say('remove')}
          </button>
        </div>
      )}
    </>
  );
}
