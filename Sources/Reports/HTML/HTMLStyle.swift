/// How the page looks: light and dark as the reader's machine has it, on paper, and on a phone.
enum HTMLStyle {
    static let sheet = """
        :root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--ink:#1f2328;--soft:#5d6570;--rule:#dcdad5;
        --accepted:#2f7d5b;--repaired:#7db89b;--skipped:#8a94a0;--rejected:#c2571a;--invalid:#d99a1c;--parked:#6d5bb0;--failed:#b3261e;
        --in_doubt:#b0327f;--unsent:#b9b3a7;--in_flight:#3c7fb5;--accent:#285e8e}
        @media (prefers-color-scheme:dark){:root{--bg:#15171a;--card:#1d2024;--ink:#e7e5e1;--soft:#a2a8b0;--rule:#34383e;
        --accepted:#4fb487;--repaired:#2d7558;--skipped:#77808b;--rejected:#e8834a;--invalid:#e6b84c;--parked:#9f8ee0;--failed:#f0716a;
        --in_doubt:#df6fb4;--unsent:#5c594f;--in_flight:#69aee2;--accent:#7fb4e2}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
        header h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
        header p{margin:.15rem 0;color:var(--soft);overflow-wrap:anywhere}
        .state{display:inline-block;font-size:.95rem;font-weight:600;padding:.1rem .6rem;border-radius:1rem;
        border:1px solid currentColor;vertical-align:.3rem;margin-left:.5rem;white-space:nowrap}
        .fine{color:var(--accepted)}.odd{color:var(--rejected)}.bad{color:var(--failed)}
        section{background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:1rem 1.25rem 1.25rem;margin:1.25rem 0}
        h2{font-size:1.1rem;margin:0 0 .75rem}h3{font-size:1rem;margin:1.25rem 0 .35rem}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0;padding:0}
        .cards div{background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:.7rem .9rem}
        .cards dt{color:var(--soft);font-size:.85rem}.cards dd{margin:0;font-size:1.25rem;line-height:1.4;font-weight:600;font-variant-numeric:tabular-nums}
        .cards small{display:block;line-height:1.35;font-weight:400;font-size:.8rem;color:var(--soft)}
        svg{display:block;width:100%;height:auto}
        .bar{border-radius:.35rem;height:2.1rem}.bar.thin{height:.75rem;border-radius:.2rem;min-width:7rem}
        .own{fill:var(--unsent);background:var(--unsent)}
        .legend{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;list-style:none;padding:0;margin:.75rem 0 0;font-variant-numeric:tabular-nums}
        .legend i{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;margin-right:.4rem;vertical-align:-.05rem}
        .legend .none{color:var(--soft)}
        .legend.big{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.7rem 1rem;color:var(--soft);font-size:.9rem;line-height:1.35}
        .legend.big b{display:block;font-size:1.15rem;color:var(--ink)}.legend.big small{font-weight:400;font-size:.8rem;color:var(--soft)}.legend.big .none{opacity:.55}.legend.big .none b{font-weight:400}
        .accepted{fill:var(--accepted);background:var(--accepted)}.skipped{fill:var(--skipped);background:var(--skipped)}
        .repaired{fill:var(--repaired);background:var(--repaired)}.rejected{fill:var(--rejected);background:var(--rejected)}.invalid{fill:var(--invalid);background:var(--invalid)}
        .parked{fill:var(--parked);background:var(--parked)}.failed{fill:var(--failed);background:var(--failed)}
        .in_doubt{fill:var(--in_doubt);background:var(--in_doubt)}.unsent{fill:var(--unsent);background:var(--unsent)}
        .in_flight{fill:var(--in_flight);background:var(--in_flight)}
        .flow{fill:var(--accent);background:var(--accent)}
        .line{fill:none;stroke-width:2;stroke-linejoin:round}.line.median{stroke:var(--accent)}.line.high{stroke:var(--rejected)}
        circle.median{fill:var(--accent)}circle.high{fill:var(--rejected)}
        i.median{background:var(--accent)}i.high{background:var(--rejected)}
        .line,.grid,.pause,path.limit{fill:none;vector-effect:non-scaling-stroke}
        .shade{opacity:.16}.shade.high{fill:var(--rejected)}
        .grid{stroke:var(--rule);stroke-width:1}.pause{stroke:var(--soft);stroke-dasharray:3 3}
        path.limit{stroke:var(--failed);stroke-width:1.5;stroke-dasharray:7 4}
        figure{margin:1.6rem 0 0;break-inside:avoid}figure:first-of-type{margin-top:.25rem}
        figcaption{display:flex;flex-wrap:wrap;gap:.1rem .9rem;align-items:baseline;margin-bottom:.6rem}
        figcaption span{color:var(--soft);font-size:.87rem}
        .key i{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;margin-right:.35rem;vertical-align:-.05rem}
        .key i.limit{height:0;border-radius:0;border-top:2px dashed var(--failed);background:none;vertical-align:.25rem;width:1.1rem}
        .plot{display:grid;grid-template-columns:3.6rem 1fr;gap:0 .6rem}.plot svg{height:9.5rem;overflow:visible}
        .ys{display:flex;flex-direction:column;justify-content:space-between;text-align:right;line-height:1;margin:-.4rem 0}
        .xs{grid-column:2;display:flex;justify-content:space-between;margin-top:.4rem}
        .ys,.xs{font-size:.75rem;color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
        .scroll{overflow-x:auto}.scroll+.scroll{margin-top:1.1rem}
        table{border-collapse:collapse;width:100%;font-size:.92rem}
        caption{text-align:left;color:var(--soft);padding-bottom:.35rem}
        th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-top:1px solid var(--rule)}
        thead th{border-top:0;color:var(--soft);font-weight:500;white-space:nowrap}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td.n{padding-right:1rem}td code{white-space:nowrap}td .bar.thin{width:8rem;margin-top:.35rem}
        .reason{border-top:1px solid var(--rule);padding:.8rem 0}.reason:first-of-type{border-top:0;padding-top:0}
        .reason h3{margin:0;display:flex;gap:.6rem;align-items:baseline;flex-wrap:wrap}
        .reason p{margin:.25rem 0;overflow-wrap:anywhere}.quote{color:var(--soft);font-style:italic}
        .turn{font-size:.8rem;font-weight:500;color:var(--soft);border:1px solid var(--rule);border-radius:1rem;padding:0 .6rem}
        .places{font-size:.88rem;color:var(--soft)}
        code,pre{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        pre{background:var(--bg);border:1px solid var(--rule);border-radius:.4rem;padding:.6rem .8rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0 0}
        details{margin-top:.6rem;font-size:.9rem}summary{cursor:pointer;color:var(--accent)}
        details.run{font-size:1rem;margin:1.75rem 0 0}details.run>summary{padding:.2rem 0;color:var(--soft)}
        details.run>summary h2{display:inline;color:var(--ink);overflow-wrap:anywhere}details.run>summary span{font-size:.9rem}
        footer{margin-top:1.75rem;color:var(--soft);font-size:.85rem}
        @media (max-width:34rem){main{padding:1.25rem .8rem 3rem}section{padding:.9rem}.legend.big,.cards{grid-template-columns:repeat(2,1fr)}
        .plot{grid-template-columns:2.9rem 1fr;gap:0 .45rem}.plot svg{height:7.5rem}
        th,td{padding-right:.6rem}td{font-size:.87rem}}
        @media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb}body{font-size:11pt}main{max-width:none;padding:0}
        section{break-inside:avoid;border-color:#bbb}details.run::details-content{content-visibility:visible;block-size:auto}
        section details:not([open]){display:none}.scroll{overflow:visible}table{font-size:.8rem}td code{overflow-wrap:anywhere;white-space:normal}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """
}
