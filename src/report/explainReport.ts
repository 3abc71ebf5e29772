/** The page that explains a photo. */

import { type ExplainResult, unitDigits } from '../results/explainResult.ts';
import { activation } from './charts/activation.ts';
import { strip } from './charts/strip.ts';
import { count, decimal, name, pathName, percent, plainName, plural, signed } from './format.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { pictureFrom } from './pictures.ts';

type Explained = ExplainResult['classes'][number];

/**
 * Why a classifier says what it says of one photo, on one page.
 * @param picture WebP of the part of the photo that the network sees
 * @param thumbnails WebP bytes of the neighbours, by path
 */
export function explainReport(
  result: ExplainResult,
  picture: Uint8Array,
  thumbnails: ReadonlyMap<string, Uint8Array>,
): string {
  const { version, photo, classes, isKnown } = result;
  const own = pictureFrom(new Map([[photo, picture]]))(photo) ?? html``;
  const [first] = classes;
  return page({
    title: `${photo}: ${isKnown === false ? 'unknown' : `${percent(first.probability)} ${first.label}`}, explained by Carafe`,
    kind: 'explanation of a photo',
    version,
    body: html`<header class="top"><div><h1>What it sees in ${pathName(photo)}</h1>
${verdict(result)}</div>
<figure class="sample explained">${own}<figcaption>The part of the photo that the network sees.</figcaption></figure></header>
${fingerprint(result)}
${speaking(classes, own, result)}
${neighbours(result, thumbnails)}`,
  });
}

/** What `predict` says of the photo. */
function verdict({ classes, isKnown }: ExplainResult): Html {
  const listed = (some: readonly Explained[]) =>
    some.map(({ label, probability }, i) => html`${i > 0 && ', '}${name(label)} ${percent(probability)}`);
  if (isKnown === false)
    return html`<p class="big">unknown <small>It is not like the photos of any class. The nearest: ${listed(classes)}</small></p>`;
  const [{ label, probability }, ...rest] = classes;
  const others = rest.length > 0 && html`; ${listed(rest)}`;
  return html`<p class="big">${percent(probability)} <small>sure that this is ${name(label)}${others}</small></p>`;
}

function fingerprint({ features, backbone }: ExplainResult): Html {
  const silent = features.filter((value) => value === 0).length;
  return html`<section id="fingerprint"><h2>Its fingerprint</h2>
<p>The network ${name(backbone.name)} turned the photo into ${count(features.length)} numbers, its bottleneck values${silent > 0 && html`, of which ${count(silent)} are zero`}. They are all that the classifier knows about the photo; it cannot use anything else. Each cell is one number: the stronger the colour, the larger the number. Point at a cell to read it.</p>
${strip(features)}</section>`;
}

function speaking(classes: readonly Explained[], picture: Html, { compared }: ExplainResult): Html {
  const hasMap = classes.some(({ map }) => map);
  return html`<section id="classes"><h2>Evidence for each class</h2>
<p class="soft">${hasMap && 'Coloured places support the class more than the rest of the photo does. '}A unit's effect is how far the score of the class would fall if the unit were ${compared > 0 ? html`at its average over the ${plural(compared, 'other photo')}` : 'zero'}.${classes.some(({ depths }) => depths) && " A depth's effect is the same for all of its units together: early maps see textures and edges, the features see things."}</p>
<div class="cards">${classes.map((one) => card(one, picture))}</div></section>`;
}

function card({ label, probability, units, depths, map }: Explained, picture: Html): Html {
  const hasUsual = units.some(({ average }) => average !== null);
  const digits = unitDigits(units);
  return html`<figure class="card">${map ? activation(picture, map, `Places that support ${plainName(label)}`) : html`<div class="missing">no map: its features have no places</div>`}
<figcaption><p><strong>${name(label)}</strong> ${percent(probability)}</p>
${
  depths &&
  html`<table class="plain"><thead><tr><th scope="col">depth</th><th scope="col">effect</th></tr></thead>
<tbody>${depths.map(({ name: depth, effect }) => html`<tr><td>${depth}</td><td>${signed(effect, 2)}</td></tr>`)}</tbody></table>`
}
${
  units.length === 0
    ? html`<p class="soft">No unit supports it.</p>`
    : html`<table class="plain"><thead><tr><th scope="col">unit</th>${depths && html`<th scope="col">depth</th>`}<th scope="col">value</th>${hasUsual && html`<th scope="col">average</th>`}<th scope="col">effect</th></tr></thead>
<tbody>${units.map(({ unit, value, average, effect, depth }) => html`<tr><td>${unit}</td>${depths && html`<td>${depth ?? ''}</td>`}<td>${decimal(value, digits)}</td>${average !== null && html`<td>${decimal(average, digits)}</td>`}<td>${signed(effect, 2)}</td></tr>`)}</tbody></table>`
}</figcaption></figure>`;
}

function neighbours(
  { neighbours: near, compared, among, folder }: ExplainResult,
  thumbnails: ReadonlyMap<string, Uint8Array>,
): Html {
  const picture = pictureFrom(thumbnails);
  return html`<section id="neighbours"><h2>Photos with the most similar fingerprints</h2>
${
  near.length === 0
    ? html`<p>The cache holds none of the photos the classifier learned from. Use <code>--photos</code> to name photos to compare with.</p>`
    : html`<p class="soft">The closest of ${plural(compared, 'other photo')} ${among === null ? html`that the classifier learned from${folder === null ? '' : html`, in ${pathName(folder)}`}` : html`in ${pathName(among)}`}, by cosine similarity of the fingerprints after subtracting the average: 1 = identical, 0 = unrelated.</p>
<ul class="shots">${near.map(({ path, label, similarity }) => html`<li>${picture(path) ?? html`<div class="missing">no small picture</div>`}<span class="note">${decimal(similarity, 2)}${label !== undefined && html` ${name(label)}`}</span><span class="path" title="${path}">${pathName(path)}</span></li>`)}</ul>`
}</section>`;
}
