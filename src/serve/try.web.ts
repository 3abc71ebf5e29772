/** The script of the page that tries a service. */

/** What of an answer the page shows. */
interface Answer {
  readonly label: string;
  readonly probability?: number | null;
  readonly classes?: readonly { readonly label: string; readonly probability: number }[];
  readonly isKnown?: boolean;
  readonly isNormal?: boolean;
  readonly score?: number;
  readonly error?: { readonly what: string; readonly hint: string };
}

interface Listed {
  readonly models: readonly { readonly name: string; readonly task: string; readonly labels: readonly string[] }[];
  readonly feedback: boolean;
}

function element<K extends keyof HTMLElementTagNameMap>(id: string, tag: K): HTMLElementTagNameMap[K] {
  const found = document.getElementById(id);
  if (found?.localName !== tag) throw new TypeError(`the page has no ${tag} ${id}`);
  // The name of the tag says of which kind it is.
  return found as HTMLElementTagNameMap[K];
}

const [model, key, drop] = [element('model', 'select'), element('key', 'input'), element('drop', 'div')];
const [photo, camera, video] = [element('photo', 'input'), element('camera', 'button'), element('video', 'video')];
const [shown, answer, right] = [element('shown', 'img'), element('answer', 'div'), element('right', 'form')];
const [label, labels] = [element('label', 'input'), element('labels', 'datalist')];

let listed: Listed = { models: [], feedback: false };
let last: Blob | undefined;
let isAsking = false;

function headers(): Record<string, string> {
  return key.value === '' ? {} : { authorization: `Bearer ${key.value}` };
}

async function list(): Promise<void> {
  const response = await fetch('/v1/models', { headers: headers() });
  element('keyed', 'label').hidden = response.status !== 401 && key.value === '';
  if (!response.ok) return say(response.status === 401 ? 'This service needs a key.' : 'The service is not ready yet.');
  listed = await response.json();
  fill(
    model,
    listed.models.map(({ name }) => name),
  );
  answer.replaceChildren();
  offer();
}

function offer(): void {
  const { labels: all = [] } = listed.models.find(({ name }) => name === model.value) ?? {};
  fill(labels, all.slice(0, 1000));
}

function fill(list: HTMLElement, names: readonly string[]): void {
  list.replaceChildren();
  for (const name of names) list.append(new Option(name, name));
}

function say(text: string): void {
  answer.textContent = text;
}

async function ask(blob: Blob): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  try {
    const one = listed.models.find(({ name }) => name === model.value);
    const query = one?.task === 'one-class' ? '' : '?top=5';
    const response = await fetch(`/v1/models/${encodeURIComponent(model.value)}/predict${query}`, {
      method: 'POST',
      body: blob,
      headers: { ...headers(), 'content-type': blob.type || 'application/octet-stream' },
    });
    last = blob;
    show(await response.json());
  } catch {
    say('The service does not answer.');
  } finally {
    isAsking = false;
  }
}

function show(given: Answer): void {
  right.hidden = given.error !== undefined || !listed.feedback;
  if (given.error) {
    say(`${given.error.what} ${given.error.hint}`);
    return;
  }
  const title = document.createElement('p');
  const strong = document.createElement('strong');
  strong.textContent = given.label;
  title.append(strong);
  if (given.score !== undefined) title.append(` (score ${given.score.toPrecision(4)})`);
  if (given.isKnown === false) title.append(': unlike anything that it has learned. Nearest:');
  const bars = (given.classes ?? []).map(({ label: name, probability }) => {
    const bar = document.createElement('div');
    bar.className = 'bar';
    const [text, meter, share] = [
      document.createElement('span'),
      document.createElement('meter'),
      document.createElement('span'),
    ];
    text.textContent = name;
    meter.value = probability;
    meter.setAttribute('aria-label', name);
    share.textContent = `${(100 * probability).toFixed(1)}%`;
    bar.append(text, meter, share);
    return bar;
  });
  answer.replaceChildren(title);
  for (const bar of bars) answer.append(bar);
}

function send(blob: Blob | null | undefined): void {
  if (!blob) return;
  stop();
  URL.revokeObjectURL(shown.src);
  shown.src = URL.createObjectURL(blob);
  shown.hidden = false;
  void ask(blob);
}

/** Ends the camera. */
function stop(): void {
  const { srcObject } = video;
  if (srcObject instanceof MediaStream) for (const track of srcObject.getTracks()) track.stop();
  video.srcObject = null;
  video.hidden = true;
  camera.textContent = 'Use the camera';
}

async function film(): Promise<void> {
  if (video.srcObject) return stop();
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch {
    return say('There is no camera that this page may use.');
  }
  shown.hidden = true;
  video.hidden = false;
  camera.textContent = 'Stop the camera';
  await video.play();
  const canvas = document.createElement('canvas');
  while (video.srcObject) {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
    if (blob && video.srcObject) await ask(blob);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

photo.addEventListener('change', () => send(photo.files?.[0]));
camera.addEventListener('click', () => void film());
model.addEventListener('change', offer);
key.addEventListener('change', () => void list());
for (const name of ['dragover', 'dragleave', 'drop'] as const)
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', name === 'dragover');
    if (name === 'drop') send(event.dataTransfer?.files[0]);
  });
document.addEventListener('paste', (event) => send(event.clipboardData?.files[0]));
right.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!last || label.value === '') return;
  const form = new FormData();
  form.append('photo', last);
  form.append('label', label.value);
  const address = `/v1/feedback?model=${encodeURIComponent(model.value)}`;
  const response = await fetch(address, { method: 'POST', body: form, headers: headers() });
  const given: Answer = await response.json();
  say(given.error ? `${given.error.what} ${given.error.hint}` : `Kept as ${label.value}, for the next training.`);
  label.value = '';
});
void list();
