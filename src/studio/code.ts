/** The drawing of a code that phones read: loaded by whoever shows one. */

export { renderSVG } from 'uqr';
