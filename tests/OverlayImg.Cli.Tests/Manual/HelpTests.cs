using System.CommandLine;
using OverlayImg.Cli.Manual;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Verbs;

namespace OverlayImg.Cli.Tests.Manual;

/// <summary>The help of the tool and of all verbs.</summary>
public sealed class HelpTests
{
    private static readonly ToolCommand Root = (ToolCommand)CommandLine.Create();

    public static TheoryData<string> Verbs => [.. Commands(Root).Where(command => !command.Hidden).Select(CommandNames.Of)];

    [Fact]
    public void Every_option_is_in_a_section()
    {
        var without = Commands(Root).SelectMany(command => command.Options.Where(option => option.Section() is null)
            .Select(option => $"{command.Name} {option.Name}"));
        Assert.Empty(without);
        Assert.Null(new Option<bool>("--new").Section());
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_sections_of_an_option_are_in_order_and_hidden_options_are_in_none(string verb)
    {
        var command = Find(verb);
        var page = VerbManual.Of(command);
        var titles = page.Sections.Where(section => section.IsOfOptions).Select(section => section.Title).ToArray();
        Assert.Equal(Enum.GetValues<OptionSection>().Select(section => section.Title()).Where(titles.Contains), titles);
        Assert.Equal("Common options", titles[^1]);
        var entries = page.Sections.Where(section => section.IsOfOptions).SelectMany(section => section.Entries);
        var names = entries.SelectMany(entry => entry.Names).ToArray();
        Assert.Equal(names.Distinct(), names);
        Assert.All(command.Options.Where(option => option.Hidden), option => Assert.DoesNotContain(option.Name, names));
        Assert.Superset(command.Options.Where(option => !option.Hidden).Select(option => option.Name).ToHashSet(), names.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_help_fits_the_terminal_and_has_examples_before_options(string verb)
    {
        var page = VerbManual.Of(Find(verb));
        foreach (var width in (int[])[20, 40, 80, 100])
        {
            var lines = HelpText.Lines(page, width).ToArray();
            Assert.All(lines, line =>
            {
                Assert.DoesNotContain(line.Text, char.IsControl);
                Assert.Equal(line.Text.TrimEnd(), line.Text);
                // Only a term, a word or a part of a command is longer.
                var isWrapped = line.Text.Length <= width || line.Text.TrimStart().Split(' ').Length <= 2
                    || line.Text.TrimStart() is ['-', ..] || width < 80 && line.Text.StartsWith("  ", StringComparison.Ordinal);
                Assert.True(isWrapped, line.Text);
            });
            string[] headings = [.. lines.Where(line => line.IsHeading).Select(line => line.Text)];
            Assert.Equal(["Usage:", "Examples:"], headings[..2]);
            Assert.Equal("Common options:", headings[^1]);
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Texts_are_sentences_and_a_summary_fits_one_line(string verb)
    {
        var page = VerbManual.Of(Find(verb));
        Assert.True(page.Summary.Length <= 62 || verb == CommandNames.Tool, page.Summary);
        Assert.EndsWith(".", page.Summary, StringComparison.Ordinal);
        foreach (var entry in page.Sections.SelectMany(section => section.Entries))
        {
            Assert.True(entry.Text is [.., '.' or ']'], entry.Text);
            Assert.True(char.IsUpper(entry.Text[0]) || entry.Text.Contains(": ", StringComparison.Ordinal), entry.Text);
        }
    }

    [Fact]
    public void A_long_command_is_still_one_command_when_it_is_copied()
    {
        const string Command = "overlayimg build --cmd '[\"a\", \"--b\"]' --name app -o - | docker load";
        string[] lines = [.. HelpText.Continued(Command, 41)];
        Assert.Equal(["  overlayimg build --cmd '[\"a\", \"--b\"]' \\", "    --name app -o - | docker load"], lines);
        Assert.Equal([$"  {Command}"], HelpText.Continued(Command, 80));
    }

    [Fact]
    public void The_texts_of_a_narrow_terminal_stand_below_their_terms()
    {
        var page = new ManualPage("x", "S.", "D.", "x", [], [new("Main options", [new(["-o", "--output"], "FILE", "File to write, and more.")])]);
        Assert.Equal(["D.", "", "Usage:", "  x", "", "Main options:", "  -o, --output <FILE>", "      File to write,", "      and more."],
            HelpText.Lines(page, 20).Select(line => line.Text));
        Assert.Equal("  -o, --output <FILE>  File to write, and more.", HelpText.Lines(page, 80).Last().Text);
    }

    [Fact]
    public void Every_verb_is_in_one_section_of_the_tools_help()
    {
        var listed = Root.Sections.SelectMany(section => section.Verbs).Select(verb => verb.Name);
        Assert.Equal(Root.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name), listed);
        Assert.Equal(2, Root.Examples.Count);
    }

    internal static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);

    private static Command Find(string verb) => Commands(Root).First(command => CommandNames.Of(command) == verb);
}
