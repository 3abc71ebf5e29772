/**
 * Names that promise a photo. Formats that cannot be read are among them: such files are found, and then listed with
 * the reason and what to do, rather than passed over in silence.
 */
const extensions = new Set([
  ...['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif'],
  ...['heic', 'heif', 'bmp', 'jxl', 'jp2'],
  ...['dng', 'cr2', 'cr3', 'nef', 'arw', 'raf', 'orf', 'rw2'],
]);

/** Whether a file of this name is taken for a photo, whatever it holds. */
export function isImageName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && extensions.has(name.slice(dot + 1).toLowerCase());
}

/** The extensions that can be read, as they are shown in messages. */
export const readableExtensions = '.jpg, .jpeg, .png, .webp, .gif, .tif, .tiff or .avif';
