/** The number of photos below which a badly recognised class is advised to get more. */

export const fewPhotos = 20;
