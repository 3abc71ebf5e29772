// Copies of photos as people make them: saved again, cropped, mirrored, taken again a moment later.
import sharp from 'sharp';

const saved = (image, quality = 90) => image.jpeg({ quality }).toBuffer();
const share = (length, part) => Math.round(length * part);

/** A part of the photo: left and top edge, width and height as shares. */
function part({ bytes, width, height }, left, top, wide, high, quality) {
  const [x, y] = [share(width, left), share(height, top)];
  const size = { width: Math.min(share(width, wide), width - x), height: Math.min(share(height, high), height - y) };
  return saved(sharp(bytes).extract({ left: x, top: y, ...size }), quality);
}

const scaled = ({ bytes, width }, factor) => saved(sharp(bytes).resize({ width: share(width, factor) }));

function watermark({ bytes, width, height }) {
  const size = share(width, 0.12);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><text x="50%" y="85%" font-size="${size}" font-family="sans-serif" font-weight="bold" text-anchor="middle" fill="white" fill-opacity="0.6">PHOTO.EXAMPLE</text></svg>`;
  return saved(sharp(bytes).composite([{ input: Buffer.from(svg) }]));
}

/** Turned by 3 degrees, then cropped to what has no empty corners. */
async function tilted({ bytes, width, height }) {
  const { data, info } = await sharp(bytes).rotate(3).png().toBuffer({ resolveWithObject: true });
  const [wide, high] = [share(width, 0.9), share(height, 0.9)];
  const place = { left: (info.width - wide) >> 1, top: (info.height - high) >> 1, width: wide, height: high };
  return saved(sharp(data).extract(place));
}

const bars = ({ bytes, height }) =>
  saved(sharp(bytes).extend({ top: share(height, 0.15), bottom: share(height, 0.15), background: 'black' }));

const screenshot = ({ bytes, width, height }) =>
  saved(
    sharp(bytes).extend({
      top: share(height, 0.12),
      bottom: share(height, 0.06),
      left: share(width, 0.04),
      right: share(width, 0.04),
      background: '#f2f2f2',
    }),
  );

/** Each kind: from a decoded original { bytes, width, height } to the JPEG files of its copies. */
export const kinds = {
  'saved again, quality 90': async (photo) => [await saved(sharp(photo.bytes), 90)],
  'saved again, quality 60': async (photo) => [await saved(sharp(photo.bytes), 60)],
  'saved again, quality 30': async (photo) => [await saved(sharp(photo.bytes), 30)],
  'brightness 0.7': async (photo) => [await saved(sharp(photo.bytes).modulate({ brightness: 0.7 }))],
  'brightness 1.2': async (photo) => [await saved(sharp(photo.bytes).modulate({ brightness: 1.2 }))],
  'gamma 1.5': async (photo) => [await saved(sharp(photo.bytes).gamma(1, 1.5))],
  'size 150%': async (photo) => [await scaled(photo, 1.5)],
  'size 60%': async (photo) => [await scaled(photo, 0.6)],
  'size 30%': async (photo) => [await scaled(photo, 0.3)],
  grey: async (photo) => [await saved(sharp(photo.bytes).greyscale())],
  'blur, sigma 2': async (photo) => [await saved(sharp(photo.bytes).blur(2))],
  watermark: async (photo) => [await watermark(photo)],
  'screenshot border': async (photo) => [await screenshot(photo)],
  'letterbox 15%': async (photo) => [await bars(photo)],
  'crop 3%': async (photo) => [await part(photo, 0.015, 0.015, 0.97, 0.97)],
  'crop 5% at two sides': async (photo) => [await part(photo, 0.05, 0.05, 0.95, 0.95)],
  'crop 10%': async (photo) => [await part(photo, 0.05, 0.05, 0.9, 0.9)],
  'crop 20%': async (photo) => [await part(photo, 0.1, 0.1, 0.8, 0.8)],
  'crop 20% at one side': async (photo) => [await part(photo, 0.2, 0, 0.8, 1)],
  'turned by 3 degrees': async (photo) => [await tilted(photo)],
  'turned by 90 degrees': async (photo) => [await saved(sharp(photo.bytes).rotate(90))],
  mirrored: async (photo) => [await saved(sharp(photo.bytes).flop())],
  // Three frames that stand in the original's place: crops of 85%, shifted as a hand shifts.
  burst: async (photo) => [
    await part(photo, 0, 0, 0.85, 0.85, 90),
    await part(photo, 0.06, 0.04, 0.85, 0.85, 88),
    await part(photo, 0.12, 0.1, 0.85, 0.85, 85),
  ],
};

/** An original, upright, as the kinds want it. */
export async function original(file) {
  const { data, info } = await sharp(file).rotate().png().toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.height };
}
