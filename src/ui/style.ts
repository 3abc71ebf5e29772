/** The style sheet of pages that are worked with. */

import { style as reportStyle } from '../report/style.ts';

/** The report's style sheet, and what only pages with controls need. */
export const style = `${reportStyle}
button,select,input,textarea{font:inherit;color:inherit}
button,.button{display:inline-flex;align-items:center;justify-content:center;gap:var(--s2);min-height:2.75rem;padding:0 var(--s3);background:var(--card);border:1px solid var(--line);border-radius:var(--radius);cursor:pointer}
button:hover:not(:disabled),.button:hover{border-color:var(--soft)}
.button:has(:focus-visible){outline:2px solid var(--sky);outline-offset:2px}
button:disabled{color:var(--soft);cursor:default}
button.main,.button.main{background:var(--wine);border-color:var(--wine);color:var(--paper);font-weight:600}
button.plain,.button.plain{width:auto;background:none;border-color:transparent;padding:0 var(--s2)}
button.small{min-height:2rem;padding:0 var(--s2);font-size:.85rem}
button[aria-pressed=true],[role=tab][aria-selected=true]{background:var(--wash);border-color:var(--wine)}
input[type=text],input[type=search],input[type=number],input[type=url],select{min-height:2.75rem;padding:0 var(--s2);background:var(--card);border:1px solid var(--soft);border-radius:6px;max-width:100%}
label.field{display:grid;gap:var(--s1);font-size:.9rem}
kbd{font:.8rem var(--figures);border:1px solid var(--line);border-bottom-width:2px;border-radius:4px;padding:.05rem .35rem;background:var(--paper)}
button.main kbd{background:none;border-color:currentColor}
.row{display:flex;flex-wrap:wrap;gap:var(--s2);align-items:center}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
progress{appearance:none;width:100%;height:6px;border:0;border-radius:4px;overflow:hidden;background:var(--line)}
progress::-webkit-progress-bar{background:var(--line)} progress::-webkit-progress-value{background:var(--sky)} progress::-moz-progress-bar{background:var(--sky)}
progress:indeterminate{background:linear-gradient(90deg,var(--line) 40%,var(--sky) 50%,var(--line) 60%) 100% 0/250% 100%;animation:goes 1.5s linear infinite}
progress:indeterminate::-webkit-progress-bar{background:none} progress:indeterminate::-moz-progress-bar{background:none}
@keyframes goes{to{background-position:-66% 0}}
@media(prefers-reduced-motion:reduce){progress:indeterminate{animation:none;background-position:50% 0}}
dialog{color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:var(--radius);padding:var(--s3) var(--s4);max-width:min(48rem,calc(100vw - 2rem));max-height:calc(100dvh - 2rem)}
dialog::backdrop{background:color-mix(in srgb,#000 45%,transparent)}
dialog h2{margin-top:0}
.keys{display:grid;grid-template-columns:auto 1fr;gap:var(--s2) var(--s3);margin:var(--s3) 0}
.keys dt{text-align:right} .keys dd{margin:0}
.matrix td button{display:block;width:100%;min-height:2.7rem;padding:0;background:none;border:0;border-radius:6px;font:inherit}
.matrix td button:hover{box-shadow:inset 0 0 0 2px var(--ink)}
.matrix td button[aria-expanded=true]{box-shadow:inset 0 0 0 2px var(--wine)}
`;
