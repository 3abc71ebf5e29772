/** Colours, sizes, spaces. */

/** Every colour, size and space of a page. Text colours reach a contrast of 4.5 on every ground they stand on. */
export const tokens = `:root{color-scheme:light dark;
--paper:#fbfaf7;--card:#fff;--ink:#1d2124;--soft:#5d666d;--line:#e3e0d8;--wine:#8c1d40;--leaf:#2f7d5b;--sky:#2b6ca3;--amber:#b7791f;
--deep:55%;--hint:color-mix(in srgb,var(--ink) 22%,transparent);
--wash:color-mix(in srgb,var(--wine) 8%,var(--card));
--s1:.25rem;--s2:.5rem;--s3:1rem;--s4:1.75rem;--s5:3.5rem;--radius:10px;
--text:ui-sans-serif,system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;
--figures:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,monospace}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14171a;--card:#1c2024;--ink:#e9e6df;--soft:#9aa3aa;--line:#2d3339;--wine:#e0728f;--leaf:#66c29a;--sky:#7db7e8;--amber:#e0ad5a;--deep:28%}}`;
