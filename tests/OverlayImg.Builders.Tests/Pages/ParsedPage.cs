using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Pages;

/// <summary>An HTML page as Python's html.parser reads it.</summary>
internal sealed record ParsedPage(string Text, string[] Elements, string Title, string Style, string DataText, string Script)
{
    private const string Judge = """
        import html.parser, json, sys
        class Parser(html.parser.HTMLParser):
            def __init__(self):
                super().__init__(convert_charrefs=True); self.elements = []; self.texts = {}; self.open = ''
            def handle_starttag(self, tag, attributes):
                self.elements.append(json.dumps([tag, attributes])); self.open = tag if tag != 'script' or not attributes else 'data'
                if self.open in ('title', 'style', 'script', 'data'): assert self.open not in self.texts, 'two of ' + tag; self.texts[self.open] = ''
            def handle_endtag(self, tag): self.elements.append('/' + tag); self.open = ''
            def handle_data(self, data):
                if self.open in self.texts: self.texts[self.open] += data
                elif data.strip(): self.elements.append('text ' + data.strip())
            def handle_comment(self, data): self.elements.append('comment')
            def unknown_decl(self, data): self.elements.append('declaration')
            def handle_pi(self, data): self.elements.append('instruction')
        page = Parser(); page.feed(open(sys.argv[1], encoding='utf-8', newline='').read()); page.close()
        print(json.dumps({'elements': page.elements, **page.texts}))
        """;

    /// <summary>The page's data.</summary>
    public JsonNode Data => JsonNode.Parse(DataText)!;

    public static async Task<ParsedPage> ReadAsync(string path)
    {
        var found = JsonNode.Parse((await Tool.RunAsync("python3", ["-c", Judge, path])).Succeeded().StandardOutput)!;
        string[] texts = [.. ((string[])["title", "style", "data", "script"]).Select(name => found[name]!.GetValue<string>())];
        string[] elements = [.. found["elements"]!.AsArray().Select(element => element!.GetValue<string>())];
        return new(await File.ReadAllTextAsync(path), elements, texts[0], texts[1], texts[2], texts[3]);
    }

    /// <summary>
    /// Asserts that the image added nothing to the template: outside the data and the title, all elements, attributes, comments and texts equal those
    /// of <paramref name="harmless"/>, and the policy allows only the page's own script and style.
    /// </summary>
    public void AssertIsNothingButItsTemplate(ParsedPage harmless)
    {
        Assert.Equal(harmless.Elements, Elements);
        Assert.Equal((harmless.Style, harmless.Script), (Style, Script));
        // The data has no character that could begin or end anything in HTML or JavaScript, in whatever state a parser is.
        Assert.DoesNotContain(DataText, character => character is '<' or '>' or '&' or '\'' or > '~' or < ' ');
        var policy = JsonNode.Parse(Elements.Single(element => element.Contains("Content-Security-Policy", StringComparison.Ordinal)))![1]![1]![1]!;
        Assert.Equal(
            $"default-src 'none'; script-src '{HashOf(Script)}'; style-src '{HashOf(Style)}'; base-uri 'none'; form-action 'none'",
            policy.GetValue<string>());
        // Names of functions that turn text into markup or code, or that load something.
        string[] makingMarkup = ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "setAttribute('on", "import"];
        foreach (var name in makingMarkup)
            Assert.DoesNotContain(name, Script, StringComparison.Ordinal);
        string[] loading = ["http:", "https:", "//www", "url(", "@import", "@font-face", "fetch(", "XMLHttpRequest", "<link", "<img", " src="];
        foreach (var text in loading)
            Assert.DoesNotContain(text, harmless.Text, StringComparison.OrdinalIgnoreCase);
    }

    private static string HashOf(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
