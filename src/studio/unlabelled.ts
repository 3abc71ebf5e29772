/** Photos that have no label. */

/** What they have in place of a label's name: where a photo may have several, it may have none. */
export const unlabelled = '';
