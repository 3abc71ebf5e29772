/** Rules of the page that reviews photos. */

/** A photo large, its case beside it; on a phone below it. */
export const reviewRules = `
.bench{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:var(--s4);align-items:start;margin:var(--s3) 0}
@media(max-width:46rem){.bench{grid-template-columns:minmax(0,1fr)}}
.subject{display:grid;gap:var(--s2);justify-items:center}
.subject .large{width:100%;height:min(26rem,52vh);object-fit:contain;background:var(--wash);border-radius:var(--radius)}
.subject .path{overflow-wrap:anywhere}
.case h3{margin:0;font-size:1.15rem} .case .row{margin:var(--s2) 0}
.neighbours{display:grid;grid-template-columns:1fr 1fr;gap:var(--s3)} .neighbours .shots{grid-template-columns:repeat(3,minmax(0,1fr))} .neighbours .path,.neighbours .note{display:none}
.filmstrip{display:flex;gap:var(--s1);overflow-x:auto;list-style:none;padding:var(--s1);margin:0}
.filmstrip button{padding:2px;min-height:0;width:3.4rem;height:3.4rem;border-radius:6px;overflow:hidden}
.filmstrip img{width:100%;height:100%;object-fit:cover;border-radius:4px}
.filmstrip [aria-current=true]{outline:2px solid var(--sky)} .filmstrip [data-decision]{opacity:.45}
.filmstrip .missing{font-size:.6rem;overflow:hidden}
.groups{list-style:none;padding:0;display:grid;gap:var(--s3)} .decided{opacity:.45}
.save{margin:var(--s3) 0}
`;
