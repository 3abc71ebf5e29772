/** Of fewer photos a class that is recognised badly is to get more. */

export const fewPhotos = 20;
