/** The style sheet. */

import { chartStyle } from './charts/style.ts';
import { tokens } from './tokens.ts';

/** The style sheet of every page. Colours and spaces come from the tokens only. */
export const style = `${tokens}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:var(--s3)}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--text);overflow-wrap:anywhere}
main{max-width:68rem;margin:0 auto;padding:var(--s4) var(--s3) var(--s5)}
h1{font-size:1.15rem;font-weight:600;margin:var(--s4) 0 0;text-wrap:balance}
h2{font-size:1.35rem;line-height:1.3;margin:var(--s5) 0 var(--s2);text-wrap:balance}
h3{font-size:1.05rem;margin:var(--s4) 0 var(--s2)}
h3 small{font-weight:400;color:var(--soft);margin-left:var(--s1)}
p{margin:var(--s2) 0;max-width:46rem}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.15em}
a:hover{text-decoration-color:currentcolor}
:focus-visible{outline:2px solid var(--sky);outline-offset:2px;border-radius:4px}
section:focus{outline:none}
.soft{color:var(--soft)}
.soft strong{color:var(--ink);font-weight:600}
ul{list-style:none;margin:0;padding:0}
summary{cursor:pointer;color:var(--soft);width:fit-content}
summary:hover{color:var(--ink)}
details{margin:var(--s2) 0}
pre{background:var(--card);border:1px solid var(--line);border-radius:var(--radius);padding:var(--s3);margin:var(--s2) 0;overflow-x:auto;font:.875rem/1.5 var(--figures);user-select:all;white-space:pre-wrap}
code{font:.9em var(--figures)}
.path{font:.75rem/1.45 var(--figures);color:var(--soft)}
footer{margin-top:var(--s5);padding-top:var(--s3);border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}

.brand{display:flex;align-items:center;gap:var(--s2);margin:0;color:var(--soft);font-size:.9rem}
.logo{width:1.6rem;height:1.6rem;fill:none}
.logo .glass{stroke:var(--ink);stroke-width:1.4;stroke-linejoin:round;stroke-linecap:round}
.logo .wine{fill:var(--wine)}

.big{font:600 clamp(3.25rem,12vw,6rem)/1 var(--figures);letter-spacing:-.045em;margin:var(--s2) 0 0}
.big small{display:block;font:400 1.3rem/1.4 var(--text);letter-spacing:0;color:var(--soft);margin-top:var(--s2)}
.top{display:grid;gap:var(--s4);align-items:end}
@media(min-width:60rem){.top{grid-template-columns:minmax(0,1fr) 19rem;gap:var(--s5)}}
.top:has(.explained){align-items:start}
.sample{margin:0;max-width:26rem}
.sample ul{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:var(--s2)}
.sample img{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:6px;background:var(--line)}
.sample span{display:block;font-size:.8rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.yes{color:var(--leaf)} .no{color:var(--wine)}
.sample figcaption{padding:var(--s2) 0 0;font-size:.8rem;color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:var(--radius);overflow:hidden;margin:var(--s4) 0 0}
.facts div{flex:1 1 9.5rem;background:var(--card);padding:var(--s3)}
.facts dt{color:var(--soft);font-size:.85rem}
.facts dd{margin:0;font:600 1.15rem/1.4 var(--figures)}
.facts small{display:block;font:400 .8rem/1.4 var(--text);color:var(--soft)}
.verdict{margin:var(--s3) 0;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--soft);border-radius:4px var(--radius) var(--radius) 4px;padding:var(--s3);max-width:46rem}
.verdict.better{border-left-color:var(--leaf)} .verdict.worse,.verdict.unclear{border-left-color:var(--wine)}
.verdict p{margin:0}
.verdict li{margin-top:var(--s2);padding-left:1.2em;text-indent:-1.2em}
.verdict li::before{content:"→";display:inline-block;width:1.2em;text-indent:0;color:var(--soft)}
.notes{margin-top:var(--s3);display:grid;gap:var(--s2)}
.notes li{background:var(--wash);border-left:3px solid var(--wine);border-radius:4px var(--radius) var(--radius) 4px;padding:var(--s2) var(--s3);max-width:46rem}

.scroll{overflow-x:auto;max-width:100%;margin:var(--s3) 0}
.tall{overflow-y:auto;max-height:32rem;border:1px solid var(--line);border-radius:var(--radius)}
table{border-collapse:separate;font-size:.95rem}
th{font-weight:500;text-align:left}
thead th{color:var(--soft);font-size:.85rem;vertical-align:bottom}
th small{display:block;font-weight:400}
td{font-family:var(--figures);font-variant-numeric:tabular-nums}
td,thead th{overflow-wrap:normal;white-space:nowrap}

.matrix{border-spacing:3px}
.matrix thead th{padding:0 0 var(--s1);text-align:center}
.matrix thead th span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:9rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;line-height:1.3}
.matrix tbody th{position:sticky;left:0;z-index:1;background:var(--paper);padding:0 var(--s2) 0 0;max-width:min(14rem,34vw);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.matrix tbody td{min-width:3.1rem;height:2.7rem;text-align:center;border-radius:6px;background:var(--card)}
.matrix td a{display:block;line-height:2.7rem;border-radius:6px;text-decoration:none}
.matrix td a:hover{box-shadow:inset 0 0 0 2px var(--ink)}
.matrix .hit{background:color-mix(in srgb,var(--leaf) calc(12% + var(--share)*var(--deep)),var(--card))}
.matrix .miss{background:color-mix(in srgb,var(--wine) min(calc(8% + var(--share)*320%),calc(12% + var(--deep)*.8)),var(--card))}
.matrix .none,.matrix .sum{color:var(--soft)}
.matrix .sum{background:none}
.plain{border-spacing:0;width:100%}
.plain.narrow{max-width:30rem}
.plain th,.plain td{padding:.4rem .6rem}
.plain td,.plain thead th:not(:first-child){text-align:right}
.plain thead th{padding-bottom:var(--s1);line-height:1.3}
.plain tbody th{min-width:7.5rem;max-width:14rem}
.tall .plain tbody th{min-width:10rem}
.tall .plain{font-size:.85rem}
.tall .plain td,.tall .plain thead th{padding-inline:.3rem}
.plain tbody tr:nth-child(odd)>*{background:var(--card)}
.plain .taken{overflow-wrap:anywhere;white-space:normal;text-align:left!important;font:.85rem/1.5 var(--text);min-width:14rem}
.plain .words,.plain thead th.words:not(:first-child){text-align:left}
.plain .words{overflow-wrap:normal;white-space:normal;font-family:var(--text);min-width:6.5rem}
.tall thead th{position:sticky;top:0;background:var(--paper);box-shadow:0 1px var(--line)}
.tall tr:target>*{background:var(--wash)}

.pair{display:none;scroll-margin-top:38vh;min-width:0;border:1px solid var(--line);border-radius:var(--radius);padding:0 var(--s3) var(--s2);margin-top:var(--s3)}
.pair:target,.pairs:not(:has(:target)) .first{display:block}
.beside{display:flex;flex-wrap:wrap;gap:0 var(--s4);align-items:flex-start}
.beside .pairs{flex:1 1 22rem;min-width:0}
@media(min-width:60rem){.beside .pair{scroll-margin-top:8rem}}
.pair h3{margin-top:var(--s3);font-weight:400}
.pair h3 strong{font-weight:600}
.back{font-size:.85rem;color:var(--soft)}
.back a+a{margin-left:var(--s2)}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:var(--s3) var(--s2)}
.shots li{min-width:0}
.pair .shots{max-height:34rem;overflow-y:auto}
.beside .pair .shots{max-height:27rem}
.shots img{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:6px;background:var(--line)}
.note{font-size:.8rem;color:var(--soft)}
.shots .note{display:block;margin-top:var(--s1)}
.shots .path{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.large .shots{grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:var(--s4) var(--s3)}
.large .shots img{width:auto;max-width:100%;max-height:18rem;aspect-ratio:auto}
.twin{display:flex;gap:var(--s1);align-items:flex-start}
.large .twin img{max-width:calc(50% - var(--s1)/2)}
.names{max-height:20rem;overflow-y:auto;padding:var(--s2) 0}
.names li{padding:.1rem 0}
.groups{display:grid;align-items:start;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:var(--s2);margin:var(--s2) 0}
.groups>li{border:1px solid var(--line);border-radius:var(--radius);padding:var(--s2);background:var(--card);min-width:0}
.groups .names{max-height:8rem;padding:0}
.reasons{margin:var(--s2) 0}
.reasons li{padding:.15rem 0}

.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,12.6rem),1fr));gap:var(--s3);margin-top:var(--s3)}
.cards:has(table){grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr))}
.card{margin:0;background:var(--card);border:1px solid var(--line);border-radius:var(--radius);overflow:hidden;min-width:0}
.card img,.missing{display:block;width:100%;aspect-ratio:4/3;object-fit:cover;background:var(--line)}
.missing{display:grid;place-items:center;aspect-ratio:4/1;background:var(--paper);border-bottom:1px solid var(--line);color:var(--soft);font-size:.85rem}
.card figcaption{padding:var(--s2) var(--s3) var(--s3)}
.card p{margin:0 0 var(--s2);line-height:1.4}
.card .path{margin:var(--s2) 0 0;max-height:3.3rem;overflow:hidden}
.bars li{display:grid;grid-template:"name figure" "bar bar"/minmax(0,1fr) auto;gap:0 var(--s2);align-items:center;font-size:.85rem;padding-bottom:var(--s1)}
.bars span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bars i{grid-area:bar;height:6px;border-radius:4px;background:linear-gradient(90deg,var(--bar) calc(var(--share)*100%),var(--line) 0)}
.bars b{font:500 .85rem var(--figures);text-align:right;min-width:2.6rem}
.bars li{--bar:var(--soft)} .bars .wrong{--bar:var(--wine)} .bars .right{--bar:var(--leaf)}
.counts .bars{max-width:46rem}
.counts .bars li{--bar:var(--sky);grid-template:"name bar figure"/minmax(0,9rem) 1fr auto;font-size:.95rem;padding:.15rem 0}
.counts.tall{padding:var(--s2) var(--s3)}

.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 var(--s5);align-items:start}
.two>*{min-width:0}
.list{display:grid;grid-template-columns:auto 1fr;gap:var(--s1) var(--s3);margin:var(--s3) 0;font-size:.95rem}
.list dt{color:var(--soft)} .list dd{margin:0;min-width:0}
${chartStyle}
/* What can be scrolled sideways fades at the side where it goes on. */
.scroll{background:linear-gradient(90deg,var(--paper) 30%,transparent) 0 0/3rem 100% local no-repeat,linear-gradient(270deg,var(--paper) 30%,transparent) 100% 0/3rem 100% local no-repeat,linear-gradient(90deg,var(--hint),transparent) 0 0/.9rem 100% no-repeat,linear-gradient(270deg,var(--hint),transparent) 100% 0/.9rem 100% no-repeat}
@keyframes goes-on{0%,98%{mask-image:linear-gradient(270deg,#0001,#000 4rem)}100%{mask-image:none}}
@supports(animation-timeline:scroll()){@media screen{.scroll{animation:goes-on linear both;animation-timeline:scroll(self inline)}}}
@media(max-width:40rem){.cards:has(table){grid-template-columns:1fr}.cards:not(:has(table)){grid-template-columns:repeat(auto-fill,minmax(min(100%,10.5rem),1fr))}}
@media(max-width:30rem){.plain th,.plain td{padding:.4rem .3rem}.shots{grid-template-columns:repeat(auto-fill,minmax(5.2rem,1fr))}.pair{padding:0 var(--s2) var(--s2)}.list{grid-template-columns:1fr}.list dd{margin-bottom:var(--s2)}}
@media print{:root{--paper:#fff}.top{grid-template-columns:minmax(0,1fr) 15rem}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.card,.facts div,.shots li,.groups li,tr,svg{break-inside:avoid}h2,h3{break-after:avoid}.tall,.names,.pair .shots,.beside .pair .shots{max-height:none;overflow:visible}.back{display:none}main{max-width:none;padding:0}}
`;
