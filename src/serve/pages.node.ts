/** The pages of a service: one to try it, one that says how to ask. */

import type { Html } from '../report/html.ts';
import { html } from '../report/html.ts';
import { page } from '../report/page.ts';
import { version } from '../version.ts';
import { type Operation, operations } from './openapi.node.ts';

/** The page to try the service: a photo is dropped or chosen, or the camera's picture is sent. */
export function tryPage(): string {
  const body = html`<h1>What is in this photo?</h1>
<div id="try">
<p><label>Classifier <select id="model"></select></label> <label id="keyed" hidden>Key <input id="key" type="password" autocomplete="off" size="24"></label></p>
<div id="drop"><p><label for="photo">Choose a photo, drop one here, or paste one.</label></p>
<p><input id="photo" type="file" accept="image/*"> <button id="camera" type="button">Use the camera</button></p>
<video id="video" muted playsinline hidden></video><img id="shown" alt="The photo that was sent" hidden></div>
<div id="answer" role="status" aria-live="polite"></div>
<form id="right" hidden><label>Not right? It is <input id="label" list="labels" autocomplete="off"></label><datalist id="labels"></datalist> <button>Send it back</button></form>
</div>
<p class="note">The photo goes to this service and nowhere else. <a href="/docs">How to ask it from a program</a></p>`;
  return page({ title: 'What is in this photo?', kind: 'service', body, version, script: '/try.js', css: tryStyle });
}

const tryStyle = `#drop{border:2px dashed var(--line);border-radius:var(--radius);padding:var(--s3);background:var(--card)}
#drop.over{border-color:var(--wine)}#drop img,#drop video{max-width:100%;max-height:50vh;border-radius:var(--radius)}
#answer{margin:var(--s3) 0;min-height:6rem}#answer .bar{display:grid;grid-template-columns:minmax(4rem,min(12rem,30%)) 1fr 4rem;gap:var(--s2);align-items:center;margin:var(--s1) 0;overflow-wrap:anywhere}
#answer meter{width:100%;height:1rem}#try select,#try input,#try button{font:inherit;min-height:2.75rem;padding:0 var(--s2);max-width:100%}`;

/** How to ask the service, from its own description. */
export function docsPage(): string {
  const groups = [...new Set(operations.map(({ group }) => group))];
  const body = html`<h1>How to ask this service</h1>
<p>A photo in, an answer out. <a href="/">Try it in a page</a>; <a href="/openapi.json">openapi.json</a> has the same for programs.</p>
<pre>${examples}</pre>
<p>Where the service needs a key, send the header <code>authorization: Bearer KEY</code>. Errors are JSON: <code>error.code</code>, <code>error.what</code>, and <code>error.hint</code>, which says what to do. Status 503 and 429 bring <code>retry-after</code> in seconds. The header <code>x-request-id</code> comes back, and stands in the log.</p>
${groups.map((group) => html`<h2>${group}</h2>${operations.filter((one) => one.group === group).map(entry)}`)}`;
  return page({ title: 'How to ask this service', kind: 'service', body, version, css: docsStyle });
}

const docsStyle = `pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:var(--radius);padding:var(--s3)}
.call{margin:var(--s3) 0;padding-left:var(--s3);border-left:3px solid var(--line);overflow-wrap:anywhere}.call dt{margin-top:var(--s1)}.call dd{margin-left:var(--s3)}`;

const examples = `curl --data-binary @photo.jpg 'http://HOST/v1/predict?top=3'
curl -F photo=@a.jpg -F photo=@b.jpg http://HOST/v1/predict
curl -H 'content-type: application/json' -d '{"image":"BASE64"}' http://HOST/v1/predict`;

function entry({ method, path, summary, query, body }: Operation): Html {
  const parameters = Object.entries(query?.shape ?? {});
  return html`<div class="call"><p><code>${method.toUpperCase()} ${path}</code><br>${summary}</p>
${body && html`<p>Body: ${Object.keys(body).join(', ')}</p>`}
${parameters.length > 0 && html`<dl>${parameters.map(([name, schema]) => html`<dt><code>${name}</code></dt><dd>${schema.description ?? ''}</dd>`)}</dl>`}</div>`;
}
