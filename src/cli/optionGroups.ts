/** Names of options that several commands take together. */

export const network = ['cut', 'preprocessing', 'device', 'threads'] as const;

export const lists = ['pathColumn', 'labelColumn', 'splitColumn', 'encoding'] as const;
