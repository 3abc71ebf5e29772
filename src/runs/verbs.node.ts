/** What the verbs of the library are made of: loaded together, when the first of them is called. */

export { getBackbone } from '../backbone/get.node.ts';
export { inspectFile } from '../backbone/inspectFile.node.ts';
export { listBackbones } from '../backbone/listBackbones.node.ts';
export { oneClassVerdict } from '../doctor/verdict.ts';
export { pictureSeen } from '../images/seen.node.ts';
export { inspectReport } from '../report/inspectReport.ts';
export { openMeasurers } from '../study/workers.node.ts';
export { applyReview } from './applyReview.ts';
export { checkOn } from './checkBackbone.ts';
export { doctor } from './doctor.ts';
export { editPhotos } from './edit.node.ts';
export { evaluateOn } from './evaluate.ts';
export { evaluateOneClass, usualNormals } from './evaluateOneClass.ts';
export { withEvidence } from './evidence.node.ts';
export { explainOn } from './explain.ts';
export { nextOn } from './next.ts';
export { serveReview } from './serveReview.node.ts';
export { runStudy } from './study.ts';
export { train } from './train.ts';
export { trainOneClass } from './trainOneClass.ts';
export { dryRunOn } from './understand.ts';
export { requireRoom, writeChosen } from './writeChosen.node.ts';
