using System.CommandLine;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Locations;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary><c>--check</c>: runs the scripts twice and compares the results.</summary>
internal sealed class CheckOption
{
    private readonly Option<bool> _check = new("--check")
    {
        Description = "Make the layer twice at the same time, and write it only if both results are equal. " +
            "Otherwise list each path that differs, with its differences, and exit with 5.",
    };

    public void AddTo(Command command) => command.Add(OptionSection.Scripts, _check);

    /// <exception cref="UsageException">
    /// <c>--reuse</c> is given, too, or the base image or a part of the contents comes from a pipe, which can't be read twice.
    /// </exception>
    public bool Read(ParseResult parsed, ImageChoice? baseImage, LayerContents contents, GuestSettings guest)
    {
        if (!parsed.GetValue(_check)) return false;
        if (guest.Reuse) throw new UsageException("--check runs the scripts twice, and --reuse would not run them at all: give one of the two.");
        if (baseImage is { IsStandardInput: true })
            throw new UsageException("--check reads the base image twice, and stdin can be read only once: save the base image to a file first.");
        if (contents.Paths.FirstOrDefault(path => HostTree.TypeOf(path) == FileType.Fifo) is { } pipe)
            throw new UsageException($"--check reads the contents twice, and a pipe can be read only once: save the content of {pipe} to a file first.");
        return true;
    }
}
