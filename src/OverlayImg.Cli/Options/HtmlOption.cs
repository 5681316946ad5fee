using System.CommandLine;
using OverlayImg.Cli.Completion;

namespace OverlayImg.Cli.Options;

/// <summary><c>--html</c>: the file of an HTML page.</summary>
/// <param name="description">A sentence about the page.</param>
internal sealed class HtmlOption(string description)
{
    private readonly Option<string?> _option = new Option<string?>("--html")
    {
        Description = $"{description} The page is one HTML file that needs no network. - writes to stdout.",
        HelpName = "FILE",
    }.CompletesFiles();

    public void AddTo(Command command) => command.Add(OptionSection.Main, _option);

    /// <summary>The path of the page, or <c>-</c>; null for no page.</summary>
    /// <exception cref="UsageException">The path is empty, or the page and a JSON object would both go to stdout.</exception>
    public string? Read(ParseResult parsed)
    {
        var path = parsed.GetValue(_option);
        if (path is "") throw new UsageException("--html names no file: give the file to write, or - for stdout.");
        if (path == "-" && parsed.GetValue(CommonOptions.Json))
            throw new UsageException("The page and the JSON object can't both go to stdout: name a file with --html, or leave --json out.");
        return path;
    }
}
