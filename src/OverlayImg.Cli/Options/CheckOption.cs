using System.CommandLine;
using OverlayImg.Images.Locations;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary><c>--check</c>: the verbs that run scripts can run them twice.</summary>
internal sealed class CheckOption
{
    private readonly Option<bool> _check = new("--check")
    {
        Description = "Make the layer twice, side by side, and write it only if both are the same; else list every path that differs and how (exit code 5).",
    };

    public void AddTo(Command command) => command.Add(_check);

    /// <exception cref="UsageException">A result that is reused can't be checked, and what comes from stdin can't be read twice.</exception>
    public bool Read(ParseResult parsed, BaseImageChoice? baseImage, GuestSettings guest)
    {
        if (!parsed.GetValue(_check)) return false;
        if (guest.Reuse) throw new UsageException("--check runs the scripts twice, and --reuse would not run them at all: give one of the two.");
        if (baseImage is { IsStandardInput: true }) throw new UsageException("--check reads the base image twice, and stdin can be read once only: save it to a file first.");
        return true;
    }
}
