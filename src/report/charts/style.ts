/** How marks look. */

/** How marks look: series are classes, so that a chart takes the colours of the page, light or dark. */
export const chartStyle = `
.chart{display:block;width:100%;max-width:28rem;height:auto;margin:var(--s3) 0 0;font:12px var(--text)}
.chart text{fill:var(--soft)}
.chart .axis{fill:var(--ink);font-weight:500}
.grid line{stroke:var(--line)}
.line{fill:none;stroke-linejoin:round;stroke-linecap:round}
.line.first{stroke:var(--sky);stroke-width:2.5}
.line.second{stroke:var(--amber);stroke-width:1.75;stroke-dasharray:6 4}
.line.third{stroke:var(--leaf);stroke-width:2}
.line.fourth{stroke:var(--wine);stroke-width:2}
.line.fifth{stroke:var(--soft);stroke-width:2}
.line.guide{stroke:var(--soft);stroke-width:1.25;stroke-dasharray:1 4}
.dots.first{fill:var(--sky)}
.dots.second{fill:var(--paper);stroke:var(--amber);stroke-width:1.5}
.dots.third{fill:var(--leaf)}
.dots.fourth{fill:var(--wine)}
.dots.fifth{fill:var(--soft)}
.chart.wide{max-width:46rem}
.band{stroke:none;opacity:.16}
.band.first{fill:var(--sky)} .band.second{fill:var(--amber)} .band.third{fill:var(--leaf)} .band.fourth{fill:var(--wine)} .band.fifth{fill:var(--soft)}
.plane{display:block;width:100%;max-width:46rem;height:auto;margin:var(--s3) 0 0;font:12px var(--text);background:var(--card);border:1px solid var(--line)}
.plane text{fill:var(--ink);font-weight:500}
.plane .c0{stroke:var(--sky);fill:var(--sky)} .plane .c1{stroke:var(--wine);fill:var(--wine)} .plane .c2{stroke:var(--leaf);fill:var(--leaf)} .plane .c3{stroke:var(--amber);fill:var(--amber)} .plane .c4{stroke:var(--soft);fill:var(--soft)} .plane .c5{stroke:var(--ink);fill:var(--ink)} .plane .rest{stroke:var(--line);fill:var(--soft)}
.plane path[class]{stroke:none}
.plane rect[class]{fill:none;stroke-width:2.5}
.plane .s1{stroke-dasharray:7 3} .plane .s2{stroke-dasharray:2 3}
.scroll>.chart,.scroll>.plane{min-width:44rem;margin:0}
.line.whiskers{opacity:.55;stroke-dasharray:none}
.interval{display:block;width:100%;max-width:46rem;height:62px;margin:var(--s2) 0 0;overflow:visible;font:12px var(--text)}
.interval text{fill:var(--soft)}
.interval .rail{stroke:var(--line);stroke-width:4;stroke-linecap:round}
.interval .band{fill:color-mix(in srgb,var(--leaf) 38%,transparent)}
.interval .mark{stroke:var(--leaf);stroke-width:2.5;stroke-linecap:round}
.interval .blind{stroke:var(--soft);stroke-width:2}
.scores .usual{fill:color-mix(in srgb,var(--leaf) 70%,var(--card))}
.scores .odd{fill:color-mix(in srgb,var(--amber) 80%,var(--card))}
.depth{display:block;width:100%;height:auto;font:12px var(--text)}
.depth text{fill:var(--soft)}
.depth .axis{fill:var(--ink);font-weight:500}
.depth .layer{fill:color-mix(in srgb,var(--sky) 55%,var(--card))}
.depth .neck{fill:var(--wine)}
.depth .dropped{fill:none;stroke:var(--soft);stroke-dasharray:3 2}
.depth rect:hover{fill:var(--ink)}
.strip{display:block;width:100%;max-width:46rem;height:auto;margin:var(--s3) 0 0;background:var(--card);border:1px solid var(--line)}
.strip rect{width:10px;height:10px;fill:var(--sky)}
.strip .negative{fill:var(--amber)}
.strip rect:hover{stroke:var(--ink)}
.activation{position:relative}
.activation img{display:block;width:100%;aspect-ratio:1;object-fit:fill}
.activation svg{position:absolute;inset:0;width:100%;height:100%}
.activation rect{fill:#ff2d6f}
.explained img{display:block;width:100%;aspect-ratio:auto;object-fit:contain}
`;
