/// One self-contained HTML document: no outside assets, no script needed, light and dark, printable.
package struct Page: Sendable {
    package let title: String
    /// HTML of the body, in order.
    package var parts: [String] = []

    package init(title: String) { self.title = title }

    package var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(Markup.escaped(title))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <main>
        \(parts.joined(separator: "\n"))
        </main>
        </body>
        </html>
        """
    }

    // Contrast of text is at least 7 to 1, of lines at least 3 to 1, in both schemes (WCAG 2.2, 1.4.6 and 1.4.11).
    private static let style = """
        :root { --paper: #fff; --ink: #1b2733; --faint: #4d5b69; --rule: #d5dce3; --grid: #e6ebf0; --line: #0b6a8f;
          --band: #0b6a8f; --dip: #b3261e; --planted: #6d3fa8; --panel: #f5f7f9; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --paper: #11181f; --ink: #e9eef3; --faint: #b3bfca; --rule: #34414d; --grid: #25303a; --line: #58c0e6;
            --band: #58c0e6; --dip: #ff8a80; --planted: #c7a6f5; --panel: #19222b; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto,
          "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
        h2 { font-size: 1.25rem; margin: 2.75rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
        h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; overflow-wrap: anywhere; }
        p { margin: .4rem 0; max-width: 50rem; } p.faint, figcaption { color: var(--faint); }
        ul { margin: .4rem 0; padding-left: 1.2rem; max-width: 55rem; }
        figure { margin: .75rem 0 1.25rem; } figcaption { font-size: .875rem; }
        svg { display: block; width: 100%; height: auto; background: var(--panel); border-radius: 6px; }
        svg text { fill: var(--faint); font: 12px system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
        .grid { stroke: var(--grid); } .axis { stroke: var(--faint); }
        .band { fill: var(--band); opacity: .17; } .line { fill: none; stroke: var(--line); stroke-width: 1.75;
          stroke-linejoin: round; stroke-linecap: round; } .dot { fill: var(--line); }
        .answers { fill: var(--faint); opacity: .4; }
        .dip { fill: var(--dip); opacity: .14; } .edge { stroke: var(--dip); stroke-width: 1.5; }
        svg text.said { fill: var(--dip); font-weight: 600; }
        .planted { fill: none; stroke: var(--planted); stroke-width: 1.5; stroke-dasharray: 6 4; }
        svg text.planted { fill: var(--planted); stroke: none; font-weight: 600; }
        .hover { fill: transparent; } .hover:hover { fill: var(--ink); opacity: .08; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0 1rem; font-size: .9rem; }
        caption { text-align: left; color: var(--faint); padding-bottom: .25rem; }
        th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--rule);
          vertical-align: top; white-space: nowrap; } .wraps td { white-space: normal; overflow-wrap: anywhere; } th { font-weight: 600; } tbody th { font-weight: 500; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        details { margin: .25rem 0 .75rem; } summary { cursor: pointer; color: var(--faint); }
        nav ul { columns: 16rem; } a { color: inherit; }
        @media print { main { max-width: none; padding: 0; } figure, tr { break-inside: avoid; }
          h2, h3 { break-after: avoid; } nav, details { display: none; } th, td { white-space: normal; } body { font-size: 11pt; }
          svg { border: 1px solid var(--rule); print-color-adjust: exact; } }
        """
}
