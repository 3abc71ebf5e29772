/** File names of photos. */

/**
 * Names that promise a photo. Formats that cannot be read are among them: such files are found, and then listed with
 * the reason and what to do, rather than passed over in silence.
 */
const extensions = new Set([
  ...['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif'],
  ...['heic', 'heif', 'hif', 'bmp', 'dib', 'ppm', 'pgm', 'pbm', 'pnm', 'pam', 'tga'],
  ...['apng', 'mpo', 'jxl', 'jp2', 'j2k', 'psd', 'exr', 'hdr', 'pfm', 'dds', 'qoi', 'jxr', 'fits', 'dcm'],
  ...['dng', 'cr2', 'cr3', 'crw', 'nef', 'arw', 'raf', 'orf', 'rw2', 'pef', 'srw', 'x3f', '3fr'],
]);

/** Whether a file of this name is taken for a photo, whatever it holds. */
export function isImageName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && extensions.has(name.slice(dot + 1).toLowerCase());
}

/** The extensions that can be read, as they are shown in messages. */
export const readableExtensions = '.jpg, .png, .webp, .gif, .tif, .avif, .heic, .bmp, .ppm, .pgm, .pbm or .tga';
