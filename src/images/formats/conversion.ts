/** Commands that convert a folder of photos. */

/**
 * How to convert a whole folder of photos, on any system, ready to be put into a sentence.
 * @param to what they become
 * @param extension of the photos, without the dot
 */
export function convertTo(to: 'JPEG' | 'PNG', extension: string): string {
  const [name, sips] = to === 'JPEG' ? ['jpg', 'jpeg'] : ['png', 'png'];
  return `convert the photos to ${to} (macOS: sips -s format ${sips} *.${extension} --out FOLDER; Windows and Linux, with ImageMagick: ${mogrify(`-format ${name} *.${extension}`)})`;
}

/** How ImageMagick is called for a whole folder; up to version 6 its tools had names of their own. */
export function mogrify(options: string): string {
  return `magick mogrify ${options}, or mogrify alone up to version 6`;
}
