using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Validation;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>Validates archives and layouts with the default limits.</summary>
internal static class Validation
{
    public static ValidationReport Of(string path)
    {
        using var directory = new TemporaryDirectory();
        return Of(path, directory["scratch"]);
    }

    public static ValidationReport Of(string path, string scratchDirectory)
    {
        using var scratch = ScratchDirectory.Create(scratchDirectory);
        var spool = new Spool(scratch, SpoolLimits.Default);
        return ImageValidator.Run(path, Stream.Null, spool, _ => new Progress<int>(), TestContext.Current.CancellationToken);
    }
}
