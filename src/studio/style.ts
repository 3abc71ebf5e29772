/** Rules of the studio's page beside those of all pages. */

import { reviewRules } from '../ui/reviewRules.ts';

export const rules = `${reviewRules}
main{max-width:90rem;padding:0 var(--s3) var(--s5)}
.bar{display:flex;flex-wrap:wrap;gap:var(--s2) var(--s3);align-items:center;padding:var(--s2) 0;border-bottom:1px solid var(--line)}
.bar h1{margin:0;display:flex;gap:var(--s2);align-items:center;font-size:1.05rem}
.bar .row{margin-left:auto}
.bar .status{flex:1 1 12rem;color:var(--soft);font-size:.9rem;min-width:0}
.bar select{min-height:2rem;font-size:.85rem}
.work{display:grid;gap:0 var(--s4);align-items:start;padding-top:var(--s3)}
@media(min-width:64rem){.work{grid-template:"classes side" "results side" 1fr/minmax(0,1fr) 24rem}.classes{grid-area:classes}.results{grid-area:results}.side{grid-area:side;position:sticky;top:var(--s3);max-height:calc(100dvh - 2rem);overflow-y:auto}}
.side,.classes,.results{min-width:0}
.panel{background:var(--card);border:1px solid var(--line);border-radius:var(--radius);padding:var(--s3);margin-bottom:var(--s3)}
.panel .scroll{background:none;animation:none}
.panel .matrix tbody th{background:var(--card)}
.panel .matrix tbody td.none{background:var(--paper)}
.empty{margin-bottom:var(--s3)}
.panel h2{font-size:1.05rem;margin:0 0 var(--s2)}
.class header{display:flex;flex-wrap:wrap;gap:var(--s2);align-items:center}
.class header h2{margin:0;min-width:0;overflow-wrap:anywhere}
.class header .count{color:var(--soft);font-size:.9rem}
.class header>.row{margin-left:auto;justify-content:flex-end}
.class header>.row,.class .menu,.class .menu form{min-width:0;max-width:100%}
.class .menu{flex-basis:100%;justify-content:flex-end} .class .menu form{flex-wrap:nowrap} .class .menu input{width:14rem;min-width:0} .class .menu form button{flex:none} .class .menu select{max-width:min(14rem,100%)}
.class.off{opacity:.65}
.class.over{outline:2px dashed var(--wine);outline-offset:2px}
.photos{position:relative;overflow-y:auto;max-height:20rem;margin-top:var(--s2);contain:strict}
.photos>ul{position:absolute;inset-inline:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(5rem,1fr));gap:var(--s1)}
.tile{position:relative;display:block;width:100%;min-height:0;padding:0;aspect-ratio:1;border:0;border-radius:6px;overflow:hidden;background:var(--line)}
.tile img{width:100%;height:100%;object-fit:cover;display:block}
.tile[aria-pressed=true]{outline:3px solid var(--wine);outline-offset:-3px;padding:6px;background:var(--card)}
.tile .why{position:absolute;inset:auto 0 0;background:var(--card);color:var(--wine);font-size:.7rem;line-height:1.2;padding:2px 4px}
.tile .others{position:absolute;inset:auto 0 0;background:#000b;color:#fff;font-size:.7rem;line-height:1.3;padding:1px 4px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tile.waits img{opacity:.45}
.several{display:flex;gap:var(--s2);align-items:center;justify-content:center;min-height:2.75rem;margin-top:var(--s2);text-align:start} .several input{width:1.1rem;height:1.1rem}
.select fieldset{border:0;padding:0;margin:0;min-width:0} button[aria-pressed=mixed]{border:1px dashed var(--wine)}
.bars .from{position:relative} .bars .from:after{content:"";position:absolute;inset:-3px auto -3px calc(100%*var(--from));border-left:2px solid var(--ink)}
.bars li.given{--bar:var(--leaf)!important}
.empty{border:2px dashed var(--line);border-radius:var(--radius);padding:var(--s4) var(--s3);text-align:center;color:var(--soft)}
.empty p{margin:var(--s2) auto}
.live video,.live .still{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:6px;background:#000}
.live .whole{object-fit:fill}
.panel>.row{margin-top:var(--s2)}
button.main:disabled{background:var(--line);border-color:var(--line);color:var(--soft)}
.live .mirror{transform:scaleX(-1)}
.stage{position:relative}
.stage canvas{position:absolute;inset:0;width:100%;height:100%;pointer-events:none;image-rendering:auto;opacity:.55}
.answer{font:600 1.6rem/1.2 var(--text);margin:var(--s3) 0 var(--s2);overflow-wrap:anywhere}
.answer.unknown{color:var(--wine)}
.side .bars li{--bar:var(--sky)} .side .bars li:first-child{--bar:var(--leaf)} .side .unknown+.bars li{--bar:var(--soft)}
.side .bars button{grid-column:1/-1}
.nearest{display:grid;grid-template-columns:repeat(5,1fr);gap:var(--s1);margin-top:var(--s2)}
.nearest img{width:100%;aspect-ratio:1;object-fit:cover;border-radius:4px;background:var(--line);display:block}
.nearest span{display:block;font-size:.7rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:var(--soft)}
.problems{position:sticky;top:0;z-index:3}
.problem{background:var(--wash);border-left:3px solid var(--wine);border-radius:4px var(--radius) var(--radius) 4px;padding:var(--s2) var(--s3);margin:var(--s3) 0;display:flex;gap:var(--s3);align-items:center;justify-content:space-between;box-shadow:0 4px 18px #0003}
.problem p{margin:0;min-width:0;overflow-wrap:anywhere} .problem button{flex:none}
.make{display:flex;gap:var(--s2);flex-wrap:wrap}
.make input{flex:1 1 10rem;min-width:0}
.select{position:sticky;bottom:0;margin-bottom:var(--s3);z-index:2;background:var(--card);border:1px solid var(--line);border-radius:var(--radius);padding:var(--s2) var(--s3);box-shadow:0 4px 18px #0003}
.tabs{display:flex;gap:var(--s1);margin:var(--s3) 0;flex-wrap:wrap}
.tabs button{border-radius:999px}
.code svg{display:block;width:min(60vw,16rem);height:auto;background:#fff;border-radius:6px}
.touch{display:none}
@media(pointer:coarse){.touch{display:inline-flex}}
.figure{font:600 2.6rem/1 var(--figures);letter-spacing:-.03em}
.export label,.export select{min-width:0;max-width:100%}
.export fieldset{border:0;padding:0;margin:0 0 var(--s3);min-width:0} .export legend{font-weight:600;padding:0;margin-bottom:var(--s1)}
.export fieldset>.row{margin-top:var(--s2)} .export .choice{display:flex;gap:var(--s2);align-items:baseline;padding:var(--s1) 0}
.setting{margin-bottom:var(--s3)} .setting .row{margin-top:var(--s1)}
.recording{animation:beat 1s infinite alternate}
@keyframes beat{to{box-shadow:0 0 0 4px var(--wash)}}
@media(prefers-reduced-motion:reduce){.recording{animation:none;box-shadow:0 0 0 4px var(--wash)}}
@media(max-width:40rem){.bar .row{margin-left:0;gap:var(--s1)}.class .menu{justify-content:flex-start}.class header>.row{margin-left:0;justify-content:flex-start}.photos>ul{grid-template-columns:repeat(auto-fill,minmax(4.2rem,1fr))}}
`;
