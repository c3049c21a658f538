/// How the page of a plan looks, and what a browser may do with it.
enum PageStyle {
    /// The policy: nothing is loaded from anywhere, nothing runs, and no style counts but the page's own sheet.
    static let policy =
        "default-src 'none'; style-src '\(digest)'; base-uri 'none'; form-action 'none'"

    /// What a browser compares the sheet with, as `openssl dgst -sha256 -binary | base64` makes it.
    private static let digest = "sha256-+bd8jZ6x8TUT0IJR56S9sLoyOpR9blSh8Rp2R1/6K7I="

    /// The style sheet.
    static let sheet = base + light + "@media (prefers-color-scheme:dark){\(dark)}" + GraphStyle.page + paper

    private static let light = """
        :root{--ground:#f4f6f8;--card:#fff;--text:#1b2330;--soft:#5b6675;--edge:#d9dee5;--code:#f8f9fb;--destroy:#cf222e;\
        --replace:#c2410c;--update:#9a6700;--create:#1a7f37;--read:#0969da;--plus:#e6f6ea;--minus:#fdecec;--tilde:#fbf3da;\
        --swap:#fdeee2;--warn:#fff6dd}
        """

    private static let dark = """
        :root{--ground:#0d1117;--card:#161b22;--text:#e6eaf0;--soft:#98a3b3;--edge:#2d343f;--code:#11161d;--destroy:#ff7b72;\
        --replace:#f0883e;--update:#d9a93a;--create:#56d364;--read:#79b8ff;--plus:#12281a;--minus:#321b1e;--tilde:#2b2412;\
        --swap:#2f2016;--warn:#2b2412}
        """

    private static let base = """
        *{box-sizing:border-box}
        html{color-scheme:light dark;scroll-behavior:smooth}
        body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1120px;margin:0 auto;padding:28px 20px 40px}
        h1{font-size:26px;line-height:1.2;margin:0}
        h2{font-size:18px;margin:0 0 12px;display:flex;align-items:center;gap:8px}
        p{margin:0 0 12px}
        a{color:inherit}
        .lead{font-size:18px;margin:6px 0 14px;color:var(--soft)}
        .facts{display:flex;flex-wrap:wrap;gap:6px 22px;margin:0 0 18px}
        .facts div{display:flex;gap:6px;min-width:0}
        .facts dt{color:var(--soft)}
        .facts dd{margin:0;overflow-wrap:anywhere}
        ul.cards{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px;margin:0 0 18px;padding:0}
        .card{background:var(--card);border:1px solid var(--edge);border-top:4px solid var(--tone);border-radius:8px;padding:10px 14px;color:var(--soft)}
        .card a{text-decoration:none;display:block}
        .card b{display:block;font-size:26px;line-height:1.15;color:var(--tone)}
        .destroy{--tone:var(--destroy)}.replace{--tone:var(--replace)}.update{--tone:var(--update)}.create,.import{--tone:var(--create)}
        .read{--tone:var(--read)}.other,.same,.outputs,.drift,.moves,.graph,.variables{--tone:var(--soft)}.warnings{--tone:var(--update)}
        .wide{overflow-x:auto;margin:0 0 18px}
        table{border-collapse:collapse;background:var(--card);border:1px solid var(--edge);border-radius:8px;min-width:50%}
        th,td{padding:6px 14px;text-align:right;border-bottom:1px solid var(--edge);font-variant-numeric:tabular-nums}
        tr:last-child>*{border-bottom:0}
        thead th{color:var(--soft);font-weight:500}
        th:first-child{text-align:left}
        tbody th{font:600 13px/1.5 var(--mono)}
        td{color:var(--tone)}
        td.none{color:var(--edge)}
        section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:16px 18px 18px;margin:0 0 18px}
        section.warnings{background:var(--warn);border-color:var(--update)}
        section.warnings ul{margin:0;padding-left:20px}
        .count{font-size:13px;font-weight:600;color:var(--tone);border:1px solid var(--tone);border-radius:99px;padding:0 8px;line-height:20px}
        details{border:1px solid var(--edge);border-left:4px solid var(--tone);border-radius:6px;margin:0 0 8px;overflow:hidden}
        details:last-child{margin-bottom:0}
        details:target{outline:2px solid var(--read);outline-offset:1px}
        summary{cursor:pointer;padding:8px 12px;display:grid;grid-template-columns:14px 1fr;align-items:baseline;gap:10px;list-style:none}
        summary::-webkit-details-marker{display:none}
        summary:hover{background:var(--code)}
        summary:focus-visible{outline:2px solid var(--read);outline-offset:-2px}
        :root{--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .symbol{font:700 15px/1 var(--mono);color:var(--tone);text-align:center}
        .address{font:600 13.5px/1.4 var(--mono);overflow-wrap:anywhere;min-width:0}
        .why{color:var(--soft);font-size:13.5px;overflow-wrap:anywhere;margin-left:6px}
        pre,code{font:12.5px/1.55 var(--mono)}
        pre{margin:0;padding:8px 0;overflow-x:auto;background:var(--code)}
        details pre{border-top:1px solid var(--edge)}
        section>pre{border:1px solid var(--edge);border-radius:6px}
        .row{display:block;min-width:max-content;padding:0 14px;white-space:pre}
        .row.plus{background:var(--plus)}.row.minus{background:var(--minus)}.row.tilde{background:var(--tilde)}.row.swap{background:var(--swap)}
        .row.remark,.faint{color:var(--soft)}
        pre .add{color:var(--create)}pre .remove{color:var(--destroy)}pre .change{color:var(--update)}pre .read{color:var(--read)}
        .bold{font-weight:700}
        .picture{overflow:auto;max-height:78vh;border:1px solid var(--edge);border-radius:6px}
        .picture svg{display:block}
        .picture a:hover .box,.picture a:focus .box{stroke-width:2.5}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 12px;padding:0;color:var(--soft);font-size:13.5px}
        .legend li::before{content:"";display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px;background:var(--tone)}
        .legend .delete{--tone:var(--destroy)}.legend .data{--tone:var(--read)}.legend .unchanged{--tone:var(--edge)}
        footer{color:var(--soft);font-size:13px;text-align:center;margin-top:26px}
        @media (max-width:640px){main{padding:18px 12px 30px}section{padding:12px 12px 14px}h1{font-size:22px}.lead{font-size:16px}\
        ul.cards{grid-template-columns:repeat(2,1fr)}.facts{gap:2px 16px;font-size:14px}th,td{padding:6px 10px}}

        """

    private static let paper = "@media print{body{background:none}.picture{max-height:none}section{break-inside:auto}}"
}
