// These run inside the page: each must stand alone.

/** What sticks out to the right of the screen, of the page as a whole. */
export function overflowing(): string[] {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => `${element.tagName}.${element.getAttribute('class')}`);
}

/** Every visible text's contrast with its ground (WCAG 2.2, 1.4.3): how many texts, and those under 4.5. */
export function contrasts(): { texts: number; weak: string[] } {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const luminances = new Map<string, number>();
  function paint(colors: readonly string[]): number {
    const key = colors.join('|');
    const known = luminances.get(key);
    if (known !== undefined) return known;
    for (const color of colors) {
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((value) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    const luminance = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    luminances.set(key, luminance);
    return luminance;
  }
  function grounds(element: Element | null): string[] {
    return element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : ['white'];
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const weak: string[] = [];
  let texts = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement!;
    const text = node.textContent!.trim();
    if (text === '' || element.tagName === 'title' || !element.checkVisibility()) continue;
    texts++;
    const style = getComputedStyle(element);
    const behind = grounds(element);
    const ground = paint(behind);
    const ink = paint([...behind, element instanceof SVGElement ? style.fill : style.color]);
    const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className}: ${text.slice(0, 40)}`);
  }
  return { texts, weak };
}
