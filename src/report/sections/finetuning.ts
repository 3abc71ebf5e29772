/** Whether the last stage of the network was fine-tuned. */

import { type Finetuning, frozenName } from '../../evaluation/choices.ts';
import { percent, plural, seconds, times } from '../format.ts';
import { type Html, html } from '../html.ts';

/** Whether the last stage of the network was fine-tuned, and by what that was decided. */
export function finetuning(found: Finetuning, isByFolds: boolean): Html {
  const { chosen, reason, epochs = 0, photos = 0, logLoss, accuracy, inParts } = found;
  const rows = logLoss &&
    accuracy && [
      { name: frozenName(found), isTaken: !chosen, loss: logLoss.frozen, share: accuracy.frozen },
      {
        name: `with the fine-tuned stage, ${plural(epochs, 'epoch')}`,
        isTaken: chosen,
        loss: logLoss.finetuned,
        share: accuracy.finetuned,
      },
    ];
  return html`<section id="finetuning"><h2>Frozen or fine-tuned?</h2>
${!rows && html`<p>The network stays frozen: ${reason ?? 'fine-tuning was not tried'}.</p>`}
${
  rows &&
  html`<p>${chosen ? html`The network's last stage <strong>is fine-tuned</strong>` : html`The network <strong>stays frozen</strong>`}. Two ways were compared on ${plural(photos, 'photo')} of the training part that neither had seen: the frozen network with its head, and the mean of that head's answers and those of a fine-tuned last stage.${chosen && logLoss.finetuned >= logLoss.frozen && ' The second is no better here: it is taken because fine-tuning was asked for in any case.'}${found.seconds !== undefined && ` That took ${seconds(found.seconds)}${chosen ? ', training on the whole part included' : ''}.`}</p>
<table class="plain"><thead><tr><th scope="col">network</th><th scope="col">log-loss</th><th scope="col">accuracy</th></tr></thead>
<tbody>${rows.map(({ name, isTaken, loss, share }) => html`<tr><th scope="row">${name}${isTaken && html` <b class="yes">✓</b>`}</th><td>${loss.toFixed(3)}</td><td>${percent(share)}</td></tr>`)}</tbody></table>
<p class="soft">These figures are for choosing. The figure at the top comes from photos that took no part in the choice${isByFolds && html`: each fold was tested with a choice made without it (${inParts.map((part, i) => html`${i > 0 && ', '}${part.chosen ? 'fine-tuned' : 'frozen'} ${times(part.parts)}`)})`}.</p>`
}</section>`;
}
