using System.CommandLine;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using OverlayImg.Cli.Verbs;

namespace OverlayImg.Cli.Tests;

/// <summary>No floor below the command line names an option of the tool in a string literal of the code or in an embedded resource.</summary>
public sealed partial class LiteralTests
{
    // Exceptions by whole text: options of other programs with the name of an option of the tool, and a command to copy.
    private static readonly Dictionary<string, string> OfOthers = new()
    {
        ["--version"] = "QEMU is asked for its version.",
        [" --version' fails: "] = "QEMU is asked for its version.",
        ["Write the archive with tar --xattrs --xattrs-include='*', which stores the lists with numeric IDs."] = "GNU tar's.",
        [" -o base.tar'."] = "The end of a whole command of the tool, which advice gives to be copied: 'overlayimg pull NAME -o base.tar'.",
    };

    private static readonly HashSet<string> Options = [.. OptionsOf(CommandLine.Create())];

    public static TheoryData<string> Assemblies => [.. Floors.Declarations.Select(type => type.Assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_lower_floor_names_no_option(string floor)
    {
        var assembly = Assembly.Load(floor);
        var found = LiteralsOf(assembly).Except(OfOthers.Keys).Concat(ResourcesOf(assembly)).Where(text => NamedIn(text).Any()).ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Fact]
    public void Each_exception_is_needed()
    {
        var texts = Floors.Declarations.SelectMany(type => LiteralsOf(type.Assembly)).ToHashSet();
        Assert.All(OfOthers.Keys, text => Assert.True(texts.Contains(text) && NamedIn(text).Any(), $"'{text}' needs no exception."));
    }

    [Fact]
    public void The_options_that_the_command_line_itself_names_are_found()
    {
        Assert.Contains("--memory", Options);
        Assert.Contains("--src-plain-http", Options);
        var texts = LiteralsOf(typeof(CommandLine).Assembly).SelectMany(NamedIn).ToHashSet();
        // Option names are found as a whole text, in the middle of a sentence and at its beginning.
        Assert.Superset(new HashSet<string> { "--memory", "--platform", "--all" }, texts);
        Assert.Equal(["--memory", "--from", "-o", "--tag"], NamedIn("Use '--memory' (--from=x) --memory-of a-o -o --tag."));
    }

    private static IEnumerable<string> OptionsOf(Command command) =>
        command.Options.SelectMany(option => option.Aliases.Append(option.Name))
            .Concat(command.Subcommands.SelectMany(OptionsOf));

    private static IEnumerable<string> NamedIn(string text) => OptionName().Matches(text).Select(match => match.Value).Where(Options.Contains);

    // Reads the #US heap, from which the code loads its string literals (ECMA-335, II.24.2.4).
    private static HashSet<string> LiteralsOf(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var texts = new HashSet<string>();
        for (var handle = MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = reader.GetNextHandle(handle))
            texts.Add(reader.GetUserString(handle));
        return texts;
    }

    private static IEnumerable<string> ResourcesOf(Assembly assembly) => assembly.GetManifestResourceNames().Select(name =>
    {
        using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    });

    [GeneratedRegex("(?<![A-Za-z0-9-])(--[a-z][a-z0-9-]*|-[a-z](?![A-Za-z0-9-]))")]
    private static partial Regex OptionName();
}
