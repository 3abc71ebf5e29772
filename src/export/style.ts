/** Rules of an exported page beside those of all pages. */

export const rules = `
#page{max-width:46rem;margin:0 auto}
.top{display:flex;flex-wrap:wrap;gap:var(--s2);align-items:center;justify-content:space-between;margin-bottom:var(--s3)} .top h1{margin:0}
.drop{border:2px dashed var(--soft);border-radius:var(--radius);padding:var(--s3);background:var(--card);text-align:center}
.drop.over{border-color:var(--wine);background:var(--wash)}
.drop .row{justify-content:center}
.file{position:relative;overflow:hidden}
.file input{position:absolute;inset:0;opacity:0;cursor:pointer;width:100%;min-height:100%}
.file:focus-within{outline:2px solid var(--sky);outline-offset:2px}
.stage{position:relative;display:inline-block;max-width:100%;margin-top:var(--s3);line-height:0}
.stage img,.stage video{max-width:100%;max-height:55vh;border-radius:6px}
.stage canvas{position:absolute;inset:0;width:100%;height:100%;opacity:.6;pointer-events:none;border-radius:6px}
.answer{font:600 1.8rem/1.2 var(--text);margin:var(--s4) 0 var(--s2);overflow-wrap:anywhere}
.answer.strange{color:var(--wine)}
.said{min-height:9rem}
.said .bars{max-width:none} .said .bars li{--bar:var(--sky);font-size:1rem;padding-bottom:var(--s2)} .said .bars li:first-child{--bar:var(--leaf)} .said .strange~.bars li{--bar:var(--soft)}
.problem{border-left:3px solid var(--wine);background:var(--wash);padding:var(--s2) var(--s3)}
details{margin-top:var(--s3)} details pre{overflow:auto;max-height:20rem;font-size:.75rem;white-space:pre-wrap}
`;
