using OverlayImg.Cli.Manual;
using OverlayImg.Cli.Verbs;
using OverlayImg.Testing;

namespace OverlayImg.Cli.Tests.Manual;

/// <summary>The man pages, judged by man and lexgrog.</summary>
public sealed class ManPageTests
{
    private static readonly DateOnly Date = new(2026, 1, 31);

    [Fact]
    public async Task Man_has_no_warning_and_lexgrog_finds_the_name()
    {
        using var directory = new TemporaryDirectory();
        var pages = ManVerb.Pages((ToolCommand)CommandLine.Create(), Date).ToArray();
        foreach (var (file, text) in pages) await File.WriteAllTextAsync(directory[file], text);
        // Without a warning man prints nothing on stderr.
        var warnings = await Testing.Tool.BashAsync(
            "for page in *.1; do MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z $page 2>&1 >/dev/null; done", directory.Path);
        Assert.Equal("", warnings);
        var names = await Testing.Tool.BashAsync("lexgrog *.1", directory.Path);
        Assert.All(pages, page => Assert.Contains($"\"{page.File[..^2]} - ", names, StringComparison.Ordinal));
        Assert.Contains("overlayimg-cache-ls.1", pages.Select(page => page.File));
    }

    [Fact]
    public async Task A_page_shows_all_text_of_its_verb()
    {
        using var directory = new TemporaryDirectory();
        var (_, text) = ManVerb.Pages((ToolCommand)CommandLine.Create(), Date).Single(page => page.File == "overlayimg-build.1");
        await File.WriteAllTextAsync(directory["page"], text);
        var shown = await Testing.Tool.BashAsync("MANWIDTH=1000 man -P cat -E UTF-8 -l page | col -bx", directory.Path);
        string[] texts =
        [
            "2026-01-31", "NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES",
            "--cmd '[\"/bin/app\"]'", "-o, --output PATH", "Guest VM", ".containerignore", "~/.cache/overlayimg", "--script-env NAME=VALUE",
            "Directory or tarball whose files go to the image's root directory: ./rootfs/bin/app becomes /bin/app.",
        ];
        Assert.All(texts, text => Assert.Contains(text, shown, StringComparison.Ordinal));
        Assert.DoesNotContain("--env-var", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Characters_that_roff_interprets_are_shown()
    {
        const string Odd = ".x 'y' \\n \\fB --a-b ^~` \"quoted\" C:\\dir";
        var page = new ManualPage("overlayimg x", "Does .x.", Odd, "overlayimg x", [Odd, "'first"], [new(Odd, [new([Odd], Odd, "'" + Odd)])]);
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["page"], new RoffPage("1", Date).Write(page, [], ["overlayimg"]));
        var shown = await Testing.Tool.BashAsync("MANWIDTH=1000 man -P cat --warnings -E UTF-8 -l page 2>&1 | col -bx", directory.Path);
        // In the description, the example, and the term of the entry.
        Assert.True(shown.Split(Odd).Length - 1 >= 4, shown);
        Assert.Contains($"'{Odd}", shown, StringComparison.Ordinal);
        Assert.Contains("'first", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_date_gives_the_same_pages() => Assert.Equal(
        ManVerb.Pages((ToolCommand)CommandLine.Create(), Date), ManVerb.Pages((ToolCommand)CommandLine.Create(), Date));
}
