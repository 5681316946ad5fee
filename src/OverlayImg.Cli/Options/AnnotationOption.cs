using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary><c>--annotation</c>: annotations of a manifest or an index.</summary>
internal sealed class AnnotationOption(string description)
{
    /// <summary>The name of the option, with its dashes.</summary>
    public const string Name = "--annotation";

    private readonly Option<string[]> _annotations = Values.Repeatable(Name, "NAME=VALUE", description, "NAME=VALUE",
        text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);

    public void AddTo(Command command) => command.Add(OptionSection.Output, _annotations);

    /// <summary>The annotations by name. The last value of a repeated name counts.</summary>
    public IReadOnlyDictionary<string, string> Read(ParseResult parsed)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parts in parsed.GetValue(_annotations)!.Select(text => text.Split('=', 2))) annotations[parts[0]] = parts[1];
        return annotations;
    }
}
