/** Live answers: a camera or a photo, what the classifier says, why, and putting it right. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { isTyping } from '../ui/Keys.tsx';
import { number, percent } from '../ui/texts.ts';
import { type App, newBatch } from './app.web.ts';
import { Files } from './ClassPanel.tsx';
import { type Facing, FrameFilter, FrameTaker, openCamera, shotOf } from './camera.web.ts';
import type { Answer } from './engine.ts';
import { say } from './texts.ts';

/** Milliseconds between frames that are kept while recording. */
const recordEvery = 200;
/** Frames that are under way to their answers. */
const framesAtOnce = 2;

export function Live({ app }: { readonly app: App }) {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream>();
  const [facing, setFacing] = useState<Facing>('user');
  const [still, setStill] = useState<{ readonly address: string; readonly blob: Blob; readonly name: string }>();
  const [answer, setAnswer] = useState<Answer>();
  const [hasHeatmap, setHeatmap] = useState(false);
  const [isMeant, setMeant] = useState<string>();
  /** Labels that the user says it has; until then those of the answer. */
  const [given, setGiven] = useState<readonly string[]>();
  const classes = app.state.value?.classes ?? [];
  const several = app.state.value?.several ?? false;
  const learned = app.state.value?.learned ?? 0;
  const shownLabels = given ?? (answer ? labelsIn(answer) : []);
  // With several labels each is put right for itself, and the photo is then kept with them all.
  const tell = (label: string) => {
    if (!several) return void correct([label]);
    const isOn = shownLabels.includes(label);
    setGiven(isOn ? shownLabels.filter((each) => each !== label) : [...shownLabels, label]);
  };

  const start = (wanted: Facing) =>
    app.do(async () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
      setFacing(wanted);
      setStill(undefined);
      setStream(await openCamera(wanted));
    });
  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    setStream(undefined);
    setAnswer(undefined);
  };
  useEffect(() => {
    if (video.current) video.current.srcObject = stream ?? null;
    return () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [stream]);

  // While one frame is answered, the next one is handed over.
  useEffect(() => {
    let isOver = false;
    const taker = new FrameTaker();
    const follow = async () => {
      while (!isOver && stream) {
        const frame = video.current && taker.take(video.current);
        const found = frame && (await app.engine.predict(frame, { heatmap: hasHeatmap }).catch(() => undefined));
        if (!isOver && found) setAnswer(found);
        await new Promise((resolve) => (found ? requestAnimationFrame(resolve) : setTimeout(resolve, 200)));
      }
    };
    for (let lane = 0; lane < framesAtOnce; lane++) void follow();
    return () => {
      isOver = true;
    };
  }, [stream, hasHeatmap]);

  useEffect(() => {
    if (still) void app.do(async () => setAnswer(await app.engine.predict(still.blob, { heatmap: hasHeatmap })));
  }, [still, learned, hasHeatmap]);

  const show = (blob: Blob, name: string) => {
    stop();
    setGiven(undefined);
    setStill({ address: URL.createObjectURL(blob), blob, name });
  };
  // One key puts a wrong answer right: the photo becomes one of that class.
  const correct = (labels: readonly string[]) =>
    app.do(async () => {
      setGiven(undefined);
      const blob = still?.blob ?? (video.current && (await shotOf(video.current)));
      if (!blob) return;
      const name = still?.name ?? `shot-${Date.now()}.jpg`;
      await app.engine.add(labels, [{ name, bytes: new Uint8Array(await blob.arrayBuffer()) }]);
      app.notice.value = say('added', { count: 1, label: labels.join(', ') || say('unlabelled') });
    });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // What another took for itself, such as a class for photos that were selected, is none of it.
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // With photos selected, keys are theirs.
      if (!(stream || still) || app.selected.value.size > 0) return;
      const label = classes[Number(event.key) - 1]?.name;
      if (label) tell(label);
      else if (several && event.key === '0') void correct(shownLabels);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });

  // The stage shows what the network sees: the middle, or of normal photos the whole, pressed into a square.
  const whole = answer?.normal ? 'whole' : '';
  return (
    <section class="panel live" aria-label={say('live')}>
      <h2>{say('live')}</h2>
      {(stream || still) && (
        <div class="stage">
          {stream && (
            <video ref={video} class={`${facing === 'user' ? 'mirror' : ''} ${whole}`} autoPlay muted playsInline />
          )}
          {still && <img class={`still ${whole}`} src={still.address} alt={still.name} />}
          {answer?.heatmap && <Heat heatmap={answer.heatmap} isMirrored={stream !== undefined && facing === 'user'} />}
        </div>
      )}
      <div class="row">
        {stream ? (
          <button type="button" onClick={stop}>
            {say('stop')}
          </button>
        ) : (
          <button type="button" onClick={() => void start(facing)}>
            {say('play')}
          </button>
        )}
        {stream && (
          <button type="button" class="small" onClick={() => void start(facing === 'user' ? 'environment' : 'user')}>
            {say(facing === 'user' ? 'back' : 'front')}
          </button>
        )}
        <Files
          text={say('choosePhoto')}
          onFiles={([file]) => {
            if (file) show(file, file.name);
          }}
        />
        <button type="button" class="small" aria-pressed={hasHeatmap} onClick={() => setHeatmap(!hasHeatmap)}>
          {say('heatmap')}
        </button>
      </div>
      {stream && <Recorder app={app} video={video} label={isMeant} onLabel={setMeant} />}
      {answer && (stream || still) && <Answered app={app} answer={answer} />}
      {learned === 0 && !answer && <p class="soft">{say(several ? 'needLabels' : 'needTwo')}</p>}
      {answer && (stream || still) && (
        <>
          <p class="soft">{say(several ? 'correctLabels' : 'correctHelp')}</p>
          <div class="row">
            {classes.map(({ name }, place) => (
              <button
                key={name}
                type="button"
                class="small"
                aria-pressed={several ? shownLabels.includes(name) : undefined}
                onClick={() => tell(name)}
              >
                {several ? name : say('correct', { label: name })} {place < 9 && <kbd>{place + 1}</kbd>}
              </button>
            ))}
            {several && (
              <button type="button" class="small main" onClick={() => void correct(shownLabels)}>
                {say('keepPhoto')} <kbd>0</kbd>
              </button>
            )}
          </div>
        </>
      )}
    </section>
  );
}

/** Labels that the photo is given, where it may have several. */
function labelsIn({ classes }: Answer): string[] {
  return classes.flatMap(({ label, probability, threshold }) =>
    threshold !== undefined && probability >= threshold ? [label] : [],
  );
}

function Answered({ app, answer }: { readonly app: App; readonly answer: Answer }) {
  const { label, classes, nearest, normal, known } = answer;
  const labels = labelsIn(answer);
  const isLabels = classes.some(({ threshold }) => threshold !== undefined);
  const none = say(normal ? 'abnormal' : isLabels && known ? 'unlabelled' : 'unknown');
  const text = isLabels && known ? labels.join(', ') || none : (label ?? none);
  return (
    <>
      <p class={text === none ? 'answer unknown' : 'answer'} aria-live="polite">
        {text}
      </p>
      <ul class="bars">
        {classes.slice(0, isLabels ? 20 : 6).map(({ label, probability, threshold }) => (
          <li key={label} class={labels.includes(label) ? 'given' : ''}>
            <span>{label}</span>
            <b>{percent(probability, 0)}</b>
            <i
              class={threshold === undefined ? '' : 'from'}
              style={{ '--share': probability, '--from': Math.min(1, threshold ?? 0) }}
              title={threshold === undefined ? undefined : say('threshold', { share: percent(threshold, 0) })}
            />
          </li>
        ))}
      </ul>
      {normal && (
        <p class="soft">{say('score', { score: number(normal.score, 2), threshold: number(normal.threshold, 2) })}</p>
      )}
      {nearest.length > 0 && <h3>{say('alike')}</h3>}
      <div class="nearest">
        {nearest.map(({ path, labels, similarity }) => (
          <span key={path} title={path}>
            {app.address(path) && <img src={app.address(path)} alt={path} />}
            <span>{labels.join(', ') || '–'}</span>
            <span>{percent(Math.max(0, similarity), 0)}</span>
          </span>
        ))}
      </div>
    </>
  );
}

/** Records while the button, or the blank key on it, is held. */
function Recorder({
  app,
  video,
  label,
  onLabel,
}: {
  readonly app: App;
  readonly video: { readonly current: HTMLVideoElement | null };
  readonly label: string | undefined;
  readonly onLabel: (label: string) => void;
}) {
  const classes = app.state.value?.classes ?? [];
  const chosen = classes.some(({ name }) => name === label) ? label : classes[0]?.name;
  const [isOn, setOn] = useState(false);
  const [wait, setWait] = useState(0);
  useEffect(() => {
    if (!isOn || !chosen) return;
    const filter = new FrameFilter();
    const batch = newBatch();
    const take = async () => {
      if (!video.current || !filter.isNew(video.current)) return;
      const frame = await shotOf(video.current);
      if (frame)
        await app.do(
          async () =>
            void (await app.engine.add(
              [chosen],
              [{ name: `shot-${Date.now()}.jpg`, bytes: new Uint8Array(await frame.arrayBuffer()) }],
              batch,
            )),
        );
    };
    void take();
    const timer = setInterval(() => void take(), recordEvery);
    return () => clearInterval(timer);
  }, [isOn, chosen]);
  // With the timer it records for as long as was counted down.
  useEffect(() => {
    if (wait === 0) return;
    const timer = setTimeout(() => {
      setWait(wait - 1);
      if (wait === 1) {
        setOn(true);
        setTimeout(() => setOn(false), 3000);
      }
    }, 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  if (!chosen) return <p class="soft">{say('start')}</p>;
  const isHold = (key: string) => key === ' ' || key === 'Enter';
  return (
    <div class="row">
      <select aria-label={say('classes')} value={chosen} onChange={({ currentTarget }) => onLabel(currentTarget.value)}>
        {classes.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        class={isOn ? 'main recording' : 'main'}
        onPointerDown={() => setOn(true)}
        onPointerUp={() => setOn(false)}
        onPointerLeave={() => setOn(false)}
        onKeyDown={({ key, repeat }) => isHold(key) && !repeat && setOn(true)}
        onKeyUp={({ key }) => isHold(key) && setOn(false)}
        onBlur={() => setOn(false)}
      >
        {say('hold')}
      </button>
      <button type="button" class="small" onClick={() => setWait(3)}>
        {wait > 0 ? `${wait}` : say('timer')}
      </button>
    </div>
  );
}

function Heat({
  heatmap: { width, height, data },
  isMirrored,
}: {
  readonly heatmap: NonNullable<Answer['heatmap']>;
  readonly isMirrored: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    for (const [at, value] of data.entries()) image.data.set([255, 80, 40, Math.round(255 * value)], 4 * at);
    context.putImageData(image, 0, 0);
  });
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      class={isMirrored ? 'mirror' : ''}
      role="img"
      aria-label={say('heatmap')}
    />
  );
}
