/// How graphs look.
enum GraphStyle {
    /// The colours of a picture: what each class is drawn with.
    private struct Colours {
        var ground: String
        var box: String
        var edge: String
        var line: String
        var name: String
        var type: String
        var actions: [(kind: String, colour: String)]
    }

    private static let light = Colours(
        ground: "#ffffff", box: "#f8f9fb", edge: "#c9cfd8", line: "#9aa4b2", name: "#1b2330", type: "#5b6675",
        actions: [
            ("create", "#1a7f37"), ("update", "#9a6700"), ("replace", "#c2410c"), ("delete", "#cf222e"),
            ("read", "#0969da"), ("data", "#0969da"), ("provider", "#6e40c9"), ("value", "#8b95a3"),
        ])

    private static let dark = Colours(
        ground: "#14181f", box: "#1d232c", edge: "#3a4350", line: "#5f6b7a", name: "#e6eaf0", type: "#98a3b3",
        actions: [
            ("create", "#3fb950"), ("update", "#d29922"), ("replace", "#f0883e"), ("delete", "#f85149"),
            ("read", "#58a6ff"), ("data", "#58a6ff"), ("provider", "#a371f7"), ("value", "#768292"),
        ])

    private static let shapes = """
        .graph text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}\
        .graph .name{font-size:12px;font-weight:600}.graph .type{font-size:10px}.graph .remark{font-weight:400}\
        .graph .line{fill:none;stroke-width:1.3}
        """

    /// The style of a file of its own.
    static let file = "\(shapes)\(rules(light))@media (prefers-color-scheme:dark){\(rules(dark))}"

    /// The rules for a page.
    static let page = file

    private static func rules(_ colours: Colours) -> String {
        var text = """
            .graph .ground{fill:\(colours.ground)}.graph .box{fill:\(colours.box);stroke:\(colours.edge)}\
            .graph .bar{fill:\(colours.edge)}.graph .line{stroke:\(colours.line)}.graph .head{fill:\(colours.line)}\
            .graph .name{fill:\(colours.name)}.graph .type,.graph .remark{fill:\(colours.type)}
            """
        for (kind, colour) in colours.actions {
            text += ".graph .\(kind) .bar{fill:\(colour)}.graph .\(kind) .box{stroke:\(colour)}"
        }
        return text
    }
}
